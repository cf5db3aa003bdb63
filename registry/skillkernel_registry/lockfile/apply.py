"""A plan against what is installed, made true: everything into the store first, then one switch of generations."""

from collections.abc import Sequence

import msgspec

from skillkernel.catalogue.types import Catalogue, Installed, Layout
from skillkernel.errors import Missing
from skillkernel.permissions.rows import meet, permissions_of
from skillkernel_registry.generation import switch
from skillkernel_registry.install import installed_of
from skillkernel_registry.lockfile.sync_plan import SyncedSkill, SyncPlan, as_synced
from skillkernel_registry.plan import PlannedSkill
from skillkernel_registry.progress import OnProgress
from skillkernel_registry.settings import carried_settings
from skillkernel_registry.store import Stored, put


async def apply_plan(
    layout: Layout,
    plan: SyncPlan,
    before: Catalogue,
    on_progress: OnProgress,
    *,
    offline: bool = False,
    links: Sequence[str] = (),
) -> Catalogue:
    """The catalogue in force afterwards, `before` when nothing differs; the caller holds the lock on SKILL_HOME.

    `links` are further places of the Python packages that the skills depend on.
    Raises one `Missing` for all skills whose dependencies cannot be had, before anything was switched.
    """
    stored = await _put_all(layout, plan, on_progress, offline=offline, links=links)
    rows: dict[str, Installed] = {skill.name: skill for skill in before.skills}
    for gone in plan.removed:
        del rows[gone.name]
    for one in plan.repaired:
        rows[one.name] = _again(one, rows[one.name], stored[one.name])
    for step in plan.skills:
        rows[step.name] = _row(step, rows, stored)
    after = tuple(sorted(rows.values(), key=lambda skill: skill.name))
    if after == before.skills:
        return before
    return switch(layout, msgspec.structs.replace(before, skills=after), on_progress)


async def _put_all(
    layout: Layout, plan: SyncPlan, on_progress: OnProgress, *, offline: bool, links: Sequence[str]
) -> dict[str, Stored]:
    """Every wheel in the store; raise one `Missing` for all whose dependencies cannot be had."""
    stored: dict[str, Stored] = {}
    missing: list[Missing] = []
    for planned in (*plan.repaired, *(step.planned for step in plan.skills if step.planned)):
        try:
            wheel = planned.candidate.wheel
            stored[planned.name] = await put(layout, wheel, on_progress, offline=offline, links=links)
        except Missing as error:
            missing.append(Missing(f"{planned.name} {planned.version}: {error.message}", hint=error.hint))
    if missing:
        raise all_missing(missing)
    return stored


def _row(step: SyncedSkill, rows: dict[str, Installed], stored: dict[str, Stored]) -> Installed:
    if step.planned is None:
        return as_synced(step, rows[step.name])
    return installed_of(
        step.planned,
        stored[step.name],
        granted=step.granted,
        settings=step.settings,
        requested=step.requested,
        ask_at_use=step.ask_at_use,
    )


def _again(planned: PlannedSkill, row: Installed, stored: Stored) -> Installed:
    """The row of a skill as its wheel has it, with what was decided about it."""
    fresh = installed_of(
        planned,
        stored,
        granted=permissions_of(meet(planned.manifest.permissions.rows(), row.granted.rows())),
        settings=carried_settings(row.settings, planned.manifest),
        requested=row.requested,
        ask_at_use=row.ask_at_use,
    )
    return msgspec.structs.replace(fresh, editable=row.editable, source=row.source)


def all_missing(missing: list[Missing]) -> Missing:
    """One error that lists them all."""
    if len(missing) == 1:
        return missing[0]
    whole = Missing(f"{len(missing)} things are missing here", hint=missing[0].hint)
    whole.detail = "\n".join(error.message for error in missing)
    return whole
