"""Bytes from an index, bounded and checked while they arrive."""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
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


@dataclass(frozen=True, slots=True)
class Pace:
    """How slow a sender may be.

    `seconds` in all, `opening` until it answers at all; after `grace` seconds of its answer not under `least` bytes a
    second on average.
    """

    seconds: float
    opening: float = 40.0
    grace: float = 15.0
    least: int = 1_000


METADATA_PACE = Pace(60)
WHEEL_PACE = Pace(900)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file must be: `length` in bytes, and its digest."""

    length: int
    sha256: Sha256


async def read_metadata(
    fetcher: Fetcher, path: str, *, limit: int = METADATA_LIMIT, pace: Pace = METADATA_PACE
) -> bytes:
    """The whole of a small file; raise `IntegrityError` over `limit` bytes, `NotThere`, `IndexUnreachable`."""
    data = await _at_once(fetcher, path, limit + 1, pace)
    if data is None:
        data = await _piece_by_piece(fetcher, path, limit + 1, pace)
    if len(data) > limit:
        raise IntegrityError(
            f"{fetcher.place(path)} is longer than {limit} bytes; reading stopped",
            hint="tell whoever runs the index",
        )
    return data


async def _at_once(fetcher: Fetcher, path: str, enough: int, pace: Pace) -> bytes | None:
    try:
        with anyio.fail_after(pace.seconds):
            return await fetcher.read(path, enough)
    except TimeoutError as error:
        raise _slow(fetcher.place(path), "took too long; reading stopped") from error


async def _piece_by_piece(fetcher: Fetcher, path: str, enough: int, pace: Pace) -> bytes:
    data = bytearray()
    async with _paced(fetcher, path, pace) as pieces:
        async for piece in pieces:
            data += piece
            if len(data) >= enough:
                break
    return bytes(data)


async def download(
    fetcher: Fetcher, path: str, expected: Expected, to: Path, on_progress: OnProgress, *, pace: Pace = WHEEL_PACE
) -> None:
    """Write a file to `to`, a place that nobody looks at before this returns.

    Reading stops at the first byte too many. Raises `IntegrityError` for a wrong length or hash, `NotThere`,
    `IndexUnreachable`.
    """
    place, hasher, done = fetcher.place(path), hashlib.sha256(), 0
    async with await anyio.open_file(to, "wb") as file, _paced(fetcher, path, pace) as pieces:
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
async def _paced(fetcher: Fetcher, path: str, pace: Pace) -> AsyncGenerator[AsyncIterator[bytes]]:
    try:
        with anyio.fail_after(pace.opening) as scope:
            async with fetcher.stream(path) as pieces:
                scope.deadline = anyio.current_time() + pace.seconds
                yield _not_too_slow(pieces, fetcher.place(path), pace)
    except TimeoutError as error:
        raise _slow(fetcher.place(path), "took too long; reading stopped") from error


async def _not_too_slow(pieces: AsyncIterator[bytes], place: str, pace: Pace) -> AsyncIterator[bytes]:
    started, done = anyio.current_time(), 0
    async for piece in pieces:
        yield piece
        done += len(piece)
        seconds = anyio.current_time() - started
        if seconds > pace.grace and done < seconds * pace.least:
            raise _slow(place, f"sent {done} bytes in {seconds:.0f} s; reading stopped")


def _slow(place: str, problem: str) -> IndexUnreachable:
    return IndexUnreachable(f"{place} {problem}", hint="try again later, or from another network")
