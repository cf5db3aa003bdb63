"""The first trust in an index: asked once, pinned whole, followed from there, forgotten only when a person says so."""

import hashlib
from pathlib import Path

import pytest

from fakes.index_server import IndexServer
from fakes.signed_use import fetched, opened
from fakes.tuf_repository import TufRepository
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.types import Layout
from skillkernel.errors import IntegrityError, UsageError
from skillkernel_registry.errors import IndexTampered, IndexUnsigned, RootRefused
from skillkernel_registry.index import STRICT, IndexTerms, NewRoot
from skillkernel_registry.trust.roots import TrustFolder, forget, known_root, pin_root, was_signed


def first_root(repository: TufRepository) -> bytes:
    return (repository.folder / "metadata/1.root.json").read_bytes()


async def test_a_person_is_asked_once_about_the_first_root(
    layout: Layout, repository: TufRepository, where: str
) -> None:
    asked: list[NewRoot] = []

    async def accept(root: NewRoot) -> bool:
        asked.append(root)
        return True

    async with opened(layout, where, IndexTerms(accept_root=accept)):
        pass
    async with opened(layout, where, IndexTerms(accept_root=accept)) as index:
        assert index.root == asked[0].fingerprint
    keys = tuple(key.public_key.keyid for key in repository.signers["root"])
    assert asked == [NewRoot(where, hashlib.sha256(first_root(repository)).hexdigest(), keys, 1)]
    assert known_root(layout, where) == asked[0]


async def test_without_a_yes_nothing_is_used_or_remembered(
    layout: Layout, repository: TufRepository, server: IndexServer
) -> None:
    with pytest.raises(RootRefused) as caught:
        async with opened(layout, server.url, STRICT):
            pass
    assert server.url in caught.value.message
    assert "skill index use" in caught.value.hint
    assert caught.value.exit_code == 3
    assert not was_signed(layout, server.url)
    assert server.asked == ["/index.json", "/metadata/1.root.json"]


async def test_the_fingerprint_stays_whatever_roots_come_after(
    layout: Layout, repository: TufRepository, where: str
) -> None:
    repository.rotate("root")
    repository.rotate("timestamp")
    repository.publish()
    async with opened(layout, where) as index:
        assert index.root == hashlib.sha256(first_root(repository)).hexdigest()


async def test_who_was_away_for_many_roots_follows_them_all(
    layout: Layout, repository: TufRepository, where: str
) -> None:
    await fetched(layout, where)
    for role in ("root", "timestamp", "root", "snapshot", "targets", "root"):
        repository.rotate(role)
    repository.write_targets("targets")
    repository.publish()
    await fetched(layout, where)
    async with opened(layout, where):
        pass
    newest = TrustFolder(layout, where).metadata / "root.json"
    assert newest.read_bytes() == (repository.folder / "metadata/7.root.json").read_bytes()


async def test_a_root_from_a_file_is_not_asked_about(layout: Layout, repository: TufRepository, where: str) -> None:
    repository.rotate("root")
    repository.publish()
    pinned = pin_root(layout, where, (repository.folder / "metadata/2.root.json").read_bytes())
    async with opened(layout, where, STRICT) as index:
        assert index.root == pinned.fingerprint


async def test_the_root_of_another_index_lets_nothing_through(
    layout: Layout, repository: TufRepository, where: str, tmp_path: Path
) -> None:
    other = TufRepository(tmp_path / "other")
    pin_root(layout, where, first_root(other))
    with pytest.raises(IndexTampered, match="is not signed by those who may"):
        await fetched(layout, where)


async def test_another_root_does_not_replace_the_one_that_is_trusted(
    layout: Layout, repository: TufRepository, where: str, tmp_path: Path
) -> None:
    await fetched(layout, where)
    pin_root(layout, where, first_root(repository))
    repository.rotate("root")
    repository.publish()
    await fetched(layout, where)
    pin_root(layout, where, (repository.folder / "metadata/2.root.json").read_bytes())
    other = TufRepository(tmp_path / "other")
    with pytest.raises(UsageError, match="trusted by another root already") as caught:
        pin_root(layout, where, first_root(other))
    assert "index forget" in caught.value.hint
    assert forget(layout, where)
    pin_root(layout, where, first_root(other))


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b'{"signed": {}, "signatures": []}'])
def test_what_is_no_root_is_not_pinned(layout: Layout, data: bytes) -> None:
    with pytest.raises(IndexTampered, match=r"the root\.json of here is not a root"):
        pin_root(layout, "here", data)
    assert not was_signed(layout, "here")


def test_metadata_of_another_role_is_not_pinned(layout: Layout, repository: TufRepository) -> None:
    with pytest.raises(IndexTampered, match="is 'timestamp', not a root"):
        pin_root(layout, "here", (repository.folder / "metadata/timestamp.json").read_bytes())


def test_a_root_with_too_few_signatures_is_not_pinned(layout: Layout, tmp_path: Path) -> None:
    repository = TufRepository(tmp_path / "index", threshold=2)
    data = repository.signed(repository.root, "root", repository.signers["root"][:1])
    with pytest.raises(IndexTampered, match="1/2 keys"):
        pin_root(layout, "here", data)
    assert not was_signed(layout, "here")


async def test_a_pinned_root_that_was_damaged_is_said(layout: Layout, repository: TufRepository, where: str) -> None:
    await fetched(layout, where)
    pinned = TrustFolder(layout, where).first_root
    good = pinned.read_bytes()
    for damage in (b"", good[:-20], good.replace(b"2", b"3", 1)):
        pinned.write_bytes(damage)
        with pytest.raises(
            IntegrityError, match=r"first-root\.json, by which an index was trusted, is damaged"
        ) as caught:
            await fetched(layout, where)
        assert "index forget" in caught.value.hint
    pinned.unlink()
    with pytest.raises(IntegrityError, match="is damaged"):
        await fetched(layout, where)
    assert was_signed(layout, where)


async def test_what_was_forgotten_is_new_again(layout: Layout, repository: TufRepository, where: str) -> None:
    assert not forget(layout, where)
    await fetched(layout, where)
    assert forget(layout, where)
    assert not was_signed(layout, where)
    assert known_root(layout, where) is None
    assert not [path for path in layout.trust.iterdir() if path.is_dir()]
    with pytest.raises(RootRefused):
        async with opened(layout, where, STRICT):
            pass


async def test_an_index_without_metadata_is_unsigned(layout: Layout, repository: TufRepository, where: str) -> None:
    file = repository.folder / "index.json"
    file.write_bytes(file.read_bytes().replace(b'"metadata/"', b'""'))
    with pytest.raises(IndexUnsigned):
        await fetched(layout, where)
    assert not was_signed(layout, where)


async def test_an_index_that_says_it_is_signed_and_has_no_root_is_refused(
    layout: Layout, repository: TufRepository, where: str
) -> None:
    (repository.folder / "metadata/1.root.json").unlink()
    with pytest.raises(IndexTampered, match="is not there, though the index says that it is signed"):
        await fetched(layout, where)


async def test_two_indexes_are_trusted_apart(layout: Layout, repository: TufRepository, tmp_path: Path) -> None:
    other = TufRepository(tmp_path / "other")
    other.add(SkillWheelFake(version="2.0"))
    await fetched(layout, str(repository.folder))
    with pytest.raises(RootRefused):
        async with opened(layout, str(other.folder), STRICT):
            pass
    assert "2.0" in (await fetched(layout, str(other.folder))).name
    assert "1.0" in (await fetched(layout, str(repository.folder))).name
    forget(layout, str(other.folder))
    async with opened(layout, str(repository.folder), STRICT):
        pass
