"""`skill history`: which generations there are, and what each changed against the one before it."""

from collections.abc import Iterator
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from skillkernel.catalogue.read import decode_catalogue
from skillkernel.catalogue.types import Catalogue, Installed, Layout
from skillkernel.errors import IntegrityError
from skillkernel_registry.generation import generation_numbers, number_in_force


@dataclass(frozen=True, slots=True)
class Kept:
    """A generation on this machine; `catalogue` is None, and `problem` says why, when it cannot be read."""

    number: int
    catalogue: Catalogue | None
    problem: str = ""

    @property
    def created(self) -> str:
        """When it was made, ISO 8601; empty when that cannot be read."""
        return self.catalogue.created if self.catalogue else ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a generation did to one skill.

    `change` is installed, removed, upgraded, downgraded, replaced (the same version, other bytes or another owner), granted
    or revoked (`rows`), set (`settings`: names) or asking (`after` is `yes` or `no`: it asks at first use). `before` and
    `after` are versions, empty where there is none.
    """

    skill: str
    change: str
    before: str = ""
    after: str = ""
    rows: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation with what it changed; `changes` is empty when it, or the one before it, cannot be read."""

    kept: Kept
    in_force: bool
    changes: tuple[Change, ...]


def history(layout: Layout) -> tuple[Generation, ...]:
    """Every generation that is kept, newest first."""
    now = number_in_force(layout)
    before: Catalogue | None = Catalogue()
    found: list[Generation] = []
    for kept in kept_generations(layout):
        changes = tuple(changes_between(before, kept.catalogue)) if before and kept.catalogue else ()
        found.append(Generation(kept, kept.number == now, changes))
        before = kept.catalogue
    return tuple(reversed(found))


def kept_generations(layout: Layout) -> list[Kept]:
    """Every generation that is kept, oldest first, those that cannot be read too."""
    return [_read(layout, number) for number in generation_numbers(layout)]


def changes_between(before: Catalogue, after: Catalogue) -> Iterator[Change]:
    """What differs from one generation to another, in the order of names."""
    old = {str(skill.name): skill for skill in before.skills}
    new = {str(skill.name): skill for skill in after.skills}
    for name in sorted({*old, *new}):
        yield from _of_one(name, old.get(name), new.get(name))


def _of_one(name: str, old: Installed | None, new: Installed | None) -> Iterator[Change]:
    if new is None:
        if old is not None:
            yield Change(name, "removed", before=old.version)
        return
    if old is None:
        yield Change(name, "installed", after=new.version)
    elif (old.version, old.store, old.owner) != (new.version, new.store, new.owner):
        yield Change(name, _kind(old, new), before=old.version, after=new.version)
    mine = old if old is not None and old.owner == new.owner else None
    yield from _decided(name, mine, new)


def _decided(name: str, old: Installed | None, new: Installed) -> Iterator[Change]:
    before, after = old.granted.rows() if old else (), new.granted.rows()
    if added := tuple(row for row in after if row not in before):
        yield Change(name, "granted", rows=added)
    if gone := tuple(row for row in before if row not in after):
        yield Change(name, "revoked", rows=gone)
    settings = old.settings if old else {}
    names = sorted({*settings, *new.settings})
    if differing := tuple(key for key in names if settings.get(key) != new.settings.get(key)):
        yield Change(name, "set", settings=differing)
    if (old is not None and old.ask_at_use) != new.ask_at_use:
        yield Change(name, "asking", after="yes" if new.ask_at_use else "no")


def _kind(old: Installed, new: Installed) -> str:
    if old.owner != new.owner:
        return "replaced"
    try:
        before, after = Version(old.version), Version(new.version)
    except InvalidVersion:
        return "replaced"
    return "upgraded" if before < after else "downgraded" if before > after else "replaced"


def _read(layout: Layout, number: int) -> Kept:
    file = layout.generations / str(number) / "catalogue.json"
    try:
        return Kept(number, decode_catalogue(file.read_bytes(), source=str(file)))
    except OSError as error:
        return Kept(number, None, f"{file} cannot be read: {error.strerror}")
    except IntegrityError as error:
        return Kept(number, None, error.message)
