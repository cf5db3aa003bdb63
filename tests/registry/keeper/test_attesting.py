"""No attestation is published that those who install the skill would refuse; signed with the real client, on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.signed_indexes import SignedIndex, write_signed_index
from fakes.sigstore_instance import ALICE, SigstoreInstance, sigstore_instance
from fakes.wheels import SkillWheelFake
from skillkernel.errors import Refused
from skillkernel.names import skill_name
from skillkernel_registry.errors import AttestationRefused
from skillkernel_registry.index_format import PublisherPin, Record
from skillkernel_registry.keeper.attesting import sigstore_check
from skillkernel_registry.keeper.check import check
from skillkernel_registry.keeper.keeper import Keeper
from skillkernel_registry.provenance.check import check_evidence

WHEEL = "skill_tiny-1.0-py3-none-any.whl"


@pytest.fixture
def sigstore(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[SigstoreInstance]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    with sigstore_instance() as instance:
        yield instance


@pytest.fixture
def trust(sigstore: SigstoreInstance, tmp_path: Path) -> Path:
    return sigstore.write_trust_config(tmp_path)


@pytest.fixture
def index(tmp_path: Path) -> SignedIndex:
    return write_signed_index(tmp_path / "index", tmp_path / "keys")


@pytest.fixture
def keeper(index: SignedIndex, trust: Path) -> Keeper:
    return Keeper.open(index.files, index.keys, check=sigstore_check(trust))


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return SkillWheelFake().write(tmp_path / "dist")


def pin(sigstore: SigstoreInstance, identity: str = ALICE) -> PublisherPin:
    return PublisherPin(kind="Identity", identity=identity, issuer=sigstore.issuer.url)


def record_of(index: SignedIndex) -> Record:
    record = index.keeper.state().record(skill_name("tiny"))
    assert record is not None
    return record


def provenance(index: SignedIndex) -> bytes:
    (release,) = record_of(index).releases
    assert release.provenance is not None
    return (index.folder / "provenance" / release.provenance.path).read_bytes()


def everything(index: SignedIndex) -> dict[str, bytes]:
    return {path: index.files.read(path) or b"" for path in index.files.paths("")}


def test_an_attestation_of_the_pinned_publisher_is_published_and_those_who_install_take_it(
    index: SignedIndex, keeper: Keeper, sigstore: SigstoreInstance, wheel: Path, trust: Path
) -> None:
    alice = pin(sigstore)
    outcome = keeper.add([wheel], pins=[alice], attestations={WHEEL: sigstore.attest(wheel)})
    assert outcome.warnings == ()
    assert check_evidence(wheel, provenance(index), record_of(index).publishers, trust).pin == alice
    keeper.add([wheel], attestations={WHEEL: sigstore.attest(wheel)})
    assert check_evidence(wheel, provenance(index), (alice,), trust).pin == alice
    assert [finding for finding in check(index.files, index.now) if not finding.harmless] == []


def test_the_provenance_is_under_the_pin_that_was_met_and_not_under_the_first(
    index: SignedIndex, keeper: Keeper, sigstore: SigstoreInstance, wheel: Path, trust: Path
) -> None:
    repository = PublisherPin(kind="GitHub", repository="someone/tiny", workflow="release.yml")
    pins = (repository, pin(sigstore))
    keeper.add([wheel], pins=pins, attestations={WHEEL: sigstore.attest(wheel)})
    assert check_evidence(wheel, provenance(index), pins, trust).identity == ALICE


@pytest.mark.parametrize("at", ["given", "beside"])
def test_an_attestation_of_somebody_else_is_refused_and_nothing_is_written(
    index: SignedIndex, keeper: Keeper, sigstore: SigstoreInstance, wheel: Path, at: str
) -> None:
    before = everything(index)
    attestation = sigstore.attest(wheel, sigstore.token("mallory@example.com"))
    if at == "beside":
        wheel.with_name(f"{WHEEL}.publish.attestation").write_bytes(attestation)
    with pytest.raises(AttestationRefused, match=r"its certificate is that of mallory@example\.com"):
        keeper.add([wheel], pins=[pin(sigstore)], attestations={WHEEL: attestation} if at == "given" else {})
    assert everything(index) == before


def test_an_attestation_of_another_file_is_refused_and_nothing_is_written(
    index: SignedIndex, keeper: Keeper, sigstore: SigstoreInstance, wheel: Path, tmp_path: Path
) -> None:
    before = everything(index)
    other = SkillWheelFake(version="2.0").write(tmp_path / "dist")
    namesake = SkillWheelFake(permissions={"network": ["example.org:443"]}).write(tmp_path / "other")
    for file, problem in ((other, "the attestation of another file, skill_tiny-2.0"), (namesake, "the sha256 differs")):
        with pytest.raises(AttestationRefused, match=problem):
            keeper.add([wheel], pins=[pin(sigstore)], attestations={WHEEL: sigstore.attest(file)})
    assert everything(index) == before


def test_an_attestation_of_an_instance_that_is_not_trusted_is_refused(
    index: SignedIndex, sigstore: SigstoreInstance, wheel: Path
) -> None:
    """Without a trust configuration it is the public instance that counts."""
    with pytest.raises(AttestationRefused, match="of no authority that the trust root names"):
        index.keeper.add([wheel], pins=[pin(sigstore)], attestations={WHEEL: sigstore.attest(wheel)})


def test_an_attestation_that_only_tells_how_the_file_was_built_is_refused(
    keeper: Keeper, sigstore: SigstoreInstance, wheel: Path
) -> None:
    built = sigstore.state_of(wheel, "https://slsa.dev/provenance/v1")
    with pytest.raises(AttestationRefused, match="not that it was published"):
        keeper.add([wheel], pins=[pin(sigstore)], attestations={WHEEL: built})


def test_an_attestation_without_a_pin_is_kept_under_its_signer_with_a_warning_that_tells_the_pin(
    index: SignedIndex, keeper: Keeper, sigstore: SigstoreInstance, wheel: Path, trust: Path
) -> None:
    (warning,) = keeper.add([wheel], attestations={WHEEL: sigstore.attest(wheel)}).warnings
    assert "is pinned to nobody: that proves nothing" in warning
    assert f"--pin-identity {ALICE} --pin-issuer {sigstore.issuer.url}" in warning
    assert record_of(index).publishers == ()
    keeper.add([wheel], pins=[pin(sigstore)])
    assert check_evidence(wheel, provenance(index), record_of(index).publishers, trust).identity == ALICE


def test_what_is_no_attestation_is_refused_without_a_pin_too(keeper: Keeper, wheel: Path) -> None:
    with pytest.raises(AttestationRefused, match="it is no attestation"):
        keeper.add([wheel], attestations={WHEEL: b"{}"})


def test_an_index_that_asks_for_attestations_takes_none_that_nobody_is_pinned_for(
    index: SignedIndex, keeper: Keeper, sigstore: SigstoreInstance, wheel: Path
) -> None:
    keeper.set_policy("all")
    with pytest.raises(Refused, match="nobody is pinned whose it may be"):
        keeper.add([wheel], attestations={WHEEL: sigstore.attest(wheel)})
    keeper.add([wheel], pins=[pin(sigstore)], attestations={WHEEL: sigstore.attest(wheel)})
