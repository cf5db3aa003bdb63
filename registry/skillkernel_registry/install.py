"""`skill install`: from names to a new generation in force, with a person's consent, all or nothing."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Catalogue, Installed, Layout
from skillkernel.errors import ApprovalRefused, UsageError
from skillkernel.manifest.types import Permissions
from skillkernel.permissions.rows import meet, permissions_of
from skillkernel_registry.first_party import open_index
from skillkernel_registry.generation import exclusive, switch
from skillkernel_registry.index import STRICT, Index, IndexTerms
from skillkernel_registry.plan import Agreed, Answer, Consent, Plan, PlannedSkill, make_plan
from skillkernel_registry.progress import OnProgress, Progress, Stage, silent
from skillkernel_registry.request import parse_request
from skillkernel_registry.resolve import Candidate, Resolver
from skillkernel_registry.settings import carried_settings
from skillkernel_registry.store import put


@dataclass(frozen=True, slots=True)
class InstallResult:
    """`installed` is what is new or differs in this generation, `unchanged` what was there already as asked."""

    generation: int
    installed: tuple[Installed, ...]
    unchanged: tuple[Installed, ...]


async def install(
    layout: Layout,
    requests: Sequence[str],
    *,
    index: str | None = None,
    terms: IndexTerms = STRICT,
    consent: Consent,
    ask_at_use: bool | None = None,
    on_progress: OnProgress = silent,
) -> InstallResult:
    """Install skills by name, NAME with a specifier, wheel or folder, and what they require.

    `consent` is asked once, when the plan has anything in it that was not agreed to before; a no raises
    `ApprovalRefused` and changes nothing. Any other error changes nothing either. With `ask_at_use`, or when the answer
    is `Agreed.ASK`, nothing new is granted, and the skills named ask at first use; False ends that, None leaves it as it is.
    """
    if not requests:
        raise UsageError("no skill was named", hint="for example: skill install calendar")
    before = read_catalogue(layout)
    candidates = await _resolve(layout, requests, index, terms, before, on_progress)
    plan = make_plan(layout, candidates, before)
    if plan.needs_consent:
        on_progress(Progress(Stage.CONSENT))
        if await _ask(consent, plan) is Agreed.ASK:
            ask_at_use = True
    async with exclusive(layout, on_progress):
        result = await _apply(layout, plan, before, ask_at_use, on_progress)
    on_progress(Progress(Stage.DONE))
    return result


async def _resolve(
    layout: Layout,
    requests: Sequence[str],
    where: str | None,
    terms: IndexTerms,
    before: Catalogue,
    on_progress: OnProgress,
) -> tuple[Candidate, ...]:
    opened: list[Index] = []

    async def index() -> Index:
        if not opened:
            on_progress(Progress(Stage.INDEX, where or ""))
            opened.append(await open_index(layout, where, terms))
        return opened[0]

    try:
        return await Resolver(layout, before, index, on_progress).resolve([parse_request(text) for text in requests])
    finally:
        for one in opened:
            await one.aclose()


async def _ask(consent: Consent, plan: Plan) -> Answer:
    answer = consent(plan)
    if inspect.isawaitable(answer):
        answer = await answer
    if not answer:
        names = ", ".join(skill.name for skill in plan.skills)
        raise ApprovalRefused(f"{names} was not installed: there was no consent", hint="nothing was changed")
    return answer


async def _apply(
    layout: Layout, plan: Plan, before: Catalogue, ask_at_use: bool | None, on_progress: OnProgress
) -> InstallResult:
    now = read_catalogue(layout)
    for planned in plan.skills:
        if now.skill(planned.name) != before.skill(planned.name):
            raise UsageError(f"{planned.name} was changed by somebody else meanwhile", hint="run the same again")
    new = [await _install_one(layout, planned, ask_at_use, on_progress) for planned in plan.skills]
    changed = tuple(skill for skill in new if now.skill(skill.name) != skill)
    unchanged = tuple(skill for skill in new if skill not in changed)
    if not changed:
        return InstallResult(now.generation, (), unchanged)
    names = {skill.name for skill in changed}
    kept = tuple(skill for skill in now.skills if skill.name not in names)
    generation = switch(layout, msgspec.structs.replace(now, skills=(*kept, *changed)), on_progress)
    return InstallResult(generation.generation, changed, unchanged)


async def _install_one(
    layout: Layout, planned: PlannedSkill, ask_at_use: bool | None, on_progress: OnProgress
) -> Installed:
    old = None if planned.stranger else planned.replaces
    asks = old is not None and old.ask_at_use
    if ask_at_use is not None and (planned.candidate.requested or old is None):
        asks = ask_at_use
    stored = await put(layout, planned.candidate.wheel, on_progress)
    return Installed(
        name=planned.manifest.name,
        version=planned.version,
        manifest=planned.manifest,
        manifest_hash=planned.manifest_hash,
        module=planned.candidate.wheel.module,
        store=stored.store,
        tree=stored.tree,
        index=planned.index,
        publisher=planned.publisher,
        owner=planned.owner,
        granted=planned.kept if asks else _agreed_to(planned, old),
        settings=carried_settings(old.settings, planned.manifest) if old else {},
        requested=planned.candidate.requested or (old is not None and old.requested),
        ask_at_use=asks,
    )


def _agreed_to(planned: PlannedSkill, old: Installed | None) -> Permissions:
    """What carries over, and what nobody was asked about before; what was not granted then stays so."""
    known = old.manifest.permissions.rows() if old else ()
    new = [row for row in planned.manifest.permissions.rows() if row not in known]
    return permissions_of(meet(planned.manifest.permissions.rows(), (*planned.kept.rows(), *new)))
