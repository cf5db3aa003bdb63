"""The attacks that The Update Framework names, each against a client that would fall for it without the defence."""

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from securesystemslib.signer import CryptoSigner  # pyright: ignore[reportPrivateImportUsage] # it is documented there

from fakes.index_server import IndexServer, redirect
from fakes.signed_use import TRUSTING, fetched, opened
from fakes.tuf_repository import TufRepository, in_days
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.types import Layout
from skillkernel.errors import IntegrityError
from skillkernel_registry.errors import IndexExpired, IndexRolledBack, IndexTampered
from skillkernel_registry.index import IndexTerms
from skillkernel_registry.trust.roots import TrustFolder

TINY = "skills/tiny.json"


@pytest.fixture
def newcomer(tmp_path: Path) -> Layout:
    """A client that has never seen the index: what an old one refuses it cannot know."""
    home = tmp_path / "newcomer"
    home.mkdir(mode=0o700)
    return Layout(home)


def release(repository: TufRepository, version: str) -> None:
    repository.add(SkillWheelFake(version=version))


def edit(file: Path, old: bytes, new: bytes) -> None:
    data = file.read_bytes()
    assert old in data
    file.write_bytes(data.replace(old, new))


def hashed(repository: TufRepository, path: str) -> str:
    digest = repository.role_of(path).targets[path].hashes["sha256"]
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{digest}.{name}"


# arbitrary package


async def test_a_record_that_no_key_vouches_for_is_refused(
    layout: Layout, repository: TufRepository, where: str
) -> None:
    file = repository.folder / hashed(repository, TINY)
    edit(file, b'"1.0"', b'"6.6"')
    with pytest.raises(IntegrityError, match=r"tiny\.json is not what the index promised: expected sha256"):
        await fetched(layout, where)


async def test_a_bin_that_no_key_vouches_for_is_refused(
    layout: Layout, newcomer: Layout, repository: TufRepository, where: str
) -> None:
    name = repository.bin_of(TINY)
    role = repository.bins[name]
    evil = repository.record("tiny").releases[0].sha256
    role.targets[TINY].hashes["sha256"] = evil
    stranger = [CryptoSigner.generate_ed25519()]
    repository.put(f"metadata/{role.version}.{name}.json", repository.signed(role, name, stranger))
    with pytest.raises(IndexTampered, match=f"{name}.json is not signed by those who may: .*0/1 keys"):
        await fetched(layout, where)
    repository.put(f"metadata/{role.version}.{name}.json", repository.signed(role, name))
    with pytest.raises(IntegrityError, match="is not there, though the index vouches for it"):
        await fetched(newcomer, where)


async def test_a_wheel_that_was_swapped_is_refused(layout: Layout, repository: TufRepository, where: str) -> None:
    wheel = next((repository.folder / "wheels").glob("skill_tiny*"))
    wheel.write_bytes(bytes(wheel.stat().st_size))
    with pytest.raises(IntegrityError, match="expected sha256"):
        await fetched(layout, where)
    assert not list((layout.cache / "wheels").rglob("*.whl"))


async def test_a_signed_record_of_another_skill_is_refused(
    layout: Layout, repository: TufRepository, where: str
) -> None:
    other = (repository.folder / hashed(repository, "skills/calendar.json")).read_bytes()
    repository.target(TINY, other)
    repository.publish()
    with pytest.raises(IntegrityError, match="it is about 'calendar', not tiny"):
        await fetched(layout, where)


# rollback


async def test_an_older_timestamp_is_refused(
    layout: Layout, newcomer: Layout, repository: TufRepository, where: str
) -> None:
    old = repository.state()
    seen = repository.timestamp.version
    release(repository, "2.0")
    await fetched(layout, where)
    repository.restore(old)
    with pytest.raises(IndexRolledBack) as caught:
        await fetched(layout, where)
    assert (
        f"timestamp.json is older than what was seen before (version {seen}, seen {seen + 1})" in caught.value.message
    )
    assert "tiny-1.0" in (await fetched(newcomer, where)).name


async def test_an_older_snapshot_under_a_new_timestamp_is_refused(
    layout: Layout, newcomer: Layout, repository: TufRepository, where: str
) -> None:
    old = repository.timestamp.snapshot_meta
    release(repository, "2.0")
    await fetched(layout, where)
    repository.timestamp.snapshot_meta = old
    repository.timestamp.version += 1
    repository.put("metadata/timestamp.json", repository.signed(repository.timestamp, "timestamp"))
    with pytest.raises(
        IndexRolledBack, match=rf"snapshot\.json in .*\(version {old.version}, seen {old.version + 1}\)"
    ):
        await fetched(layout, where)
    assert "tiny-1.0" in (await fetched(newcomer, where)).name


@pytest.mark.parametrize("kind", ["bin", "targets"])
async def test_an_older_role_under_a_new_snapshot_is_refused(
    layout: Layout, newcomer: Layout, repository: TufRepository, where: str, kind: str
) -> None:
    name = repository.bin_of(TINY) if kind == "bin" else "targets"
    role = repository.targets if kind == "targets" else repository.bins[name]
    before = role.version
    release(repository, "2.0")
    if kind == "targets":
        repository.write_targets("targets")
        repository.publish()
    await fetched(layout, where)
    role.version = before
    repository.write_snapshot()
    repository.write_timestamp()
    with pytest.raises(IndexRolledBack, match=rf"{name}\.json in .*\(version {before}, seen {before + 1}\)"):
        await fetched(layout, where)
    assert await fetched(newcomer, where)


async def test_a_snapshot_that_hides_a_role_is_refused(layout: Layout, repository: TufRepository, where: str) -> None:
    await fetched(layout, where)
    name = repository.bin_of(TINY)
    del repository.bins[name]
    repository.write_snapshot()
    repository.write_timestamp()
    with pytest.raises(IndexRolledBack, match=rf"lacks {name}\.json, which was seen before"):
        await fetched(layout, where)


# freeze, and every role that expires


@pytest.mark.parametrize("role", ["root", "timestamp", "snapshot", "targets", "bin"])
async def test_a_role_that_expired_is_refused_with_its_day(
    layout: Layout, repository: TufRepository, where: str, role: str
) -> None:
    await fetched(layout, where)
    past = in_days(-1)
    if role == "bin":
        repository.bins[repository.bin_of(TINY)].expires = past
    else:
        getattr(repository, role).expires = past
    if role == "root":
        repository.write_root()
    repository.publish()
    with pytest.raises(IndexExpired) as caught:
        await fetched(layout, where)
    assert f"expired on {past:%Y-%m-%dT%H:%M:%SZ}" in caught.value.message
    assert (role if role != "bin" else "skills-") in caught.value.message
    assert "clock" in caught.value.hint


async def test_a_frozen_index_is_used_until_its_timestamp_expires(
    layout: Layout, repository: TufRepository, where: str
) -> None:
    kept = TrustFolder(layout, where).metadata / "timestamp.json"
    frozen = repository.state()
    await fetched(layout, where)
    release(repository, "2.0")
    published = repository.state()
    repository.restore(frozen)
    assert "tiny-1.0" in (await fetched(layout, where)).name
    repository.restore(published)
    repository.timestamp.expires = in_days(-0.001)
    repository.write_timestamp()
    with pytest.raises(IndexExpired, match=r"timestamp\.json, the timestamp, expired on"):
        await fetched(layout, where)
    kept.write_bytes((repository.folder / "metadata/timestamp.json").read_bytes())
    with pytest.raises(IndexExpired, match=r"the timestamp that .* is checked by expired on"):
        await fetched(layout, where)


async def test_a_root_that_expired_in_between_does_not_matter(
    layout: Layout, repository: TufRepository, where: str
) -> None:
    await fetched(layout, where)
    repository.root.expires = in_days(-1)
    repository.write_root()
    repository.root.expires = in_days(365)
    repository.write_root()
    await fetched(layout, where)


# mix and match


async def test_an_older_snapshot_in_place_of_the_new_is_refused(
    layout: Layout, repository: TufRepository, where: str
) -> None:
    old = (repository.folder / f"metadata/{repository.snapshot.version}.snapshot.json").read_bytes()
    release(repository, "2.0")
    repository.put(f"metadata/{repository.snapshot.version}.snapshot.json", old)
    with pytest.raises(IndexTampered, match=r"snapshot\.json is not the snapshot that the index signed"):
        await fetched(layout, where)


@pytest.mark.parametrize("name", ["bin", "targets"])
async def test_an_older_role_in_place_of_the_new_is_refused(
    layout: Layout, repository: TufRepository, where: str, name: str
) -> None:
    role = repository.bin_of(TINY) if name == "bin" else "targets"
    version = (repository.bins[role] if name == "bin" else repository.targets).version
    old = (repository.folder / f"metadata/{version}.{role}.json").read_bytes()
    repository.write_targets(role)
    repository.publish()
    repository.put(f"metadata/{version + 1}.{role}.json", old)
    with pytest.raises(IndexTampered, match=rf"{role}\.json does not belong to the other files"):
        await fetched(layout, where)


# fast forward


@pytest.mark.parametrize("rotated", [["timestamp", "snapshot"], ["timestamp"], ["snapshot"]])
async def test_a_version_that_was_driven_up_is_forgotten_when_the_key_is_revoked(
    layout: Layout, repository: TufRepository, where: str, rotated: list[str]
) -> None:
    honest = repository.state()
    versions = {name: role.version for name, role in repository.bins.items()}
    timestamp, snapshot = repository.timestamp.version, repository.snapshot.version
    for driven_up in repository.bins.values():
        driven_up.version += 1_000_000
    repository.targets.version += 1_000_000
    for name in ("targets", *repository.bins):
        repository.write_targets(name)
    repository.snapshot.version = repository.timestamp.version = 1_000_000
    repository.write_snapshot()
    repository.write_timestamp()
    await fetched(layout, where)
    repository.restore(honest)
    for name, version in versions.items():
        repository.bins[name].version = version
    repository.targets.version -= 1_000_001
    repository.timestamp.version, repository.snapshot.version = timestamp, snapshot
    repository.publish()
    with pytest.raises(IndexRolledBack):
        await fetched(layout, where)
    for role in rotated:
        repository.rotate(role)
    repository.publish()
    await fetched(layout, where)
    repository.publish()
    await fetched(layout, where)


# threshold and revoked keys


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "skills"])
async def test_too_few_signatures_are_refused(layout: Layout, tmp_path: Path, role: str) -> None:
    repository = TufRepository(tmp_path / "index", threshold=2)
    repository.add(SkillWheelFake())
    await fetched(layout, str(repository.folder))
    both = repository.signers[role]
    repository.signers[role] = both[:1]
    if role == "skills":
        repository.write_targets(repository.bin_of(TINY))
    elif role == "targets":
        repository.write_targets(role)
    repository.write_snapshot()
    repository.write_timestamp()
    with pytest.raises(IndexTampered, match=r"is not signed by those who may: .* was signed by 1/2 keys"):
        await fetched(layout, str(repository.folder))
    repository.signers[role] = both
    repository.publish()
    await fetched(layout, str(repository.folder))


async def test_one_key_that_signs_twice_counts_once(layout: Layout, tmp_path: Path) -> None:
    repository = TufRepository(tmp_path / "index", threshold=2)
    repository.add(SkillWheelFake())
    file = repository.folder / "metadata/timestamp.json"
    value = msgspec.json.decode(file.read_bytes())
    value["signatures"] = value["signatures"][:1] * 2
    file.write_bytes(msgspec.json.encode(value))
    with pytest.raises(IndexTampered, match=r"timestamp\.json cannot be used"):
        await fetched(layout, str(repository.folder))
    value["signatures"][1] = {**value["signatures"][0], "keyid": repository.signers["timestamp"][1].public_key.keyid}
    file.write_bytes(msgspec.json.encode(value))
    with pytest.raises(IndexTampered, match="1/2 keys"):
        await fetched(layout, str(repository.folder))


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
async def test_a_key_that_was_revoked_signs_nothing_more(
    layout: Layout, repository: TufRepository, where: str, role: str
) -> None:
    await fetched(layout, where)
    stolen = repository.signers[role]
    repository.rotate(role)
    good = repository.signers[role]
    repository.signers[role] = stolen
    repository.write_targets("targets")
    repository.write_snapshot()
    repository.write_timestamp()
    keyid = stolen[0].public_key.keyid
    with pytest.raises(
        IndexTampered, match=rf"{role}\.json is not signed by those who may: .*key {keyid[:16]} was revoked"
    ):
        await fetched(layout, where)
    repository.signers[role] = good
    repository.write_targets("targets")
    repository.write_snapshot()
    repository.write_timestamp()
    await fetched(layout, where)


def only_old(before: list[CryptoSigner], after: list[CryptoSigner]) -> list[CryptoSigner]:
    return before


def only_new(before: list[CryptoSigner], after: list[CryptoSigner]) -> list[CryptoSigner]:
    return after


def half_of_the_old(before: list[CryptoSigner], after: list[CryptoSigner]) -> list[CryptoSigner]:
    return [before[0], *after]


@pytest.mark.parametrize("chosen", [only_old, only_new, half_of_the_old])
async def test_a_new_root_needs_the_old_and_the_new_keys(
    layout: Layout, tmp_path: Path, chosen: Callable[[list[CryptoSigner], list[CryptoSigner]], list[CryptoSigner]]
) -> None:
    repository = TufRepository(tmp_path / "index", threshold=2)
    repository.add(SkillWheelFake())
    await fetched(layout, str(repository.folder))
    before = repository.signers["root"]
    repository.rotate("root", keys=2)
    after = repository.signers["root"]
    good = (repository.folder / "metadata/2.root.json").read_bytes()
    repository.put("metadata/2.root.json", repository.signed(repository.root, "root", chosen(before, after)))
    with pytest.raises(IndexTampered, match=r"2\.root\.json is not signed by those who may"):
        await fetched(layout, str(repository.folder))
    repository.put("metadata/2.root.json", good)
    await fetched(layout, str(repository.folder))


async def test_a_root_of_another_number_is_refused(layout: Layout, repository: TufRepository, where: str) -> None:
    await fetched(layout, where)
    repository.root.version = 4
    repository.write_root()
    (repository.folder / "metadata/5.root.json").rename(repository.folder / "metadata/2.root.json")
    with pytest.raises(IndexTampered, match=r"2\.root\.json does not belong"):
        await fetched(layout, where)


# downgrade to unsigned


@pytest.mark.parametrize("terms", [TRUSTING, IndexTerms(unsigned=True, accept_root=TRUSTING.accept_root)])
@pytest.mark.parametrize("metadata_stays", [True, False])
async def test_an_index_that_was_signed_is_never_taken_unsigned(
    layout: Layout, repository: TufRepository, where: str, terms: IndexTerms, metadata_stays: bool
) -> None:
    await fetched(layout, where)
    edit(repository.folder / "index.json", b'"metadata/"', b'""')
    if metadata_stays:
        await fetched(layout, where)
        return
    shutil.rmtree(repository.folder / "metadata")
    with pytest.raises(IndexTampered, match="was signed before, and is not any more") as caught:
        async with opened(layout, where, terms):
            pass
    assert "index forget" in caught.value.hint


async def test_an_index_that_signs_that_it_is_unsigned_is_refused(
    layout: Layout, repository: TufRepository, where: str
) -> None:
    file = (repository.folder / "index.json").read_bytes()
    repository.target("index.json", file.replace(b'"metadata/"', b'""'))
    repository.publish()
    with pytest.raises(IndexTampered, match="is signed, and says that it is not"):
        await fetched(layout, where)


# what is no metadata at all


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "bin"])
@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"\xff", b"[" * 5_000, b'{"signed": 1}', b"type"],
    ids=["empty", "cut off", "list", "no text", "deep", "no object", "root"],
)
async def test_what_is_no_metadata_is_refused_by_name(
    layout: Layout, repository: TufRepository, role: str, data: bytes
) -> None:
    name = repository.bin_of(TINY) if role == "bin" else role
    versions = {
        "timestamp": "",
        "snapshot": f"{repository.snapshot.version}.",
        "targets": f"{repository.targets.version}.",
    }
    version = versions.get(role, f"{repository.bins.get(name, repository.targets).version}.")
    root = (repository.folder / "metadata/1.root.json").read_bytes()
    repository.put(f"metadata/{version}{name}.json", root if data == b"type" else data)
    with pytest.raises(IntegrityError, match=rf"{name}\.json (cannot be used|is not|is longer than)"):
        await fetched(layout, str(repository.folder))


# redirects


@pytest.mark.parametrize("path", ["metadata/timestamp.json", "metadata/2.root.json", TINY])
async def test_a_redirect_to_elsewhere_is_refused(
    layout: Layout, repository: TufRepository, server: IndexServer, path: str
) -> None:
    asked = hashed(repository, path) if path == TINY else path
    server.answers[f"/{asked}"] = redirect("http://127.0.0.1:1/x.json")
    with pytest.raises(IntegrityError, match=r"redirects to http://127\.0\.0\.1:1/x\.json"):
        await fetched(layout, server.url)
