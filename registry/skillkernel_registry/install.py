"""`skill install`: from names to a new generation in force, with a person's consent, all or nothing."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Catalogue, Installed, Layout
from skillkernel.errors import ApprovalRefused, UsageError
from skillkernel.manifest.types import Permissions
from skillkernel.permissions.rows import meet, permissions_of
from skillkernel_registry.cache.in_use import using_cache
from skillkernel_registry.editable import Followed, follow, follows
from skillkernel_registry.generation import exclusive, switch
from skillkernel_registry.index import STRICT, IndexTerms
from skillkernel_registry.index_on_demand import index_on_demand
from skillkernel_registry.plan import Agreed, Answer, Consent, Plan, PlannedSkill, make_plan
from skillkernel_registry.progress import OnProgress, Progress, Stage, silent
from skillkernel_registry.request import parse_request
from skillkernel_registry.resolution.resolver import Resolver
from skillkernel_registry.settings import carried_settings
from skillkernel_registry.store import Stored, put
from skillkernel_registry.told_by_index import told_by_index

NOBODY: Mapping[str, Followed] = {}
"""No installed skill follows a folder."""


@dataclass(frozen=True, slots=True)
class InstallResult:
    """`installed` is what is new or differs in this generation, `unchanged` what was there already as asked.

    `warnings` are sentences for a person that no consent showed: a release that its publisher withdrew, what an index said.
    """

    generation: int
    installed: tuple[Installed, ...]
    unchanged: tuple[Installed, ...]
    warnings: tuple[str, ...] = ()


@using_cache
async def install(
    layout: Layout,
    requests: Sequence[str],
    *,
    index: str | None = None,
    terms: IndexTerms = STRICT,
    consent: Consent,
    ask_at_use: bool | None = None,
    editable: bool = False,
    pre: bool = False,
    on_progress: OnProgress = silent,
) -> InstallResult:
    """Install skills by name, NAME with a specifier, wheel or folder, and what they require.

    A name that is installed in a version that fits stays as it is; files of it that were changed are put back.
    `consent` is asked once, when the plan has anything in it that was not agreed to before; a no raises
    `ApprovalRefused` and changes nothing. Any other error changes nothing either. With `ask_at_use`, or when the answer
    is `Agreed.ASK`, nothing new is granted, and the skills named ask at first use; False ends that, None leaves it as it is.
    With `editable` every request is a source folder, which is built first and which the installed skill follows. `pre`
    admits pre-releases, and `terms.offline` uses nothing but what is kept on this machine.
    """
    if not requests:
        raise UsageError("no skill was named", hint="for example: skill install calendar")
    followed = await follow(layout, requests, on_progress) if editable else {}
    before = read_catalogue(layout)
    async with index_on_demand(layout, index, terms, before, on_progress) as opening:
        resolver = Resolver(layout, before, opening, on_progress, terms, pre=pre)
        candidates = await resolver.resolve([parse_request(text) for text in requests])
        told = await told_by_index(opening, candidates, before)
    plan = make_plan(layout, candidates, before, resolver.kept, (*resolver.warnings, *told.warnings))
    plan = replace(plan, links=told.links, offline=terms.offline)
    return await carry_out(layout, plan, before, consent, ask_at_use, on_progress, followed)


async def carry_out(
    layout: Layout,
    plan: Plan,
    before: Catalogue,
    consent: Consent,
    ask_at_use: bool | None,
    on_progress: OnProgress,
    followed: Mapping[str, Followed] = NOBODY,
) -> InstallResult:
    """Make a plan against `before` come true, after a yes to what in it needs one; raise as `install` does."""
    if plan.needs_consent:
        on_progress(Progress(Stage.CONSENT))
        if await _ask(consent, plan) is Agreed.ASK:
            ask_at_use = True
        plan = replace(plan, warnings=())  # they were shown with it
    async with exclusive(layout, on_progress):
        result = await _apply(layout, plan, before, ask_at_use, followed, on_progress)
    on_progress(Progress(Stage.DONE))
    return result


async def _ask(consent: Consent, plan: Plan) -> Answer:
    answer = consent(plan)
    if inspect.isawaitable(answer):
        answer = await answer
    if not answer:
        names = ", ".join(skill.name for skill in plan.skills)
        raise ApprovalRefused(f"{names} was not installed: there was no consent", hint="nothing was changed")
    return answer


async def _apply(
    layout: Layout,
    plan: Plan,
    before: Catalogue,
    ask_at_use: bool | None,
    followed: Mapping[str, Followed],
    on_progress: OnProgress,
) -> InstallResult:
    now = read_catalogue(layout)
    wheels = {planned.name: planned.candidate.wheel.sha256 for planned in plan.skills}
    for name in (*wheels, *(skill.name for skill in plan.kept)):
        there = now.skill(name)
        if there != before.skill(name) and (there is None or there.wheel != wheels.get(name)):
            raise _changed_meanwhile(name)
    new = [
        follows(await _install_one(layout, plan, planned, ask_at_use, on_progress), followed) for planned in plan.skills
    ]
    new += [follows(_asked_for(skill, ask_at_use), followed) for skill in plan.kept]
    for skill in new:
        if now.skill(skill.name) not in (before.skill(skill.name), skill):  # the same by somebody else is no change
            raise _changed_meanwhile(skill.name)
    changed = tuple(skill for skill in new if now.skill(skill.name) != skill)
    unchanged = tuple(skill for skill in new if skill not in changed)
    if not changed:
        return InstallResult(now.generation, (), unchanged, plan.warnings)
    names = {skill.name for skill in changed}
    kept = tuple(skill for skill in now.skills if skill.name not in names)
    generation = switch(layout, msgspec.structs.replace(now, skills=(*kept, *changed)), on_progress)
    return InstallResult(generation.generation, changed, unchanged, plan.warnings)


def _changed_meanwhile(name: str) -> UsageError:
    return UsageError(f"{name} was changed by somebody else meanwhile", hint="run the same again")


def _asked_for(skill: Installed, ask_at_use: bool | None) -> Installed:
    """An installed skill that stays, after it was asked for by name."""
    asks = skill.ask_at_use if ask_at_use is None else ask_at_use
    return msgspec.structs.replace(skill, requested=True, ask_at_use=asks)


async def _install_one(
    layout: Layout, plan: Plan, planned: PlannedSkill, ask_at_use: bool | None, on_progress: OnProgress
) -> Installed:
    old = None if planned.stranger else planned.replaces
    asks = old is not None and old.ask_at_use
    if ask_at_use is not None and (planned.candidate.requested or old is None):
        asks = ask_at_use
    stored = await put(layout, planned.candidate.wheel, on_progress, offline=plan.offline, links=plan.links)
    return installed_of(
        planned,
        stored,
        granted=planned.kept if asks else _agreed_to(planned, None if planned.other_signer else old),
        settings=carried_settings(old.settings, planned.manifest) if old else {},
        requested=planned.candidate.requested or (old is not None and old.requested),
        ask_at_use=asks,
    )


def installed_of(
    planned: PlannedSkill,
    stored: Stored,
    *,
    granted: Permissions,
    settings: dict[str, Any],
    requested: bool,
    ask_at_use: bool,
) -> Installed:
    """The catalogue's row for a planned skill whose files are in the store."""
    wheel = planned.candidate.wheel
    return Installed(
        name=planned.manifest.name,
        version=planned.version,
        manifest=planned.manifest,
        manifest_hash=planned.manifest_hash,
        module=wheel.module,
        store=stored.store,
        tree=stored.tree,
        index=planned.index,
        publisher=planned.publisher,
        owner=planned.owner,
        granted=granted,
        settings=settings,
        requested=requested,
        ask_at_use=ask_at_use,
        wheel=wheel.sha256,
        signer=planned.candidate.signer,
    )


def _agreed_to(planned: PlannedSkill, old: Installed | None) -> Permissions:
    """What carries over, and what nobody was asked about before; what was not granted then stays so."""
    known = old.manifest.permissions.rows() if old else ()
    new = [row for row in planned.manifest.permissions.rows() if row not in known]
    return permissions_of(meet(planned.manifest.permissions.rows(), (*planned.kept.rows(), *new)))
