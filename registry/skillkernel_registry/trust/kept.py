"""An index that nobody is asked for: what is kept of it on this machine stands for the whole."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from skillkernel_registry.errors import IndexUnreachable
from skillkernel_registry.fetch import Fetcher, NotThere


class KeptFetcher(Fetcher):
    """Has the metadata that tuf keeps in the folder `metadata`, no newer root, and nothing else."""

    def __init__(self, fetcher: Fetcher, metadata: Path) -> None:
        self._fetcher = fetcher
        self._metadata = metadata

    def place(self, path: str) -> str:
        return self._fetcher.place(path)

    @asynccontextmanager
    async def stream(self, path: str) -> AsyncGenerator[AsyncIterator[bytes]]:
        if path.endswith(".root.json"):
            raise NotThere(path)
        yield _one_piece(self._kept(path))

    def _kept(self, path: str) -> bytes:
        version, dot, name = path.rpartition("/")[2].partition(".")
        numbered = dot and version.isdecimal()
        try:
            data = (self._metadata / (name if numbered else f"{version}.{name}")).read_bytes()
            if not numbered or int(version) == msgspec.json.decode(data, type=_File).signed.version:
                return data
        except (OSError, msgspec.DecodeError):
            pass
        raise IndexUnreachable(
            f"{self.place(path)} is not kept on this machine, and nobody may be asked for it",
            hint="do it once without --offline",
        )

    async def aclose(self) -> None:
        await self._fetcher.aclose()


class _Signed(msgspec.Struct):
    version: int


class _File(msgspec.Struct):
    signed: _Signed


async def _one_piece(data: bytes) -> AsyncIterator[bytes]:
    yield data
