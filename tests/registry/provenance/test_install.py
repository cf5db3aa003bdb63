"""Installing from an index whose record pins a publisher: nothing is unpacked that somebody else signed."""

import hashlib
import json
from pathlib import Path

import pytest

from fakes.indexes import write_index
from fakes.sigstore_instance import ALICE, SigstoreInstance
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Layout
from skillkernel_registry.errors import AttestationRefused
from skillkernel_registry.index import IndexTerms
from skillkernel_registry.index_format import PublisherPin
from skillkernel_registry.install import install
from skillkernel_registry.provenance.provenance_object import provenance_object, publisher_object


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return write_index(tmp_path / "index", SkillWheelFake())


def attested(index: Path, sigstore: SigstoreInstance, alice: PublisherPin, token: str) -> None:
    """Have the index pin alice for the skill tiny, and list what the owner of the token attested."""
    (wheel,) = (index / "wheels").rglob("*.whl")
    data = provenance_object([sigstore.attest(wheel, token)], alice)
    place = index / "provenance" / f"{wheel.name}.provenance"
    place.parent.mkdir()
    place.write_bytes(data)
    file = index / "skills" / "tiny.json"
    record = json.loads(file.read_bytes())
    record["publishers"] = [publisher_object(alice)]
    digest = hashlib.sha256(data).hexdigest()
    record["releases"][0]["provenance"] = {"path": place.name, "length": len(data), "sha256": digest}
    file.write_text(json.dumps(record))


async def test_the_publishers_own_is_installed(
    layout: Layout, index: Path, sigstore: SigstoreInstance, alice: PublisherPin, trust: Path
) -> None:
    attested(index, sigstore, alice, sigstore.token())
    terms = IndexTerms(unsigned=True, trust_config=trust)
    await install(layout, ["tiny"], index=str(index), terms=terms, consent=lambda plan: True)
    (skill,) = read_catalogue(layout).skills
    assert skill.signer == f"{ALICE} (by {sigstore.url})"


async def test_somebody_elses_is_refused_and_nothing_is_changed(
    layout: Layout, index: Path, sigstore: SigstoreInstance, alice: PublisherPin, trust: Path
) -> None:
    attested(index, sigstore, alice, sigstore.token("mallory@example.com"))
    terms = IndexTerms(unsigned=True, trust_config=trust)
    with pytest.raises(AttestationRefused, match=r"mallory@example\.com"):
        await install(layout, ["tiny"], index=str(index), terms=terms, consent=lambda plan: True)
    assert read_catalogue(layout).skills == ()
    assert not layout.store.exists()
