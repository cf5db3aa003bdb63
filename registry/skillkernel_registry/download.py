"""Bytes from an index, bounded and checked while they arrive."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio

from skillkernel.errors import IntegrityError
from skillkernel.names import Sha256
from skillkernel_registry.errors import IndexUnreachable
from skillkernel_registry.fetch import Fetcher
from skillkernel_registry.progress import OnProgress, Progress, Stage

METADATA_LIMIT = 4_000_000
"""Bytes of one metadata file, after decoding."""
METADATA_SECONDS = 60
WHEEL_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file must be: `length` in bytes, and its digest."""

    length: int
    sha256: Sha256


async def read_metadata(fetcher: Fetcher, path: str) -> bytes:
    """The whole of a small file; raise `IntegrityError` over METADATA_LIMIT, `NotThere`, `IndexUnreachable`."""
    data = bytearray()
    async with _within(fetcher, path, METADATA_SECONDS), fetcher.stream(path) as pieces:
        async for piece in pieces:
            data += piece
            if len(data) > METADATA_LIMIT:
                raise IntegrityError(f"{fetcher.place(path)} is longer than {METADATA_LIMIT} bytes; reading stopped")
    return bytes(data)


async def download(fetcher: Fetcher, path: str, expected: Expected, to: Path, on_progress: OnProgress) -> None:
    """Write a file to `to`, a place that nobody looks at before this returns.

    Reading stops at the first byte too many. Raises `IntegrityError` for a wrong length or hash, `NotThere`,
    `IndexUnreachable`.
    """
    async with _within(fetcher, path, WHEEL_SECONDS):
        await _fill(fetcher, path, expected, to, on_progress)


async def _fill(fetcher: Fetcher, path: str, expected: Expected, to: Path, on_progress: OnProgress) -> None:
    place, hasher, done = fetcher.place(path), hashlib.sha256(), 0
    async with await anyio.open_file(to, "wb") as file, fetcher.stream(path) as pieces:
        async for piece in pieces:
            done += len(piece)
            if done > expected.length:
                raise _wrong(place, f"{expected.length} bytes", "more")
            hasher.update(piece)
            await file.write(piece)
            on_progress(Progress(Stage.DOWNLOAD, path.rpartition("/")[2], done, expected.length))
    if done != expected.length:
        raise _wrong(place, f"{expected.length} bytes", f"{done}")
    if hasher.hexdigest() != expected.sha256:
        raise _wrong(place, f"sha256 {expected.sha256}", hasher.hexdigest())


def _wrong(place: str, expected: str, got: str) -> IntegrityError:
    return IntegrityError(
        f"{place} is not what the index promised: expected {expected}, got {got}",
        hint="try again; if it stays so, the file was changed after it was published",
    )


@asynccontextmanager
async def _within(fetcher: Fetcher, path: str, seconds: float) -> AsyncGenerator[None]:
    try:
        with anyio.fail_after(seconds):
            yield
    except TimeoutError as error:
        raise IndexUnreachable(f"{fetcher.place(path)} was still sending after {seconds:.0f} s") from error
