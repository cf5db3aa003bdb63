"""Why nothing fits, for the person who asked: who demands what, and what to ask for instead."""

from collections.abc import Sequence

from packaging.specifiers import SpecifierSet

from skillkernel.catalogue.types import Installed
from skillkernel.errors import SkillKernelError, UsageError
from skillkernel.names import SkillName
from skillkernel_registry.errors import RequiredSkillUnknown, SkillsConflict
from skillkernel_registry.index_format import Release
from skillkernel_registry.resolution.choice import Choice, LookUp, Problem
from skillkernel_registry.resolution.prose import Demanded, Said, conflict, demands
from skillkernel_registry.resolution.solve import Impossible, search
from skillkernel_registry.resolution.stock import Stock, holds, readable
from skillkernel_registry.resolution.versions import nothing_fits
from skillkernel_registry.resolution.way_out import way_out

_NO_WAY = "they cannot be installed together: leave one of them out"
_LINES = 10
"""Conflicts that are told besides the first."""


def choose_all(problem: Problem, look_up: LookUp) -> tuple[Choice, ...]:
    """`search`, whose failure is an error that a person can act on.

    Raises `SkillsConflict`, `RequiredSkillUnknown`, `UsageError` for a version that there is not, `Missing` for another
    kernel or Python, `ResolutionTooLong`, and what looking up raises.
    """
    try:
        return search(problem, look_up)
    except Impossible as error:
        raise explain(error, look_up) from None


def explain(impossible: Impossible, look_up: LookUp) -> SkillKernelError:
    """The error for a search that failed: its last conflict first, then those that it met on the way."""
    stock, demanded = impossible.stock, impossible.trail.demanded
    last: dict[SkillName, list[Said]] = {}
    for demand, parent in impossible.causes:
        last.setdefault(demand.name, []).append((demand, parent))
    met = impossible.trail.conflicts
    whole = {name: list(dict.fromkeys((*said, *met.get(name, ())))) for name, said in {**last, **met}.items()}
    conflicts = [(name, _core(stock, name, said)) for name, said in whole.items()]
    conflicts.sort(key=lambda one: not one[1])
    name, core = conflicts[0]
    if not core:
        return _conflict(name, last[name], conflicts[1:], impossible, look_up)
    unmet = _unmet(stock, name, core, demanded)
    if unmet is None:
        return _conflict(name, core, conflicts[1:], impossible, look_up)
    if type(unmet) is UsageError and core[0][1] is not None:
        found = way_out(stock.problem, look_up, name, _in_the_way(stock, core))
        unmet.hint = found or f"tell whoever publishes {core[0][1].name}"
    return unmet


def _conflict(
    name: SkillName,
    said: Sequence[Said],
    others: Sequence[tuple[SkillName, list[Said]]],
    impossible: Impossible,
    look_up: LookUp,
) -> SkillsConflict:
    stock, demanded = impossible.stock, impossible.trail.demanded
    message = conflict(name, said, demanded)
    lines = [line for other, core in others if core and (line := _line(stock, other, core, demanded)) != message]
    if offer := _offer(stock, name):
        lines.append(offer)
    hint = way_out(stock.problem, look_up, name, _in_the_way(stock, said)) or _NO_WAY
    return SkillsConflict(message, tuple(dict.fromkeys(lines))[:_LINES], hint=hint)


def _in_the_way(stock: Stock, said: Sequence[Said]) -> dict[SkillName, None]:
    """The installed skills that make some of the demands and that nobody asked for."""
    asked = {request.name for request in stock.problem.asked}
    return {
        parent.name: None
        for _, parent in said
        if parent is not None and isinstance(parent.source, Installed) and parent.name not in asked
    }


def _core(stock: Stock, name: SkillName, said: Sequence[Said]) -> list[Said]:
    """The demands that no choice meets together, without those that could be left out; empty when one meets all.

    Of one skill's demands only one has to be met: its versions do not come together.
    """
    groups: dict[str, list[Said]] = {}
    for demand, parent in said:
        groups.setdefault(parent.name if parent else f"{demand} of the person", []).append((demand, parent))
    pool = {choice for demand, _ in said for choice in stock.choices(name, demand.specifier)}

    def met(some: list[list[Said]]) -> bool:
        return any(
            all(any(holds(demand.specifier, choice.version) for demand, _ in group) for group in some)
            for choice in pool
        )

    if met(list(groups.values())):
        return []
    for key in list(groups):
        rest = [group for other, group in groups.items() if other != key]
        if rest and not met(rest):
            del groups[key]
    return [one for group in groups.values() for one in group]


def _unmet(stock: Stock, name: SkillName, core: Sequence[Said], demanded: Demanded) -> SkillKernelError | None:
    """The error where one skill alone demands what cannot be had, whatever the others say; else None."""
    demand, parent = core[0]
    if len({one.name if one else "" for _, one in core}) > 1 or (parent is None and len(core) > 1):
        return None
    clause = demands(core, demanded)[0]
    offered, here = stock.offered(name) if name not in stock.problem.fixed else None, stock.here(name)
    if here is not None and offered is None:
        what = "the wheel that you gave" if name in stock.problem.fixed else "installed, and no index has it"
        return SkillsConflict(f"{clause}, but {here} is {what}", hint="give a wheel of another version")
    if offered is None:
        return RequiredSkillUnknown(clause, name)
    if not stock.may_move(name, offered.index):
        return SkillsConflict(
            f"{clause}, but the installed {here} is not from {offered.index}",
            hint=f"ask for {name} too, to take it from there from now on",
        )
    error = nothing_fits(name, _readable(offered.record.releases), demand.specifier, stock.problem.host)
    if parent is not None:
        error.message = f"{clause}, but {error.message}"
        error.args = (error.message,)
    return error


def _line(stock: Stock, name: SkillName, core: Sequence[Said], demanded: Demanded) -> str:
    unmet = _unmet(stock, name, core, demanded)
    return unmet.message if unmet is not None else conflict(name, core, demanded)


def _offer(stock: Stock, name: SkillName) -> str:
    versions = sorted({choice.version for choice in stock.choices(name, SpecifierSet())})
    return f"there are: {name} {', '.join(map(str, versions[-6:]))}" if versions else ""


def _readable(releases: Sequence[Release]) -> list[Release]:
    return [release for release in releases if readable(release.requires_skills)]
