"""An index in a folder: writes that a crash cannot halve, and nothing through a link out of it."""

import fcntl
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp

from skillkernel.errors import IntegrityError, UsageError
from skillkernel_registry.durable import sync_folder
from skillkernel_registry.errors import IndexBusy, IndexUnreachable
from skillkernel_registry.fetch import inside
from skillkernel_registry.index_files import IndexFiles

PARTS = ".skillkernel-parts"
"""The folder of files that are still being written; only there while somebody writes."""
_SERVED = 0o644


class FolderFiles(IndexFiles):
    """The files under `folder`, which is made when the first is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    def place(self, path: str) -> str:
        return str(self.folder / path)

    def read(self, path: str) -> bytes | None:
        file = self._file(path)
        try:
            return file.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise IndexUnreachable(f"{file} cannot be read: {error.strerror}") from error

    def write(self, path: str, data: bytes) -> None:
        file = self._file(path)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._replace(file, data)
        except OSError as error:
            raise IndexUnreachable(
                f"{file} cannot be written: {error.strerror}",
                hint="nothing that clients read was changed; mend that and run the command again",
            ) from error

    def remove(self, path: str) -> None:
        file = self._file(path)
        try:
            file.unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as error:
            raise IndexUnreachable(f"{file} cannot be removed: {error.strerror}") from error
        with suppress(OSError):  # it holds more, or is gone already
            if file.parent != self.folder:
                file.parent.rmdir()

    def paths(self, under: str) -> Iterator[str]:
        if under:
            self._file(under)
        for folder, folders, names in os.walk(self.folder / under):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                yield (Path(folder) / name).relative_to(self.folder).as_posix()

    @contextmanager
    def exclusive(self) -> Generator[None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise UsageError(f"{self.folder} is not a folder", hint="name a folder for the index") from error
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _lock(descriptor, self.folder)
            self._sweep()
            try:
                yield
            finally:
                self._sweep()
        finally:
            os.close(descriptor)

    def _sweep(self) -> None:
        """Take away what a command that was killed had half written."""
        shutil.rmtree(self.folder / PARTS, ignore_errors=True)

    def _replace(self, file: Path, data: bytes) -> None:
        parts = self.folder / PARTS
        parts.mkdir(exist_ok=True)
        descriptor, name = mkstemp(dir=parts)
        part = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(data)
                opened.flush()
                os.fchmod(descriptor, _SERVED)
                os.fsync(descriptor)
            part.replace(file)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        sync_folder(file.parent)

    def _file(self, path: str) -> Path:
        file = self.folder / inside(path, str(self.folder))
        if not file.resolve().is_relative_to(self.folder.resolve()):
            raise IntegrityError(f"{file} is a link out of the index", hint="put the file itself there")
        return file


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise IndexBusy(str(folder), "another command is changing it") from None
