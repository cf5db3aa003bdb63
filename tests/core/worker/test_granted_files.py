"""Granted files and folders in a real worker: seen at their own place, nothing beside them."""

import os
from pathlib import Path
from typing import Any

import pytest

from fakes.skill_modules import MakeSkill, invoke
from skillkernel.catalogue.types import Layout
from skillkernel.errors import ToolError
from skillkernel.services.access import Access
from skillkernel.services.caller import Caller
from skillkernel.services.files.opening import OpenService
from skillkernel.services.files.person_files import FilesConfig, PersonFiles
from skillkernel.services.switchboard import Switchboard
from skillkernel.worker.pool import WorkerPool
from skillkernel.worker.seam import Tier

OUT_OF_REACH = "FileNotFoundError|PermissionError"
CODE = """
@tool(effect="read")
def read(path: str) -> str:
    '''Read.

    Args:
        path: which.
    '''
    try:
        with open(path) as file:
            return file.read()
    except OSError as error:
        raise ToolError(f"{type(error).__name__}: {error}")

@tool(effect="write")
def write(path: str, text: str) -> str:
    '''Write.

    Args:
        path: which.
        text: what.
    '''
    try:
        with open(path, "w") as file:
            file.write(text)
    except OSError as error:
        raise ToolError(f"{type(error).__name__}: {error}")
    return "written"

@tool(effect="read")
def names(path: str) -> list[str]:
    '''List.

    Args:
        path: which.
    '''
    return sorted(os.listdir(path))

@tool(effect="read")
def descriptors() -> list[list[int]]:
    '''What is open.'''
    found = []
    for number in range(3, 256):
        try:
            status = os.fstat(number)
        except OSError:
            continue
        found.append([status.st_dev, status.st_ino])
    return found
"""


class Heard:
    """An access log in memory."""

    def __init__(self) -> None:
        self.accesses: list[Access] = []

    def begin(self, caller: Caller, access: Access) -> int:
        self.accesses.append(access)
        return len(self.accesses)

    def conclude(self, number: int, reason: str) -> None:
        raise AssertionError("files are not runs")

    def end(self, number: int, *, sent: int, received: int, seconds: float) -> None:
        raise AssertionError("files are not connections")


class Desk:
    """A skill with rows of files, its services, and the folder of the person."""

    def __init__(
        self, folder: Path, make_skill: MakeSkill, pool: WorkerPool, rows: tuple[str, ...], **config: Any
    ) -> None:
        self.home = folder / "person"
        self.files = PersonFiles(FilesConfig(**config), Layout(folder / "home"), self.home)
        self.log = Heard()
        self.caller = Caller("demo", "demo", "read", "s1", 1, rows)
        board = Switchboard({"open": OpenService(self.log, self.files.paths_of, self.files.keep).serve}, self.log)
        self.services = board.for_call(self.caller)
        self.spec = make_skill(CODE, paths=self.files.paths_of(self.caller), grants=rows)
        self.pool = pool

    async def call(self, tool: str, **arguments: Any) -> Any:
        await self.files.keep_before("s1", self.spec.paths)
        return await self.pool.call(self.spec, invoke(tool, arguments, services=self.services))


@pytest.fixture
def person(tmp_path: Path) -> Path:
    """A person's home that nobody else may look into; as root, the worker is somebody else."""
    home = tmp_path / "person"
    for folder in (home, home / "notes", home / "notes" / "private", home / "other"):
        folder.mkdir()
        folder.chmod(0o700)
    for name in ("notes/a.txt", "notes/private/b.txt", "other/c.txt", "todo.txt", "unnamed.txt"):
        (home / name).write_text(f"this is {name}")
        (home / name).chmod(0o600)
    return home


async def test_a_folder_is_read_at_its_own_place(
    tmp_path: Path, person: Path, make_skill: MakeSkill, pool: WorkerPool, tier: Tier
) -> None:
    desk = Desk(tmp_path, make_skill, pool, ("files.read:~/notes",))
    assert await desk.call("read", path=str(person / "notes/a.txt")) == "this is notes/a.txt"
    if tier == "A":
        assert await desk.call("names", path=str(person)) == ["notes"]
    with pytest.raises(ToolError, match=OUT_OF_REACH):
        await desk.call("read", path=str(person / "other/c.txt"))
    with pytest.raises(ToolError, match=r"Read-only file system|Permission denied|not granted"):
        await desk.call("write", path=str(person / "notes/a.txt"), text="x")


async def test_a_granted_folder_can_be_written(
    tmp_path: Path, person: Path, make_skill: MakeSkill, pool: WorkerPool
) -> None:
    desk = Desk(tmp_path, make_skill, pool, ("files.write:~/notes",))
    await desk.call("write", path=str(person / "notes/a.txt"), text="new")
    await desk.call("write", path=str(person / "notes/made.txt"), text="made")
    assert (person / "notes/a.txt").read_text() == "new"
    assert (person / "notes/made.txt").stat().st_uid == os.geteuid()
    (kept,) = desk.files.end_session("s1", well=False)
    assert kept.read_text() == "this is notes/a.txt"


async def test_what_is_denied_within_a_folder_is_covered(
    tmp_path: Path, person: Path, make_skill: MakeSkill, pool: WorkerPool
) -> None:
    desk = Desk(tmp_path, make_skill, pool, ("files.write:~/notes",), deny=("~/notes/private", "~/notes/a.txt"))
    with pytest.raises(ToolError):
        await desk.call("read", path=str(person / "notes/private/b.txt"))
    with pytest.raises(ToolError):
        await desk.call("write", path=str(person / "notes/private/new.txt"), text="x")
    with pytest.raises(ToolError, match="not granted"):
        await desk.call("read", path=str(person / "notes/a.txt"))
    assert (person / "notes/private/b.txt").read_text() == "this is notes/private/b.txt"


async def test_a_single_file_is_opened_by_the_kernel(
    tmp_path: Path, person: Path, make_skill: MakeSkill, pool: WorkerPool
) -> None:
    desk = Desk(tmp_path, make_skill, pool, ("files.write:~/todo.txt",))
    (person / "todo.txt").chmod(0o600)
    (person / "new.txt").write_text("replaced meanwhile")
    (person / "new.txt").replace(person / "todo.txt")
    assert await desk.call("read", path=str(person / "todo.txt")) == "replaced meanwhile"
    await desk.call("write", path=str(person / "todo.txt"), text="milk")
    assert (person / "todo.txt").read_text() == "milk"
    with pytest.raises(ToolError, match=OUT_OF_REACH):
        await desk.call("read", path=str(person / "unnamed.txt"))
    assert [access.ruling for access in desk.log.accesses] == ["granted", "granted"]
    (kept,) = desk.files.end_session("s1", well=False)
    assert kept.read_text() == "replaced meanwhile"


async def test_a_link_in_the_way_of_a_single_file_is_refused(
    tmp_path: Path, person: Path, make_skill: MakeSkill, pool: WorkerPool
) -> None:
    desk = Desk(tmp_path, make_skill, pool, ("files.write:~/todo.txt",))
    assert await desk.call("read", path=str(person / "todo.txt")) == "this is todo.txt"
    (person / "todo.txt").unlink()
    (person / "todo.txt").symlink_to(person / "unnamed.txt")
    with pytest.raises(ToolError, match=r"symbolic links|Too many levels"):
        await desk.call("read", path=str(person / "todo.txt"))


async def test_no_descriptor_of_what_was_mounted_is_left_open(
    tmp_path: Path, person: Path, make_skill: MakeSkill, pool: WorkerPool
) -> None:
    desk = Desk(tmp_path, make_skill, pool, ("files.read:~/notes", "files.read:~/todo.txt"))
    mounted = [[found.st_dev, found.st_ino] for found in ((person / "notes").stat(), (person / "todo.txt").stat())]
    opened = await desk.call("descriptors")
    assert opened
    assert not [each for each in opened if each in mounted]
