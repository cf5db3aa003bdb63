"""What to ask for instead, found by trying: a hint is given only for what was seen to fit."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from packaging.specifiers import SpecifierSet

from skillkernel.catalogue.types import Catalogue
from skillkernel.errors import SkillKernelError
from skillkernel.names import SkillName
from skillkernel_registry.request import NamedRequest
from skillkernel_registry.resolution.choice import Choice, LookUp, Problem
from skillkernel_registry.resolution.solve import Impossible, search
from skillkernel_registry.resolution.stock import Stock

_ROUNDS = 1_000
"""Steps of one attempt."""
_ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class _Attempt:
    """The same problem with one thing given up: the version asked of `name`, the skill, an installed skill, or finals."""

    problem: Problem
    name: SkillName
    gives_up: str


def way_out(problem: Problem, look_up: LookUp, at_odds: SkillName, installed: Iterable[SkillName]) -> str:
    """One sentence on what would fit, a newer version before an older; empty when nothing was found.

    `at_odds` is what the conflict is about, `installed` what stands in the way.
    """
    hints: list[str] = []
    for attempt in islice(_attempts(problem, tuple(installed)), _ATTEMPTS):
        try:
            found = {choice.name: choice for choice in search(attempt.problem, look_up, rounds=_ROUNDS)}
        except (Impossible, SkillKernelError):
            continue
        hint = _hint(attempt, found, at_odds)
        if attempt.gives_up != "version" or _is_newest(attempt, found, look_up):
            return hints[0] if hints and attempt.gives_up != "version" else hint
        hints.append(hint)
    return hints[0] if hints else ""


def _is_newest(attempt: _Attempt, found: dict[SkillName, Choice], look_up: LookUp) -> bool:
    stock = Stock(attempt.problem, look_up)
    choice = found[attempt.name]
    return all(other.version <= choice.version for other in stock.choices(choice.name, SpecifierSet()))


def _attempts(problem: Problem, installed: tuple[SkillName, ...]) -> Iterator[_Attempt]:
    asked = problem.asked
    for request in asked:
        if request.specifier:
            free = NamedRequest(request.name, SpecifierSet())
            others = tuple(free if one is request else one for one in asked)
            yield _Attempt(replace(problem, asked=others), request.name, "version")
    if not problem.pre:
        yield _Attempt(replace(problem, pre=True), SkillName(""), "finals")
    for name in installed:
        kept = tuple(skill for skill in problem.installed.skills if skill.name != name)
        yield _Attempt(replace(problem, installed=Catalogue(skills=kept)), name, "installed")
    if len(asked) + len(problem.fixed) > 1:
        for request in asked:
            others = tuple(one for one in asked if one is not request)
            yield _Attempt(replace(problem, asked=others), request.name, "skill")


def _hint(attempt: _Attempt, found: dict[SkillName, Choice], at_odds: SkillName) -> str:
    if attempt.gives_up == "version":
        choice = found[attempt.name]
        takes = [str(demand) for demand in choice.requires if demand.name == at_odds]
        return f"ask for {choice.name}=={choice.version}" + (f", which takes {takes[0]}" if takes else "")
    if attempt.gives_up == "finals":
        early = next(choice for choice in found.values() if choice.version.is_prerelease)
        return f"a pre-release fits: ask for {early.name}=={early.version} too"
    if attempt.gives_up == "installed":
        return f"uninstall {attempt.name} first, or ask for a release of it that fits"
    return f"leave out {attempt.name}: the rest fits together"
