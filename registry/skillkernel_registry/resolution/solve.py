"""One release of each skill, so that everything fits: a pure function of the problem and of what the indexes hold."""

from collections.abc import Sequence

from packaging.specifiers import SpecifierSet
from resolvelib import ResolutionImpossible, ResolutionTooDeep
from resolvelib import Resolver as Search

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
    stock, trail = Stock(problem, look_up), Trail()
    provider = Provider(stock)
    try:
        found = Search(provider, trail).resolve(_roots(problem), max_rounds=rounds).mapping
    except ResolutionImpossible as error:  # pyright: ignore[reportUnknownVariableType] # a clause cannot say of what
        causes: tuple[Cause, ...] = tuple(error.causes)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType, reportUnknownMemberType] # the same
        raise Impossible(causes, trail, stock) from None
    except (ResolutionTooDeep, RecursionError):
        raise ResolutionTooLong(f"no set of releases that fit together was found in {rounds:,} steps") from None
    first = [*problem.fixed, *(request.name for request in problem.asked)]
    return tuple(found[name] for name in dict.fromkeys((*first, *found)))


def _roots(problem: Problem) -> list[Demand]:
    """Wheels in hand come first, so that what is asked of a name that one has is measured against it."""
    fixed = [Demand(name, SpecifierSet(), Why.ASKED) for name in problem.fixed]
    return [*fixed, *(Demand(request.name, request.specifier, Why.ASKED) for request in problem.asked)]
