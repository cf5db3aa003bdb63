"""The folder that a copy of an index is made in.

Every file arrives whole by one rename, from a corner of the folder that a run which did not end well leaves, and by which
the next one knows that it may go on there; one run at a time.
"""

import fcntl
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from skillkernel.errors import UsageError
from skillkernel_registry.download import Expected, download
from skillkernel_registry.durable import sync_folder
from skillkernel_registry.fetch import Fetcher, inside
from skillkernel_registry.progress import OnProgress
from skillkernel_registry.transfer.mirror_file import MIRROR, MirrorFile, parse_mirror
from skillkernel_registry.wheel_cache import is_kept

_INCOMING = ".incoming"


@dataclass(slots=True)
class Destination:
    """`before` is what the folder said of itself when it was opened; `fetched` and `kept` count files."""

    folder: Path
    before: MirrorFile | None
    fetched: int = 0
    kept: int = 0

    def read(self, path: str) -> bytes | None:
        """A file that is there, None when it is not."""
        try:
            return (self.folder / path).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, path: str, data: bytes) -> None:
        """Put a file there unless it is there as it should be."""
        place = self._place(path)
        if self.read(path) == data:
            self.kept += 1
            return
        incoming = self._incoming()
        incoming.write_bytes(data)
        self._settle(incoming, place)

    async def fetch(
        self, fetcher: Fetcher, path: str, expected: Expected, on_progress: OnProgress, *, to: str = ""
    ) -> None:
        """Have a file of the original there; raise what `download` raises."""
        place = self._place(to or path)
        if is_kept(place, expected.sha256):
            self.kept += 1
            return
        incoming = self._incoming()
        try:
            await download(fetcher, path, expected, incoming, on_progress)
            self._settle(incoming, place)
        finally:
            incoming.unlink(missing_ok=True)

    def take(self, file: Path, path: str, sha256: str) -> None:
        """Have a copy of a file of this machine there."""
        place = self._place(path)
        if is_kept(place, sha256):
            self.kept += 1
            return
        incoming = self._incoming()
        shutil.copyfile(file, incoming)
        self._settle(incoming, place)

    def workshop(self) -> Path:
        """A new folder for work in progress, gone at the end."""
        return self._incoming()

    def _place(self, path: str) -> Path:
        return self.folder / inside(path, str(self.folder))

    def _incoming(self) -> Path:
        return self.folder / _INCOMING / token_hex(8)

    def _settle(self, incoming: Path, place: Path) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        incoming.replace(place)
        self.fetched += 1


@contextmanager
def open_destination(folder: Path, original: str) -> Generator[Destination]:
    """A folder that is new, empty, or holds a copy of the same original; raise `UsageError` for any other."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(f"{folder} cannot be used: {error.strerror}", hint="name a folder of your own") from error
    try:
        _lock(descriptor, folder)
        before = _before(folder, original)
        _empty(folder / _INCOMING)
        yield Destination(folder, before)
        shutil.rmtree(folder / _INCOMING)
        sync_folder(folder)
    finally:
        os.close(descriptor)


def _empty(incoming: Path) -> None:
    """Its contents go and it stays, so that a kill at any moment leaves the sign that the folder is ours."""
    incoming.mkdir(exist_ok=True)
    for left in incoming.iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(f"something else is being copied into {folder}", hint="wait until it is done") from None


def _before(folder: Path, original: str) -> MirrorFile | None:
    said = folder / MIRROR
    if not said.is_file():
        if any(folder.iterdir()) and not (folder / _INCOMING).is_dir():
            raise UsageError(f"{folder} holds other things", hint="name a new folder, or one that was copied to before")
        return None
    before = parse_mirror(said.read_bytes(), str(said))
    if before.of != original:
        raise UsageError(f"{folder} holds a copy of {before.of}, not of {original}", hint="name another folder")
    return before
