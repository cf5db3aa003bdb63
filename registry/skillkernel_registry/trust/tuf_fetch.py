"""How tuf, which works in a thread, gets the files of an index: by the fetcher that everything else comes through.

So the rules for redirects, encodings, pace and length are the same for metadata as for a wheel, and folders work.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from anyio import from_thread
from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient.fetcher import FetcherInterface

from skillkernel_registry.download import METADATA_PACE, Pace, read_metadata
from skillkernel_registry.errors import IndexUnreachable
from skillkernel_registry.fetch import Fetcher, NotThere

_FORBIDDEN, _NOT_FOUND = 403, 404


@dataclass(frozen=True, slots=True)
class Fetched:
    """What tuf asked for last: the failure that follows is about this. `data` is empty when it did not arrive."""

    path: str
    data: bytes = b""

    @property
    def role(self) -> str:
        """The role whose metadata it is: N.snapshot.json and timestamp.json without number and ending."""
        name = self.path.rpartition("/")[2].removesuffix(".json")
        version, _, role = name.partition(".")
        return role if version.isdecimal() and role else name


class RootsRead(Exception):
    """Every root has been read, and nothing more was to be."""


class ThreadFetcher(FetcherInterface):
    """Runs in a worker thread of anyio; reads through the event loop that started it.

    While `roots_only`, whatever comes after the roots raises `RootsRead`; the root that was not there then is not asked
    for again.
    """

    def __init__(self, fetcher: Fetcher, pace: Pace = METADATA_PACE) -> None:
        self._fetcher = fetcher
        self._pace = pace
        self.last = Fetched("timestamp.json")
        self.roots_only = False
        self._no_root = ""

    def download_bytes(self, url: str, max_length: int) -> bytes:
        """The file at `url`, a path inside the index; a server's 403 and 404 raise tuf's error for them."""
        self.last = Fetched(url)
        if self.roots_only and self.last.role != "root":
            raise RootsRead
        if url == self._no_root:
            self._no_root = ""
            raise DownloadHTTPError(f"{url} was not there", _NOT_FOUND)
        data = from_thread.run(self._read, url, max_length)
        self.last = Fetched(url, data)
        return data

    def _fetch(self, url: str) -> Iterator[bytes]:
        raise NotImplementedError("tuf reads metadata alone here, and that by download_bytes")

    async def _read(self, path: str, limit: int) -> bytes:
        try:
            return await read_metadata(self._fetcher, path, limit=limit, pace=self._pace)
        except NotThere as error:
            self._no_root = path if self.roots_only else ""
            raise DownloadHTTPError(f"{self._fetcher.place(path)} is not there", _NOT_FOUND) from error
        except IndexUnreachable as error:
            if error.status == _FORBIDDEN:  # a bucket that may not be listed says this of what is not there
                self._no_root = path if self.roots_only else ""
                raise DownloadHTTPError(error.message, _FORBIDDEN) from error
            raise
