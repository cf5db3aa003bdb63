"""`skill grant` and `skill revoke`: what a skill may do, changed one row at a time, each change a new generation.

Threat: a grant of something that nobody was asked for, or that says more than it seems to. Only what the manifest asks
for can be granted, whole or a folder within it, and what it stands for is shown before a person says yes.
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import msgspec

from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Installed, Layout
from skillkernel.errors import ApprovalRefused, UsageError
from skillkernel.near import nearest
from skillkernel.permissions.rows import holds, meet, permissions_of, row_problem
from skillkernel.text import visible
from skillkernel_registry.generation import exclusive, switch
from skillkernel_registry.progress import OnProgress, silent
from skillkernel_registry.settings import find_installed


@dataclass(frozen=True, slots=True)
class GrantsChange:
    """What is about to change: `granted` are all rows afterwards, `added` and `removed` those that differ."""

    skill: Installed
    granted: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GrantsResult:
    """The skill with its grants now; where nothing differs, `generation` is the old one."""

    skill: Installed
    generation: int
    added: tuple[str, ...]
    removed: tuple[str, ...]


Consent = Callable[[GrantsChange], bool | Awaitable[bool]]
"""Shows what the skill may do after a change and returns the person's answer."""


async def grant(
    layout: Layout, name: str, rows: Sequence[str] | None, *, consent: Consent, on_progress: OnProgress = silent
) -> GrantsResult:
    """Grant some rows of what a skill asks for, or with None all of them.

    `consent` is asked when there is anything new; a no raises `ApprovalRefused` and changes nothing. Raises
    `UnknownSkill`, and `UsageError` for a row that the manifest does not ask for.
    """
    skill = find_installed(read_catalogue(layout), name)
    change = plan_grant(skill, skill.manifest.permissions.rows() if rows is None else rows)
    if change.added:
        answer = consent(change)
        if not (await answer if inspect.isawaitable(answer) else answer):
            raise ApprovalRefused(f"nothing was granted to {name}", hint="nothing was changed")
    return await _put_in_force(layout, change, on_progress)


async def grant_to(
    layout: Layout, skill: Installed, rows: Sequence[str], *, on_progress: OnProgress = silent
) -> GrantsResult:
    """Grant rows that a person agreed to for this very skill; raise `UsageError` when it was changed since."""
    return await _put_in_force(layout, plan_grant(skill, rows), on_progress)


async def revoke(
    layout: Layout, name: str, rows: Sequence[str] | None, *, on_progress: OnProgress = silent
) -> GrantsResult:
    """Take grants back, or with None all of them; raise `UnknownSkill`, and `UsageError` for a row that is not granted."""
    skill = find_installed(read_catalogue(layout), name)
    return await _put_in_force(layout, plan_revoke(skill, rows), on_progress)


def plan_grant(skill: Installed, rows: Sequence[str]) -> GrantsChange:
    """What granting these rows changes; raise `UsageError` naming the first that cannot be granted."""
    asked, before = skill.manifest.permissions.rows(), skill.granted.rows()
    for row in rows:
        if not any(holds(wider, row) for wider in asked) or row_problem(row):
            raise _not_asked_for(skill, row)
    whole = [row for row in rows if row in asked]
    parts = [row for row in rows if row not in asked and not any(holds(wider, row) for wider in (*before, *whole))]
    kept = [row for row in before if row in asked or not any(holds(wider, row) for wider in (*whole, *parts))]
    return _change(skill, (*kept, *whole, *_outermost(parts)))


def plan_revoke(skill: Installed, rows: Sequence[str] | None) -> GrantsChange:
    """What taking these rows back changes, with all that lies within them; raise `UsageError` for what is not granted."""
    before = skill.granted.rows()
    if rows is None:
        return _change(skill, ())
    for row in rows:
        if not any(holds(row, granted) for granted in before) or _around(row, before):
            raise _not_granted(skill, row)
    return _change(skill, tuple(granted for granted in before if not any(holds(row, granted) for row in rows)))


def _outermost(rows: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for row in rows:
        if not any(holds(wider, row) for wider in kept):
            kept = [*(within for within in kept if not holds(row, within)), row]
    return kept


def _change(skill: Installed, granted: tuple[str, ...]) -> GrantsChange:
    before = skill.granted.rows()
    after = permissions_of(meet(skill.manifest.permissions.rows(), granted)).rows()
    return GrantsChange(
        skill,
        after,
        tuple(row for row in after if row not in before),
        tuple(row for row in before if row not in after),
    )


async def _put_in_force(layout: Layout, change: GrantsChange, on_progress: OnProgress) -> GrantsResult:
    name = change.skill.name
    async with exclusive(layout, on_progress):
        now = read_catalogue(layout)
        if now.skill(name) != change.skill:
            raise UsageError(f"{name} was changed by somebody else meanwhile", hint="run the same again")
        if not change.added and not change.removed:
            return GrantsResult(change.skill, now.generation, (), ())
        skill = msgspec.structs.replace(change.skill, granted=permissions_of(change.granted))
        skills = tuple(skill if one.name == name else one for one in now.skills)
        generation = switch(layout, msgspec.structs.replace(now, skills=skills), on_progress)
    return GrantsResult(skill, generation.generation, change.added, change.removed)


def _not_asked_for(skill: Installed, row: str) -> UsageError:
    asked = skill.manifest.permissions.rows()
    shown = visible(row, limit=200)
    problem = row_problem(row)
    if problem and not nearest(row, asked, limit=1):
        return UsageError(f"{shown} is no permission: {problem}", hint=f"`skill permissions {skill.name}` lists them")
    return UsageError(f"{skill.name} does not ask for {shown}", hint=_near(row, asked, "it asks for"))


def _not_granted(skill: Installed, row: str) -> UsageError:
    granted = skill.granted.rows()
    if around := _around(row, granted):
        return UsageError(
            f"{visible(row, limit=200)} is a part of {around}, which was granted whole",
            hint="revoke that, and grant the parts that it may have",
        )
    return UsageError(
        f"{skill.name} was not granted {visible(row, limit=200)}", hint=_near(row, granted, "it was granted")
    )


def _around(row: str, granted: Sequence[str]) -> str:
    """A wider row that was granted, so that the narrower one cannot be taken out of it."""
    return next((wider for wider in granted if holds(wider, row) and not holds(row, wider)), "")


def _near(row: str, rows: Sequence[str], there: str) -> str:
    near = nearest(row, rows, limit=1)
    return f"did you mean {near[0]}?" if near else f"{there}: {', '.join(rows) or 'nothing'}"
