"""`skill cache`: what takes how much room under SKILL_HOME, and how much of it may go."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import anyio
from anyio import to_thread

from skillkernel.catalogue.types import Layout
from skillkernel.errors import Missing
from skillkernel.package_indexes import UV_WORKING_FOLDER, uv_environment, uv_executable
from skillkernel_registry.cache.leftover import is_held, leftover

_CACHED = {
    "wheels": "wheels that were fetched",
    "built": "wheels that were built",
    "bytecode": "compiled Python files",
    "backend": "the tools that build wheels",
    "tests": "the tools that run skills' tests",
    "indexes": "what indexes said",
    "origins": "where wheels came from",
    "stamps": "what was found whole",
    "scratch": "work in progress",
}


@dataclass(frozen=True, slots=True)
class Share:
    """One row: `size` in bytes, of which `spare` would go with `skill cache clean`."""

    name: str
    what: str
    place: Path
    size: int
    spare: int


async def shares(layout: Layout) -> tuple[Share, ...]:
    """What takes how much; uv's cache is the last one, and never touched."""
    rows = await to_thread.run_sync(_shares, layout)
    place = await _uv_cache()
    if place is None:
        return rows
    size = await to_thread.run_sync(size_of, place)
    return (*rows, Share("uv", "uv's own cache; `uv cache clean` empties it", place, size, 0))


def size_of(path: Path) -> int:
    """The bytes of a file, or of all files in a folder; 0 when it is not there."""
    return sum(_sizes(str(path)))


def _shares(layout: Layout) -> tuple[Share, ...]:
    found = leftover(layout, keep=None, everything=False, now=datetime.now(UTC))
    spare: dict[str, int] = {}
    for entry in found.entries:
        if entry.kind != "store" or not is_held(entry.path / "env"):
            spare[entry.kind] = spare.get(entry.kind, 0) + size_of(entry.path)
    spare["generations"] = sum(size_of(layout.generations / str(number)) for number in found.generations)
    places = {"store": layout.store, "generations": layout.generations, "trust": layout.trust}
    what = {
        "store": "installed skills, of all generations",
        "generations": "what was installed when",
        "trust": "which indexes are trusted",
    }
    places |= {name: layout.cache / name for name in _CACHED}
    return tuple(
        Share(name, {**what, **_CACHED}[name], place, size_of(place), spare.get(name, 0))
        for name, place in places.items()
    )


async def _uv_cache() -> Path | None:
    try:
        completed = await anyio.run_process(
            [uv_executable(), "cache", "dir"], check=False, env=uv_environment(), cwd=UV_WORKING_FOLDER
        )
    except Missing:
        return None
    said = os.fsdecode(completed.stdout).strip()
    return Path(said) if completed.returncode == 0 and said else None


def _sizes(path: str) -> Iterator[int]:
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _sizes(entry.path)
                else:
                    yield entry.stat(follow_symlinks=False).st_size
    except NotADirectoryError:
        yield Path(path).lstat().st_size
    except OSError:
        return  # it went meanwhile, or is nobody's to read
