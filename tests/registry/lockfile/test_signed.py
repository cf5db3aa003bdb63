"""A lock of a signed index: its root, and the signer of each wheel, are what another machine has to find."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from fakes.index_server import serve
from fakes.signed_indexes import write_signed_index
from fakes.signed_use import TRUSTING
from fakes.sigstore_instance import ALICE, SigstoreInstance, sigstore_instance
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Layout
from skillkernel.errors import IntegrityError
from skillkernel_registry.errors import RootRefused
from skillkernel_registry.index import STRICT, IndexTerms
from skillkernel_registry.index_format import PublisherPin
from skillkernel_registry.install import install
from skillkernel_registry.keeper.folder_files import FolderFiles
from skillkernel_registry.keeper.keeper import Keeper
from skillkernel_registry.lockfile.format import LockFile
from skillkernel_registry.lockfile.locking import lock_installed
from skillkernel_registry.lockfile.sync import sync
from skillkernel_registry.trust.roots import known_root
from skillkernel_registry.uninstall import uninstall
from skillkernel_registry.verify import verify
from skillkernel_registry.verify_signers import verify_signers


@pytest.fixture
def sigstore(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[SigstoreInstance]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    with sigstore_instance() as instance:
        yield instance


@pytest.fixture
def terms(sigstore: SigstoreInstance, tmp_path: Path) -> IndexTerms:
    return replace(TRUSTING, trust_config=sigstore.write_trust_config(tmp_path))


@pytest.fixture
def index(tmp_path: Path, sigstore: SigstoreInstance, terms: IndexTerms) -> Path:
    """An index that demands attestations, with one skill that alice signed."""
    signed = write_signed_index(tmp_path / "index", tmp_path / "keys", attestations="all")
    signed.trust = terms.trust_config
    wheel = SkillWheelFake().write(tmp_path / "dist")
    alice = PublisherPin(kind="Identity", identity=ALICE, issuer=sigstore.issuer.url)
    signed.keeper.add([wheel], pins=[alice], attestations={wheel.name: sigstore.attest(wheel, sigstore.token())})
    return signed.folder


@pytest.fixture
def other(tmp_path: Path) -> Layout:
    """Another machine."""
    home = Layout(tmp_path / "other")
    home.home.mkdir(mode=0o700)
    return home


async def locked(layout: Layout, where: str, terms: IndexTerms) -> LockFile:
    await install(layout, ["tiny"], index=where, terms=terms, consent=lambda plan: True)
    return await lock_installed(layout)


async def synced(layout: Layout, lock: LockFile, folder: Path, terms: IndexTerms, *, offline: bool = False) -> None:
    await sync(layout, lock, folder / "skill.lock", terms=terms, offline=offline, consent=lambda plan: True)


async def test_signer_and_root_are_locked_and_found_again(
    layout: Layout, other: Layout, index: Path, terms: IndexTerms
) -> None:
    lock = await locked(layout, str(index), terms)
    root = known_root(layout, str(index))
    assert root is not None
    assert (lock.indexes[0].root, lock.skills[0].signer.startswith(ALICE)) == (root.fingerprint, True)
    await synced(other, lock, index, terms)
    assert read_catalogue(other).skills == read_catalogue(layout).skills
    assert (await verify(other)).findings == ()


async def test_another_root_than_the_locks_is_refused_before_anybody_is_asked(
    layout: Layout, other: Layout, index: Path, terms: IndexTerms
) -> None:
    lock = await locked(layout, str(index), terms)
    wrong = msgspec.structs.replace(lock, indexes=(msgspec.structs.replace(lock.indexes[0], root="0" * 64),))
    with pytest.raises(IntegrityError, match="the lock says 0000"):
        await synced(other, wrong, index, terms)
    assert known_root(other, str(index)) is None


async def test_a_lock_makes_nobody_trust_an_index(
    layout: Layout, other: Layout, index: Path, terms: IndexTerms
) -> None:
    lock = await locked(layout, str(index), terms)
    with pytest.raises(RootRefused):
        await synced(other, lock, index, STRICT)


@pytest.mark.parametrize("signer", ["", "mallory@example.com (by https://accounts.example/)"])
async def test_another_signer_than_the_locks_is_refused(
    layout: Layout, other: Layout, index: Path, terms: IndexTerms, signer: str
) -> None:
    lock = await locked(layout, str(index), terms)
    wrong = msgspec.structs.replace(lock, skills=(msgspec.structs.replace(lock.skills[0], signer=signer),))
    for home in (other, layout):
        with pytest.raises(IntegrityError, match="signed by alice"):
            await synced(home, wrong, index, terms)


async def test_what_was_signed_comes_back_without_its_server(
    layout: Layout, index: Path, terms: IndexTerms, tmp_path: Path
) -> None:
    with serve(index) as server:
        lock = await locked(layout, server.url, terms)
        before = read_catalogue(layout).skills
        await uninstall(layout, "tiny")
    await synced(layout, lock, tmp_path, STRICT, offline=True)
    assert read_catalogue(layout).skills == before


async def test_verifying_checks_the_attestation_again(layout: Layout, index: Path, terms: IndexTerms) -> None:
    await locked(layout, str(index), terms)
    skills = read_catalogue(layout).skills
    attested = await verify_signers(layout, skills, terms)
    assert (attested.findings, attested.unchecked) == ((), ())
    wrong = msgspec.structs.replace(skills[0], signer="mallory@example.com")
    (finding,) = (await verify_signers(layout, [wrong], terms)).findings
    assert "when it was installed it was mallory@example.com" in finding.problem
    assert ALICE in finding.problem


async def test_a_release_that_its_index_took_back_is_told(
    layout: Layout, tmp_path: Path, index: Path, terms: IndexTerms
) -> None:
    await locked(layout, str(index), terms)
    Keeper.open(FolderFiles(index), tmp_path / "keys").remove("tiny", "1.0")
    (finding,) = (await verify_signers(layout, read_catalogue(layout).skills, terms)).findings
    assert finding.place == "tiny 1.0"


async def test_an_index_that_does_not_answer_is_no_finding(layout: Layout, index: Path, terms: IndexTerms) -> None:
    with serve(index) as server:
        await locked(layout, server.url, terms)
    attested = await verify_signers(layout, read_catalogue(layout).skills, terms)
    assert attested.findings == ()
    (said,) = attested.unchecked
    assert said.startswith("the attestation of tiny was not checked again: ")
