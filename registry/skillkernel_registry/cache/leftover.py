"""What may go: old generations, and then what no generation that is kept names."""

import fcntl
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel_registry.generation import number_in_force
from skillkernel_registry.history import Kept, kept_generations
from skillkernel_registry.store import UNFINISHED
from skillkernel_registry.wheel_cache import is_kept

KEPT_DAYS = 30
KEPT_GENERATIONS = 10
_WHOLE = ("bytecode", "backend", "tests")
"""Folders of the cache that are made again when they are needed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder that may go; `kind` is the row of `skill cache` that it is part of."""

    kind: str
    path: Path


@dataclass(frozen=True, slots=True)
class Leftover:
    """`generations` go first, then `entries`. `unreadable` are generations that are kept and cannot be read: while there
    are any, nobody knows what they need, and nothing of store and wheels is among the entries."""

    generations: tuple[int, ...]
    entries: tuple[Entry, ...]
    unreadable: tuple[int, ...]


def leftover(layout: Layout, *, keep: int | None, everything: bool, now: datetime) -> Leftover:
    """What may go when `keep` generations stay (None: the usual rule); with `everything` also what needs a network."""
    found = kept_generations(layout)
    in_force = number_in_force(layout) or 0
    old = old_generations([(one.number, one.created) for one in found], in_force, keep, now)
    stay = [one for one in found if one.number not in old]
    unreadable = tuple(one.number for one in stay if one.catalogue is None)
    entries = [Entry(name, layout.cache / name) for name in _WHOLE if (layout.cache / name).exists()]
    if not unreadable:
        entries += _unnamed(layout, stay, everything)
    if everything and (layout.cache / "indexes").exists():
        entries.append(Entry("indexes", layout.cache / "indexes"))
    return Leftover(tuple(sorted(old)), tuple(entries), unreadable)


def old_generations(found: Sequence[tuple[int, str]], in_force: int, keep: int | None, now: datetime) -> set[int]:
    """The numbers that go, of (number, created).

    The one in force always stays. Otherwise the newest `keep` stay; with None the newest ten, and all of the last 30
    days. One whose time cannot be read counts as new.
    """
    numbers = sorted((number for number, _ in found), reverse=True)
    stay = {in_force, *numbers[: KEPT_GENERATIONS if keep is None else keep]}
    if keep is None:
        stay |= {number for number, created in found if _is_new(created, now)}
    return {number for number in numbers if number not in stay}


def is_held(environment: Path) -> bool:
    """Whether a worker runs in this environment."""
    descriptor = hold_alone(environment)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def hold_alone(environment: Path) -> int | None:
    """A descriptor that keeps workers out of an environment until it is closed; None when one runs in it.

    An environment that is not there is held by its store folder.
    """
    place = environment if environment.is_dir() else environment.parent
    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _is_new(created: str, now: datetime) -> bool:
    try:
        return now - datetime.fromisoformat(created) < timedelta(days=KEPT_DAYS)
    except (ValueError, TypeError):
        return True


def _unnamed(layout: Layout, stay: Iterable[Kept], everything: bool) -> list[Entry]:
    catalogues = [one.catalogue for one in stay if one.catalogue is not None]
    stores = {skill.store for one in catalogues for skill in one.skills}
    wheels: set[str] = set() if everything else _wheels(catalogues)
    entries = [Entry("store", path) for path in _inside(layout.store) if path.name not in stores]
    entries += [Entry("stamps", path) for path in _inside(layout.cache / "stamps") if path.name not in stores]
    entries += [Entry("wheels", path) for path in _inside(layout.cache / "wheels") if path.name not in wheels]
    entries += [Entry("origins", path) for path in _inside(layout.cache / "origins") if path.stem not in wheels]
    entries += [Entry("built", path) for path in _inside(layout.cache / "built") if not _holds_one(path, wheels)]
    return entries


def _wheels(catalogues: Iterable[Catalogue]) -> set[str]:
    return {str(skill.wheel) for one in catalogues for skill in one.skills if skill.wheel}


def _holds_one(folder: Path, wheels: set[str]) -> bool:
    return any(is_kept(path, sha256) for path in folder.glob("*.whl") for sha256 in wheels)


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith(UNFINISHED))
    except FileNotFoundError:
        return []
