"""Generations: what is installed changes by one rename of one link.

`generations/N/catalogue.json` is written whole and durable before `current` points to it. A crash before the rename
leaves the old generation in force, one after it the new; what it left beside is swept by the next install.
"""

import fcntl
import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import anyio
import msgspec

from skillkernel.catalogue.read import decode_catalogue, encode_catalogue
from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel.errors import UsageError
from skillkernel_registry.durable import sync_folder, write_durable
from skillkernel_registry.progress import OnProgress, Progress, Stage
from skillkernel_registry.scratch import sweep_scratch
from skillkernel_registry.store import UNFINISHED, sweep_store

_POLL_SECONDS = 0.1


@asynccontextmanager
async def exclusive(layout: Layout, on_progress: OnProgress) -> AsyncGenerator[None]:
    """Hold SKILL_HOME for one change at a time; waits for another one to end, and sweeps what a crashed one left."""
    descriptor = os.open(layout.home / "install.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        await _lock(descriptor, on_progress)
        on_progress(Progress(Stage.CLEAN))
        sweep_store(layout)
        sweep_scratch(layout)
        _sweep_generations(layout)
        yield
    finally:
        os.close(descriptor)


async def _lock(descriptor: int, on_progress: OnProgress) -> None:
    waited = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not waited:
                on_progress(Progress(Stage.WAIT, "another install"))
            waited = True
            await anyio.sleep(_POLL_SECONDS)
        else:
            return


def switch(layout: Layout, catalogue: Catalogue, on_progress: OnProgress) -> Catalogue:
    """Write `catalogue` as the next generation and put it in force; return it with its number and time."""
    number = max(generation_numbers(layout), default=0) + 1
    created = datetime.now(UTC).isoformat(timespec="seconds")
    skills = tuple(sorted(catalogue.skills, key=lambda skill: skill.name))
    new = msgspec.structs.replace(catalogue, generation=number, created=created, skills=skills)
    on_progress(Progress(Stage.GENERATION, str(number)))
    folder = layout.generations / str(number)
    folder.mkdir(parents=True)
    write_durable(folder / "catalogue.json", encode_catalogue(new))
    on_progress(Progress(Stage.WRITTEN, str(number)))
    sync_folder(folder)
    sync_folder(layout.generations)
    _point_current(layout, number, on_progress)
    return new


def previous(layout: Layout, to: int | None) -> Catalogue:
    """The catalogue of generation `to`, or of the one before that in force; raise `UsageError` when it is not there."""
    now = number_in_force(layout)
    numbers = generation_numbers(layout)
    earlier = [number for number in numbers if now is None or number < now]
    wanted = max(earlier, default=0) if to is None else to
    file = layout.generations / str(wanted) / "catalogue.json"
    if not file.is_file():
        raise UsageError(
            f"there is no generation {wanted} to go back to" if wanted else "there is nothing to go back to",
            hint=f"there are: {', '.join(map(str, numbers)) or 'none'}",
        )
    return decode_catalogue(file.read_bytes(), source=str(file))


def _point_current(layout: Layout, number: int, on_progress: OnProgress) -> None:
    link = layout.home / "current.new"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("generations") / str(number), target_is_directory=True)
    on_progress(Progress(Stage.SWITCH, str(number)))
    link.replace(layout.current)
    on_progress(Progress(Stage.SWITCHED, str(number)))
    sync_folder(layout.home)


def generation_numbers(layout: Layout) -> list[int]:
    """Every generation that is kept, oldest first."""
    try:
        return sorted(int(folder.name) for folder in layout.generations.iterdir() if _is_number(folder.name))
    except FileNotFoundError:
        return []


def number_in_force(layout: Layout) -> int | None:
    """The generation that `current` names, whether it is there or not; None when `current` names none."""
    try:
        name = layout.current.readlink().name
    except OSError:
        return None
    return int(name) if _is_number(name) else None


def drop_generation(layout: Layout, number: int, on_progress: OnProgress) -> None:
    """Take a generation that is not in force away; it is out of the list before the first of its files goes."""
    gone = layout.generations / f"{UNFINISHED}{number}"
    shutil.rmtree(gone, ignore_errors=True)
    on_progress(Progress(Stage.CLEAN, f"generation {number}"))
    (layout.generations / str(number)).rename(gone)
    on_progress(Progress(Stage.CLEAN, f"generation {number}"))
    shutil.rmtree(gone, ignore_errors=True)


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdecimal()


def _sweep_generations(layout: Layout) -> None:
    """Take away what a crash left: numbers only grow, so the one generation above that in force never was.

    More than one above it, or a `current` that names none, is nobody's crash, and nothing is taken away.
    """
    for leftover in layout.generations.glob(f"{UNFINISHED}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    now = number_in_force(layout) if layout.current.is_symlink() else 0
    above = [number for number in generation_numbers(layout) if now is None or number > now]
    if now is not None and above == [now + 1]:
        shutil.rmtree(layout.generations / str(above[0]), ignore_errors=True)
