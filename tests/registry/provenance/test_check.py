"""Provenance at install: what an index demands, what its record pins, and what comes with the release."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from fakes.sigstore_instance import ALICE, SigstoreInstance
from skillkernel.catalogue.types import Layout
from skillkernel.errors import UsageError
from skillkernel.names import SkillName
from skillkernel_registry.errors import AttestationMissing, AttestationRefused
from skillkernel_registry.index import Index, IndexTerms
from skillkernel_registry.index_format import FileRef, PublisherPin, Record, Release, SearchLine
from skillkernel_registry.progress import OnProgress
from skillkernel_registry.provenance.check import check_provenance, verify_file
from skillkernel_registry.provenance.provenance_object import provenance_object
from skillkernel_registry.wheel_cache import hash_file


class OneSkill(Index):
    """An index that has one wheel, with this provenance object."""

    identity = "test"

    def __init__(self, wheel: Path, provenance: bytes | None, *, demands: bool) -> None:
        self._wheel, self._provenance, self._demands = wheel, provenance, demands

    async def record(self, name: SkillName) -> Record:
        raise NotImplementedError

    async def wheel(self, name: SkillName, release: Release, on_progress: OnProgress) -> Path:
        return self._wheel

    async def provenance(self, name: SkillName, release: Release) -> bytes | None:
        return self._provenance

    def must_attest(self, name: SkillName) -> bool:
        return self._demands

    async def lines(self, text: str = "") -> tuple[SearchLine, ...]:
        return ()

    async def aclose(self) -> None:
        """Nothing is open."""


def listed(wheel: Path, *pins: PublisherPin, provenance: bool) -> Record:
    """The record of the wheel; `provenance`: it promises an attestation."""
    promised = FileRef(path=f"{wheel.name}.provenance", length=1, sha256="0" * 64) if provenance else None
    release = Release(version="1.0", wheel=wheel.name, length=1, sha256=hash_file(wheel), provenance=promised)
    return Record(record_version=1, name="tiny", publishers=pins, releases=(release,))


@pytest.fixture
def signed(sigstore: SigstoreInstance, wheel: Path, alice: PublisherPin) -> bytes:
    """The provenance object of the wheel, attested by alice."""
    return provenance_object([sigstore.attest(wheel)], alice)


async def test_the_signer_is_named_as_the_record_pins_it(
    layout: Layout, wheel: Path, alice: PublisherPin, trust: Path, signed: bytes
) -> None:
    record = listed(wheel, alice, provenance=True)
    index = OneSkill(wheel, signed, demands=True)
    said = await check_provenance(layout, index, record, record.releases[0], wheel, IndexTerms(trust_config=trust))
    assert said == f"{ALICE} (by {alice.issuer})"
    assert index.warnings == ()


async def test_the_trust_configuration_may_stand_in_config_toml(
    layout: Layout, wheel: Path, alice: PublisherPin, trust: Path, signed: bytes
) -> None:
    layout.config.write_text(f'[sigstore]\ntrust_config = "{trust}"\n')
    record = listed(wheel, alice, provenance=True)
    said = await check_provenance(
        layout, OneSkill(wheel, signed, demands=False), record, record.releases[0], wheel, IndexTerms()
    )
    assert said.startswith(ALICE)


async def test_without_it_the_public_instance_is_asked_for(
    layout: Layout, wheel: Path, alice: PublisherPin, signed: bytes
) -> None:
    record = listed(wheel, alice, provenance=True)
    with pytest.raises(AttestationRefused, match="of no authority that the trust root names"):
        await check_provenance(
            layout, OneSkill(wheel, signed, demands=False), record, record.releases[0], wheel, IndexTerms()
        )


async def test_nothing_is_said_of_who_signed_where_nobody_is_pinned(
    layout: Layout, wheel: Path, trust: Path, signed: bytes
) -> None:
    record = listed(wheel, provenance=True)
    index = OneSkill(wheel, signed, demands=False)
    said = await check_provenance(layout, index, record, record.releases[0], wheel, IndexTerms(trust_config=trust))
    assert said == ""
    assert index.warnings == (
        "tiny 1.0 comes with an attestation, and the index does not say whose it must be: it proves nothing",
    )


async def test_an_index_that_demands_nothing_may_have_releases_without(
    layout: Layout, wheel: Path, alice: PublisherPin
) -> None:
    for record in (listed(wheel, provenance=False), listed(wheel, alice, provenance=False)):
        index = OneSkill(wheel, None, demands=False)
        assert await check_provenance(layout, index, record, record.releases[0], wheel, IndexTerms()) == ""
        assert index.warnings == ()


@pytest.mark.parametrize(
    ("pinned", "promised", "demands", "problem"),
    [
        (False, False, True, "its record pins nobody who may sign"),
        (False, True, True, "its record pins nobody who may sign"),
        (True, False, True, "the index demands an attestation of tiny 1.0, and there is none"),
        (True, True, False, "tiny 1.0 is listed with an attestation, and the index does not hand it out"),
    ],
)
async def test_what_is_missing_is_refused(
    layout: Layout, wheel: Path, alice: PublisherPin, pinned: bool, promised: bool, demands: bool, problem: str
) -> None:
    record = listed(wheel, *([alice] if pinned else []), provenance=promised)
    with pytest.raises(AttestationMissing, match=problem):
        await check_provenance(
            layout, OneSkill(wheel, None, demands=demands), record, record.releases[0], wheel, IndexTerms()
        )


async def test_a_bad_attestation_is_refused_where_none_was_demanded_too(
    layout: Layout, sigstore: SigstoreInstance, wheel: Path, alice: PublisherPin, trust: Path
) -> None:
    record = listed(wheel, alice, provenance=True)
    bad = provenance_object([sigstore.attest(wheel, sigstore.token("mallory@example.com"))], alice)
    with pytest.raises(AttestationRefused, match=r"mallory@example\.com"):
        await check_provenance(
            layout, OneSkill(wheel, bad, demands=False), record, record.releases[0], wheel,
            IndexTerms(trust_config=trust),
        )  # fmt: skip


@pytest.fixture
def beside(wheel: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        place = wheel.with_name("evidence")
        place.write_bytes(data)
        return place

    return write


def test_a_file_is_verified_by_an_attestation_or_by_a_provenance_object(
    sigstore: SigstoreInstance,
    wheel: Path,
    alice: PublisherPin,
    trust: Path,
    signed: bytes,
    beside: Callable[[bytes], Path],
) -> None:
    for data in (sigstore.attest(wheel), signed):
        assert verify_file(wheel, beside(data), alice, trust).pin == alice


def test_a_file_that_is_too_large_to_be_an_attestation_is_not_read(
    wheel: Path, alice: PublisherPin, trust: Path, beside: Callable[[bytes], Path]
) -> None:
    with pytest.raises(UsageError, match="more than 2,000,000 bytes"):
        verify_file(wheel, beside(b" " * 2_000_001), alice, trust)


@pytest.mark.parametrize("missing", ["wheel", "evidence"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, wheel: Path, alice: PublisherPin, missing: str) -> None:
    place = tmp_path / "nothing.whl"
    with pytest.raises(UsageError, match=r"nothing\.whl cannot be read"):
        verify_file(place if missing == "wheel" else wheel, place if missing == "evidence" else wheel, alice)


def test_sigstore_is_not_imported_before_there_is_something_to_check() -> None:
    program = (
        "import sys, skillkernel_registry.install, skillkernel_registry.provenance.check, "
        "skillkernel_registry.provenance.signing, skillkernel_cli.commands.sign\n"
        "print(sorted({'sigstore', 'pypi_attestations', 'pydantic', 'requests'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_a_record_without_its_publishers_reads_as_one_that_pins_nobody() -> None:
    assert msgspec.convert({"record_version": 1, "name": "tiny"}, Record).publishers == ()
