"""Killed at any write, or out of room at it: clients see the old index or the new one, and the next command goes on."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.signed_indexes import SignedIndex, TufClient, write_signed_index
from fakes.wheels import SkillWheelFake
from skillkernel.errors import UsageError
from skillkernel_registry.errors import IndexUnreachable
from skillkernel_registry.keeper import shape
from skillkernel_registry.keeper.check import check
from skillkernel_registry.keeper.folder_files import PARTS, FolderFiles
from skillkernel_registry.keeper.founding import Plan, found_signed
from skillkernel_registry.keeper.keeper import Keeper, utc_now
from skillkernel_registry.keeper.keys import Keys

Change = Callable[[Keeper, Path], object]


def wheel(folder: Path) -> Path:
    return SkillWheelFake(version="2.0").write(folder)


def regrown(keeper: Keeper, _: Path) -> object:
    shape.LEAST_BITS, before = 5, shape.LEAST_BITS
    try:
        return keeper.refresh()
    finally:
        shape.LEAST_BITS = before


CHANGES: dict[str, Change] = {
    "add": lambda keeper, folder: keeper.add([wheel(folder)]),
    "yank": lambda keeper, _: keeper.yank("tiny", "1.0"),
    "remove": lambda keeper, _: keeper.remove("tiny"),
    "refresh": lambda keeper, _: keeper.refresh(),
    "rebin": regrown,
    "rotate-timestamp": lambda keeper, _: keeper.rotate_key("timestamp"),
    "rotate-snapshot": lambda keeper, _: keeper.rotate_key("snapshot"),
    "rotate-targets": lambda keeper, _: keeper.rotate_key("targets"),
    "rotate-bins": lambda keeper, _: keeper.rotate_key("bins"),
    "rotate-root": lambda keeper, _: keeper.rotate_key("root"),
    "policy": lambda keeper, _: keeper.set_policy("none", {"bins": 100}),
}


class Fatal(FolderFiles):
    """A folder at whose write number `at` something happens, half of it being written."""

    def __init__(self, folder: Path, at: int, happens: Callable[[], None]) -> None:
        super().__init__(folder)
        self._at = at
        self._happens = happens
        self.writes = 0

    def write(self, path: str, data: bytes) -> None:
        if self.writes == self._at:
            (self.folder / PARTS).mkdir(exist_ok=True)
            (self.folder / PARTS / "half").write_bytes(data[: len(data) // 2])
            self._happens()
        self.writes += 1
        super().write(path, data)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def no_room() -> None:
    raise IndexUnreachable("no space left on device")


def killed(work: Callable[[], object]) -> bool:
    """Whether the work, in a process of its own, was killed before its end."""
    process = os.fork()
    if process == 0:
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(process, 0)
    return os.WIFSIGNALED(status)


def looks(client: TufClient) -> tuple[list[str], list[str]]:
    return client.versions("tiny"), client.versions("other")


@pytest.fixture
def index(tmp_path: Path) -> SignedIndex:
    return write_signed_index(tmp_path / "index", tmp_path / "keys", SkillWheelFake(), SkillWheelFake("other"))


@pytest.mark.parametrize("change", CHANGES)
def test_killed_at_any_write_an_index_is_the_old_or_the_new_and_the_command_can_be_run_again(
    index: SignedIndex, tmp_path: Path, change: str
) -> None:
    client = TufClient(tmp_path / "client", index.folder, index.first_root)
    before = looks(client)
    at, seen = 0, list[tuple[list[str], list[str]]]()
    while killed(
        lambda at=at: CHANGES[change](Keeper.open(Fatal(index.folder, at, die), index.keys), tmp_path / "built")  # type: ignore[misc] # mypy has no type for a default of a lambda
    ):
        seen.append(looks(client))
        assert [
            found for found in check(index.files, utc_now()) if not found.harmless and is_for_clients(found.path)
        ] == []
        at += 1
    after = looks(client)
    assert at > 0
    assert [one for one in seen if one not in (before, after)] == []
    assert [found for found in check(index.files, utc_now()) if not found.harmless] == []
    assert not (index.folder / PARTS).exists()
    index.add(SkillWheelFake(version="3.0"))
    assert "3.0" in client.versions("tiny")


def is_for_clients(path: str) -> bool:
    """The pages for pip and uv may be ahead of the rest, and the plain index.json behind, until the command is run again."""
    return not path.startswith("simple/") and path != "index.json"


@pytest.mark.parametrize("change", ["add", "remove", "rotate-bins"])
def test_with_no_room_at_any_write_an_index_is_the_old_or_the_new(
    index: SignedIndex, tmp_path: Path, change: str
) -> None:
    client = TufClient(tmp_path / "client", index.folder, index.first_root)
    before, at, seen = looks(client), 0, list[tuple[list[str], list[str]]]()
    while True:
        try:
            CHANGES[change](Keeper.open(Fatal(index.folder, at, no_room), index.keys), tmp_path / "built")
        except IndexUnreachable:
            seen.append(looks(client))
            at += 1
        except UsageError:  # it was done but for its end
            break
        else:
            break
    after = looks(client)
    assert at > 1
    assert [one for one in seen if one not in (before, after)] == []
    index.add(SkillWheelFake(version="3.0"))
    assert "3.0" in client.versions("tiny")


def test_a_founding_that_was_killed_can_be_run_again(tmp_path: Path) -> None:
    folder, keys, at = tmp_path / "index", tmp_path / "keys", 0

    def found(at: int) -> object:
        return found_signed(Fatal(folder, at, die), Keys([keys]), Plan("test"), utc_now())

    while not (folder / "metadata/timestamp.json").exists():
        killed(lambda at=at: found(at))  # type: ignore[misc] # mypy has no type for a default of a lambda
        at += 1
    assert at > 16
    index = SignedIndex(folder, keys)
    index.add(SkillWheelFake())
    client = TufClient(tmp_path / "client", folder, index.first_root)
    assert client.versions("tiny") == ["1.0"]
    assert [found for found in check(index.files, utc_now()) if not found.harmless] == []


def test_a_disk_that_is_full_for_good_is_told_with_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / "metadata").write_text("a file where a folder has to be")
    with pytest.raises(IndexUnreachable, match=r"metadata/1\.root\.json cannot be written"):
        found_signed(FolderFiles(folder), Keys([tmp_path / "keys"]), Plan("test"), utc_now())
