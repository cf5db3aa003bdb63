"""`skill cache clean`: takes away what may go, one rename at a time, so that a crash leaves nothing half there."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from anyio import to_thread

from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Layout
from skillkernel_registry.cache.in_use import cache_alone
from skillkernel_registry.cache.leftover import Entry, hold_alone, leftover
from skillkernel_registry.cache.size import size_of
from skillkernel_registry.generation import drop_generation, exclusive
from skillkernel_registry.progress import OnProgress, Progress, Stage, silent
from skillkernel_registry.store import UNFINISHED


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What went: `freed` bytes by kind, `generations` by number. `held` are store folders that a running worker is in,
    `unreadable` generations that are kept, cannot be read, and keep all of store and wheels with them."""

    freed: dict[str, int]
    generations: tuple[int, ...]
    held: tuple[str, ...]
    unreadable: tuple[int, ...]


async def clean(
    layout: Layout,
    *,
    keep: int | None = None,
    everything: bool = False,
    now: datetime | None = None,
    on_progress: OnProgress = silent,
) -> Cleaned:
    """Take away old generations, what none of the others names, and what is made again when it is needed.

    `keep` is how many generations stay, None for the rule of `old_generations`; with `everything` all wheels go too, which
    a network then has to bring again. What the generation in force or a running worker needs stays. Waits for installs
    and builds to end. Raises `IntegrityError` when the generation in force cannot be read, and then nothing was changed.
    """
    async with cache_alone(layout, on_progress), exclusive(layout, on_progress):
        read_catalogue(layout)
        found = await to_thread.run_sync(
            lambda: leftover(layout, keep=keep, everything=everything, now=now or datetime.now(UTC))
        )
        freed: dict[str, int] = {}
        for number in found.generations:
            freed["generations"] = freed.get("generations", 0) + size_of(layout.generations / str(number))
            drop_generation(layout, number, on_progress)
        held = _take_all(layout, found.entries, freed, on_progress)
    return Cleaned(freed, found.generations, held, found.unreadable)


def _take_all(
    layout: Layout, entries: Iterable[Entry], freed: dict[str, int], on_progress: OnProgress
) -> tuple[str, ...]:
    held: list[str] = []
    for entry in entries:
        size = size_of(entry.path)
        if entry.kind != "store":
            _take(entry.path, layout.cache / "scratch" / f"clean-{token_hex(8)}", on_progress)
        elif not _take_store(layout, entry.path, on_progress):
            held.append(entry.path.name)
            continue
        freed[entry.kind] = freed.get(entry.kind, 0) + size
    return tuple(held)


def _take_store(layout: Layout, folder: Path, on_progress: OnProgress) -> bool:
    """Whether it could be taken: a worker that runs in it keeps it."""
    descriptor = hold_alone(folder / "env")
    if descriptor is None:
        return False
    try:
        _take(folder, layout.store / f"{UNFINISHED}{token_hex(8)}", on_progress)
    finally:
        os.close(descriptor)
    return True


def _take(path: Path, gone: Path, on_progress: OnProgress) -> None:
    """Out of the way by one rename, to where the next install sweeps; then away."""
    on_progress(Progress(Stage.CLEAN, path.name))
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    gone.parent.mkdir(parents=True, exist_ok=True)
    path.rename(gone)
    on_progress(Progress(Stage.CLEAN, path.name))
    shutil.rmtree(gone, ignore_errors=True)
