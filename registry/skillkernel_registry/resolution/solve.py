"""One release of each skill, so that everything fits: a pure function of the problem and of what the indexes hold."""

from collections.abc import Iterable, Mapping, Sequence

from packaging.specifiers import SpecifierSet
from resolvelib import ResolutionImpossible, ResolutionTooDeep
from resolvelib.resolvers import Resolution

from skillkernel.names import SkillName
from skillkernel_registry.errors import ResolutionTooLong
from skillkernel_registry.resolution.choice import Choice, Demand, LookUp, Problem, Why
from skillkernel_registry.resolution.provider import Cause, Provider, Trail
from skillkernel_registry.resolution.stock import Stock

ROUND_LIMIT = 20_000
"""Choices that one resolution makes or takes back; every skill of a solution is one."""


class Impossible(Exception):
    """Nothing fits: `causes` are the demands that could not be met last, `trail` is all that was tried."""

    def __init__(self, causes: Sequence[Cause], trail: Trail, stock: Stock) -> None:
        super().__init__()
        self.causes = causes
        self.trail = trail
        self.stock = stock


def search(problem: Problem, look_up: LookUp, *, rounds: int = ROUND_LIMIT) -> tuple[Choice, ...]:
    """A choice for each name that is asked for or in hand and for all that these require, in that order.

    Installed skills that require what changes are among them, at their own version where that fits. Raises `Impossible`,
    `ResolutionTooLong`, and what looking up raises.
    """
    stock, trail, roots = Stock(problem, look_up), Trail(), _roots(problem)
    try:
        pinned = Resolution(Provider(stock), trail).resolve(roots, max_rounds=rounds).mapping
    except ResolutionImpossible as error:  # pyright: ignore[reportUnknownVariableType] # a clause cannot say of what
        causes: tuple[Cause, ...] = tuple(error.causes)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType, reportUnknownMemberType] # the same
        found = _step_by_step(stock, roots, rounds)
        if found is None:
            raise Impossible(causes, trail, stock) from None
        pinned = found
    except ResolutionTooDeep:
        raise ResolutionTooLong(f"no set of releases that fit together was found in {rounds:,} steps") from None
    needed = _needed(roots, pinned)
    first = [demand.name for demand in roots]
    return tuple(pinned[name] for name in dict.fromkeys((*first, *(name for name in pinned if name in needed))))


class _StepByStep(Resolution[Demand, Choice, SkillName]):
    """Takes back one choice after the other.

    resolvelib goes back to what caused a conflict, and passes over choices that would have helped where a candidate was
    rejected for what it requires. With no causes and no optimism it takes back the last choice each time.
    """

    def _backjump(self, causes: list[Cause]) -> bool:
        self._optimistic_backjumping_ratio = 0.0
        return super()._backjump([])


def _step_by_step(stock: Stock, roots: Sequence[Demand], rounds: int) -> dict[SkillName, Choice] | None:
    """What fits, found the long way, or None: nothing does, or it takes more than so many steps to know."""
    try:
        return _StepByStep(Provider(stock), Trail()).resolve(roots, max_rounds=rounds).mapping
    except (ResolutionImpossible, ResolutionTooDeep):
        return None


def _needed(roots: Iterable[Demand], pinned: Mapping[SkillName, Choice]) -> set[SkillName]:
    """Without what was pinned for a choice that was taken back.

    resolvelib's own `Resolver` leaves that out as well, and recurses without end where such skills require each other.
    """
    needed: set[SkillName] = set()
    waiting = {demand.name for demand in roots}
    while waiting:
        name = waiting.pop()
        needed.add(name)
        waiting |= {demand.name for demand in pinned[name].requires} - needed
    return needed


def _roots(problem: Problem) -> list[Demand]:
    """Wheels in hand come first, so that what is asked of a name that one has is measured against it."""
    fixed = [Demand(name, SpecifierSet(), Why.ASKED) for name in problem.fixed]
    return [*fixed, *(Demand(request.name, request.specifier, Why.ASKED) for request in problem.asked)]
