"""The choice as resolvelib asks for it, and what is remembered of how it went."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from packaging.specifiers import SpecifierSet
from resolvelib import AbstractProvider, BaseReporter
from resolvelib.resolvers import Criterion
from resolvelib.structs import RequirementInformation

from skillkernel.names import SkillName
from skillkernel_registry.resolution.choice import Choice, Demand, Why
from skillkernel_registry.resolution.stock import Stock, holds
from skillkernel_registry.resolution.versions import pins

Cause = RequirementInformation[Demand, Choice]
_REMEMBERED = 65_536
"""Answers of each kind that one search keeps: resolvelib asks again in each round, for every skill chosen so far."""


class Provider(AbstractProvider[Demand, Choice, SkillName]):
    """Names that are in conflict are settled first, then wheels in hand, pinned versions, and what was asked for."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._met = lru_cache(_REMEMBERED)(_is_met)
        self._together = lru_cache(_REMEMBERED)(together)
        self._pins = lru_cache(_REMEMBERED)(_pins)
        self._order = {request.name: place for place, request in enumerate(stock.problem.asked)}

    def identify(self, requirement_or_candidate: Demand | Choice) -> SkillName:
        return requirement_or_candidate.name

    def find_matches(
        self,
        identifier: SkillName,
        requirements: Mapping[SkillName, Iterator[Demand]],
        incompatibilities: Mapping[SkillName, Iterator[Choice]],
    ) -> Callable[[], Iterator[Choice]]:
        specifier = self._together(frozenset(requirements[identifier]))
        excluded = set(incompatibilities[identifier])

        def matches() -> Iterator[Choice]:
            return (choice for choice in self._stock.choices(identifier, specifier) if choice not in excluded)

        return matches

    def is_satisfied_by(self, requirement: Demand, candidate: Choice) -> bool:
        return self._met(requirement, candidate)

    def get_dependencies(self, candidate: Choice) -> Iterable[Demand]:
        return candidate.requires

    def narrow_requirement_selection(
        self,
        identifiers: Iterable[SkillName],
        resolutions: Mapping[SkillName, Choice],
        candidates: Mapping[SkillName, Iterator[Choice]],
        information: Mapping[SkillName, Iterator[Cause]],
        backtrack_causes: Sequence[Cause],
    ) -> Iterable[SkillName]:
        waiting = list(identifiers)
        at_odds = {cause.requirement.name for cause in backtrack_causes}
        at_odds |= {cause.parent.name for cause in backtrack_causes if cause.parent is not None}
        return [name for name in waiting if name in at_odds] or waiting

    def get_preference(
        self,
        identifier: SkillName,
        resolutions: Mapping[SkillName, Choice],
        candidates: Mapping[SkillName, Iterator[Choice]],
        information: Mapping[SkillName, Iterator[Cause]],
        backtrack_causes: Sequence[Cause],
    ) -> tuple[bool, bool, int, bool, SkillName]:
        demands = [cause.requirement for cause in information[identifier]]
        return (
            identifier not in self._stock.problem.fixed,
            not any(map(self._pins, demands)),
            self._order.get(identifier, len(self._order)),
            not any(demand.specifier for demand in demands),
            identifier,
        )


class Trail(BaseReporter[Demand, Choice, SkillName]):
    """Who demanded what, in the order in which it came up, and every conflict that was met on the way."""

    def __init__(self) -> None:
        self.demanded: dict[SkillName, list[tuple[Demand, Choice | None]]] = {}
        self.conflicts: dict[SkillName, dict[tuple[Demand, Choice | None], None]] = {}
        self._seen: set[tuple[Demand, Choice | None]] = set()

    def adding_requirement(self, requirement: Demand, parent: Choice | None) -> None:
        if (requirement, parent) not in self._seen:
            self._seen.add((requirement, parent))
            self.demanded.setdefault(requirement.name, []).append((requirement, parent))

    def rejecting_candidate(self, criterion: Criterion[Demand, Choice], candidate: Choice) -> None:
        self._note(criterion.information)

    def resolving_conflicts(self, causes: Collection[Cause]) -> None:
        self._note(causes)

    def _note(self, causes: Iterable[Cause]) -> None:
        for demand, parent in causes:
            if demand.why is not Why.KEPT:
                self.conflicts.setdefault(demand.name, {})[demand, parent] = None


def together(demands: Iterable[Demand]) -> SpecifierSet:
    """What all of them admit."""
    different = {str(demand.specifier): demand.specifier for demand in demands}
    combined = SpecifierSet()
    for specifier in different.values():
        combined &= specifier
    return combined


def _is_met(demand: Demand, choice: Choice) -> bool:
    return holds(demand.specifier, choice.version)


def _pins(demand: Demand) -> bool:
    return pins(demand.specifier)
