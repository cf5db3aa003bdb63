"""What could be taken for each name, best first; records are looked up when they are needed and not before."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from skillkernel.catalogue.types import Installed
from skillkernel.errors import UsageError
from skillkernel.names import SkillName
from skillkernel_registry.errors import ResolutionTooLong
from skillkernel_registry.index_format import Release
from skillkernel_registry.request import parse_named
from skillkernel_registry.resolution.choice import Choice, Demand, LookUp, Offered, Problem, Why
from skillkernel_registry.resolution.versions import admitted, by_version, fitting, read_version

if TYPE_CHECKING:
    from skillkernel_registry.wheel import SkillWheel

NAME_LIMIT = 5_000
"""Skills that one resolution looks up."""
LOOK_LIMIT = 20_000_000
"""Releases that one resolution compares with a specifier, all comparisons together."""
REQUIRED_LIMIT = 50
"""Skills that one release may require, as in skill.json."""
_ANY = SpecifierSet()


class Stock:
    """The choices of one resolution; each is one object, made once."""

    def __init__(self, problem: Problem, look_up: LookUp) -> None:
        self.problem = problem
        self.installed = {skill.name: skill for skill in problem.installed.skills}
        self._look_up = look_up
        self._asked = {request.name for request in problem.asked}
        self._offered: dict[SkillName, Offered | None] = {}
        self._shelves: dict[SkillName, dict[Version, Release]] = {}
        self._made: dict[tuple[SkillName, Version], Choice] = {}
        self._dependents = _dependents(problem.installed.skills)
        self._here = {skill.name: _as_it_is(skill) for skill in problem.installed.skills}
        self._here |= {name: self._in_hand(name, wheel) for name, wheel in problem.fixed.items()}
        self._matching: dict[tuple[SkillName, str], tuple[Choice, ...]] = {}
        self._compared = 0

    def choices(self, name: SkillName, specifier: SpecifierSet) -> Iterator[Choice]:
        """Every choice that `specifier` admits, best first; an installed one comes before any record is read.

        Raises `ResolutionTooLong`, and what looking up raises.
        """
        here = self._here.get(name)
        if here is None:
            yield from self._released(name, specifier)
            return
        stays = holds(specifier, here.version)
        if name in self.problem.fixed:
            if stays:
                yield here
            return
        if name not in self.problem.newest:
            if stays:
                yield here
            yield from self._released(name, specifier)
            return
        for choice in self._released(name, specifier):
            if stays and choice.version < here.version:
                yield here
                stays = False
            yield choice
        if stays:
            yield here

    def offered(self, name: SkillName) -> Offered | None:
        """What an index has under a name."""
        if name not in self._offered:
            if len(self._offered) >= NAME_LIMIT:
                raise ResolutionTooLong(f"more than {NAME_LIMIT} skills would have to be looked at")
            self._offered[name] = self._look_up(name)
        return self._offered[name]

    def here(self, name: SkillName) -> Choice | None:
        """The choice that needs no index: a wheel in hand, or what is installed."""
        return self._here.get(name)

    def may_move(self, name: SkillName, index: str) -> bool:
        """Whether releases of that index may replace what is installed: those of its own, or by a person's word."""
        skill = self.installed.get(name)
        return skill is None or skill.index == index or (self.problem.moves and name in self._asked)

    def _released(self, name: SkillName, specifier: SpecifierSet) -> tuple[Choice, ...]:
        key = name, str(specifier)
        if key not in self._matching:
            shelf = self._shelf(name)
            self._compared += len(shelf)
            if self._compared > LOOK_LIMIT:
                raise ResolutionTooLong("there are too many releases and combinations to look at")
            here = self._here.get(name)
            self._matching[key] = tuple(
                self._choice(name, release)
                for release in admitted(shelf, specifier, pre=self.problem.pre)
                if here is None or read_version(release.version) != here.version
            )
        return self._matching[key]

    def _shelf(self, name: SkillName) -> dict[Version, Release]:
        if name not in self._shelves:
            offered = self.offered(name)
            usable = offered is not None and self.may_move(name, offered.index)
            releases = offered.record.releases if offered is not None and usable else ()
            fit = fitting((one for one in releases if required(one.requires_skills) is not None), self.problem.host)
            self._shelves[name] = by_version(fit)
        return self._shelves[name]

    def _choice(self, name: SkillName, release: Release) -> Choice:
        version = Version(release.version)
        key = name, version
        if key not in self._made:
            demands = required(release.requires_skills) or ()
            self._made[key] = Choice(name, version, (*demands, *self._dependents.get(name, ())), release)
        return self._made[key]

    def _in_hand(self, name: SkillName, wheel: "SkillWheel") -> Choice:
        demands = required(wheel.manifest.requires_skills) or ()
        version = Version(wheel.manifest.version)
        return Choice(name, version, (*demands, *self._dependents.get(name, ())), wheel)


def holds(specifier: SpecifierSet, version: Version) -> bool:
    """Whether a version that somebody chose satisfies a specifier; a pre-release may."""
    return specifier.contains(version, prereleases=True)


def readable(texts: Iterable[str]) -> bool:
    """Whether every text of a record's `requires_skills` names a skill and versions of it, and there are not too many."""
    return required(tuple(texts)) is not None


@lru_cache(65536)
def required(texts: tuple[str, ...]) -> tuple[Demand, ...] | None:
    """What a record's `requires_skills` demand, None when they are not `readable`."""
    if len(texts) > REQUIRED_LIMIT:
        return None
    try:
        requests = [parse_named(text) for text in texts]
    except UsageError:
        return None
    return tuple(Demand(request.name, request.specifier, Why.REQUIRED) for request in requests)


def _as_it_is(skill: Installed) -> Choice:
    return Choice(skill.name, Version(skill.version), required(skill.manifest.requires_skills) or (), skill)


def _dependents(installed: Iterable[Installed]) -> dict[SkillName, tuple[Demand, ...]]:
    """For each skill that an installed one requires, the demand that the latter still fits when the former changes."""
    found: dict[SkillName, list[Demand]] = {}
    for skill in installed:
        keep = Demand(skill.name, _ANY, Why.KEPT)
        for name in {demand.name for demand in required(skill.manifest.requires_skills) or ()} - {skill.name}:
            found.setdefault(name, []).append(keep)
    return {name: tuple(demands) for name, demands in found.items()}
