"""A granted program as a file: found where it may be, opened once, and looked at through that descriptor alone.

Threat: another file than was granted: one that a skill may write or can put in the way, a link that is turned, one that
runs as somebody else. Names are looked up in the system's folders first and never in the working folder.
"""

import os
import stat
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from skillkernel.worker.elf import NoProgram, loader_of
from skillkernel.worker.program_sandbox import Shown
from skillkernel.worker.real_path import open_real
from skillkernel.worker.walls import find_program


@dataclass(frozen=True, slots=True)
class ProgramFile:
    """An executable: where it was `found`, its file of the host at its `real` path, its loader's path (empty: static)."""

    found: Path
    real: Path
    shown: Shown
    loader: str
    stamp: tuple[int, ...]
    """Device, inode, size, times: another version of the program has another one."""


def find(name: str, writable: Iterable[Path]) -> Path | None:
    """Where the program of this bare name or absolute path is; folders that a skill may write are not looked into."""
    if name.startswith("/"):
        return Path(name)
    found = find_program(name)
    if found is None or _within(found.parent, writable) is not None:
        return None
    return found


@contextmanager
def opened_program(found: Path, writable: Iterable[Path], uid: int | None) -> Generator[ProgramFile]:
    """The program at `found`, kept open so that its number stays its own; raise `NoProgram` when it may not be run.

    `writable` are real folders and files that skills may write, `uid` the host user that the skill is (None: the same).
    """
    real = Path(os.path.realpath(found))
    descriptor = _open(real)
    try:
        refuse_writable(real, writable)
        state = os.fstat(descriptor)
        refuse_mode(state, uid)
        if not state.st_mode & 0o111:
            raise NoProgram("no file that may be executed")
        with _readable(descriptor) as file:
            loader = loader_of(lambda size, at: os.pread(file, size, at))
        shown = Shown(real, PurePosixPath(real), state.st_dev, state.st_ino, runs=True)
        stamp = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
        yield ProgramFile(found, real, shown, loader, stamp)
    finally:
        os.close(descriptor)


def shown_at(path: str, writable: Iterable[Path], uid: int | None, *, runs: bool = True) -> Shown:
    """A library or loader as it will be mounted at `path`; raise `NoProgram` when a skill could have written it."""
    real = Path(os.path.realpath(path))
    descriptor = _open(real)
    try:
        state = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    refuse_writable(real, writable)
    refuse_mode(state, uid)
    return Shown(real, PurePosixPath(os.path.normpath(path)), state.st_dev, state.st_ino, runs=runs)


def refuse_writable(real: Path, writable: Iterable[Path]) -> None:
    """Raise `NoProgram` for a file in a place that a skill may write."""
    place = _within(real, writable)
    if place is not None:
        raise NoProgram(f"{real} lies in {place}, which a skill may write: what it puts there is not run")


def refuse_mode(state: os.stat_result, uid: int | None) -> None:
    """Raise `NoProgram` for what is no regular file, runs as somebody else, or can be written by the skill's user."""
    if not stat.S_ISREG(state.st_mode):
        raise NoProgram("no regular file")
    if state.st_mode & (stat.S_ISUID | stat.S_ISGID):
        raise NoProgram("a program that runs as another user (setuid or setgid)")
    own = uid is not None and uid in (state.st_uid, state.st_gid)
    if state.st_mode & stat.S_IWOTH or own:
        raise NoProgram("a file that others than its owner may write")


def _open(real: Path) -> int:
    try:
        return open_real(real)
    except OSError as error:
        raise NoProgram(f"not there: {error.strerror}") from None


@contextmanager
def _readable(descriptor: int) -> Generator[int]:
    """The same file, to be read; the descriptor given only names it."""
    try:
        file = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise NoProgram(f"unreadable: {error.strerror}") from None
    try:
        yield file
    finally:
        os.close(file)


def _within(path: Path, places: Iterable[Path]) -> Path | None:
    return next((place for place in places if path.is_relative_to(place)), None)
