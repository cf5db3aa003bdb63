"""Bytes of an index by their path inside it, from a folder or over HTTP.

A fetcher only delivers: how many bytes are too many, and which bytes are right, `download` decides.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path, PurePosixPath

import anyio
from anyio import to_thread

from skillkernel.errors import IntegrityError
from skillkernel_registry.errors import IndexUnreachable

_CHUNK = 1 << 16


class NotThere(Exception):
    """The index has no such file: an answer to a question, caught by whoever asked."""


class Fetcher(ABC):
    """The files of one index."""

    @abstractmethod
    def place(self, path: str) -> str:
        """Where `path` is, for people; raise `IntegrityError` when it points out of the index."""

    @abstractmethod
    def stream(self, path: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Open `path` as pieces of bytes; raise `NotThere` or `IndexUnreachable`."""

    async def read(self, path: str, limit: int) -> bytes | None:
        """The first `limit` bytes of `path` where they can be had in one go, else None; raise as `stream` does."""
        return None

    def allow(self, bases: tuple[str, ...]) -> None:  # noqa: B027 # most fetchers follow no redirects
        """Let redirects go under these addresses too."""

    async def aclose(self) -> None:  # noqa: B027 # most fetchers hold nothing open
        """Let go of connections."""


def inside(path: str, where: str) -> str:
    """Return `path` when it is plain and relative; raise `IntegrityError` naming `where` otherwise."""
    parts = PurePosixPath(path).parts
    plain = path.isprintable() and path.isascii() and not set(path) & set("\\?#%:")
    if not parts or not plain or path.startswith("/") or ".." in parts:
        raise IntegrityError(f"{where} points to {path!r}, out of the index", hint="tell whoever runs the index")
    return path


class FolderFetcher(Fetcher):
    """An index in a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def place(self, path: str) -> str:
        return str(self._root / inside(path, str(self._root)))

    def _file(self, path: str) -> Path:
        file = Path(self.place(path))
        if not file.resolve().is_relative_to(self._root.resolve()):
            raise IntegrityError(f"{file} is a link out of the index", hint="put the file itself there")
        return file

    async def read(self, path: str, limit: int) -> bytes | None:
        return await to_thread.run_sync(self._read, path, limit)

    def _read(self, path: str, limit: int) -> bytes:
        file = self._file(path)
        with _told(file, path), file.open("rb") as opened:
            return opened.read(limit)

    @asynccontextmanager
    async def stream(self, path: str) -> AsyncGenerator[AsyncIterator[bytes]]:
        file = self._file(path)
        with _told(file, path):
            opened = await anyio.open_file(file, "rb")
        async with opened:
            yield _pieces(opened)


@contextmanager
def _told(file: Path, path: str) -> Generator[None]:
    """Raise what the file system raises as a fetcher has to."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise NotThere(path) from None
    except OSError as error:
        raise IndexUnreachable(f"{file} cannot be read: {error.strerror}") from error


async def _pieces(file: anyio.AsyncFile[bytes]) -> AsyncIterator[bytes]:
    while piece := await file.read(_CHUNK):
        yield piece
