"""`skill sync`: this machine becomes what skill.lock says, by one switch of generations or not at all."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from anyio import to_thread

from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Catalogue, Installed, Layout
from skillkernel.catalogue.verify import verify_tree
from skillkernel.errors import ApprovalRefused, IntegrityError, Missing, SkillBroken, UsageError
from skillkernel_registry.cache.in_use import using_cache
from skillkernel_registry.errors import LockInvalid
from skillkernel_registry.generation import exclusive
from skillkernel_registry.index import STRICT, IndexTerms
from skillkernel_registry.indexes.config import list_indexes
from skillkernel_registry.lockfile.apply import all_missing, apply_plan
from skillkernel_registry.lockfile.format import LockFile
from skillkernel_registry.lockfile.opening import openings
from skillkernel_registry.lockfile.supply import Supply
from skillkernel_registry.lockfile.sync_plan import SyncPlan, contradictions, is_here, plan_sync, unfit_grants
from skillkernel_registry.plan import PlannedSkill, make_plan
from skillkernel_registry.progress import OnProgress, Progress, Stage, silent
from skillkernel_registry.resolution.candidate import Candidate
from skillkernel_registry.resolution.resolver import read_as

Consent = Callable[[SyncPlan], bool | Awaitable[bool]]
"""Shows a plan and returns the person's answer; asked only when the plan needs consent."""


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What was done: `generation` is the one in force; with an empty `plan` nothing was to be done.

    `warnings` are sentences for a person: a release that its publisher withdrew, what an index said while it was used.
    """

    generation: int
    plan: SyncPlan
    warnings: tuple[str, ...] = ()


@using_cache
async def sync(
    layout: Layout,
    lock: LockFile,
    place: Path,
    *,
    terms: IndexTerms = STRICT,
    offline: bool = False,
    dry_run: bool = False,
    consent: Consent,
    on_progress: OnProgress = silent,
) -> SyncResult:
    """Install, change, remove and grant until this machine has exactly the skills of `lock`, which came from `place`.

    `consent` is asked once, for what was not agreed to before; a no raises `ApprovalRefused`. With `offline` no index on
    the web and no package index is asked, and what is not kept here is listed in one `Missing`. Raises `LockInvalid` for
    a lock that contradicts its wheels, `IntegrityError` for a wheel, publisher or signer that is not the lock's. Whatever
    is raised, nothing was changed. Data and secrets of skills that go stay.
    """
    _check_owners(layout, lock)
    before = read_catalogue(layout)
    wheels = await _missing_wheels(layout, lock, place, before, terms, offline, on_progress)
    planned = {skill.name: skill for skill in make_plan(layout, wheels.candidates, before).skills}
    _check(lock, place, before, planned)
    plan = plan_sync(lock, before, planned)
    if plan.is_empty or dry_run:
        return SyncResult(before.generation, plan, wheels.warnings)
    if plan.needs_consent:
        on_progress(Progress(Stage.CONSENT))
        await _ask(consent, plan)
    async with exclusive(layout, on_progress):
        if read_catalogue(layout).skills != before.skills:
            raise UsageError("something was installed or granted meanwhile", hint="run the same again")
        after = await apply_plan(layout, plan, before, on_progress, offline=offline, links=wheels.links)
    on_progress(Progress(Stage.DONE))
    return SyncResult(after.generation, plan, wheels.warnings)


def _check_owners(layout: Layout, lock: LockFile) -> None:
    """A name that config.toml gives to one index is taken from no other, whatever a lock says."""
    for entry in list_indexes(layout):
        for locked in lock.skills:
            if entry.owns(locked.name) and lock.address(locked.index) != entry.identity:
                raise IntegrityError(
                    f"{locked.name} belongs to the index {entry.name} by config.toml, and the lock takes it from"
                    f" {lock.address(locked.index)}",
                    hint="lock it anew from that index, or change names in config.toml",
                )


@dataclass(frozen=True, slots=True)
class _Wheels:
    """Wheels in hand, what there is to tell of them, and where Python wheels are that come with their indexes."""

    candidates: tuple[Candidate, ...]
    warnings: tuple[str, ...]
    links: tuple[str, ...]


async def _missing_wheels(
    layout: Layout,
    lock: LockFile,
    place: Path,
    before: Catalogue,
    terms: IndexTerms,
    offline: bool,
    on_progress: OnProgress,
) -> _Wheels:
    """The wheels that have to be unpacked; raise one `Missing` for all that cannot be had."""
    candidates: list[Candidate] = []
    missing: list[Missing] = []
    roots = {index.address: index.root for index in lock.indexes}
    async with openings(layout, roots, replace(terms, offline=terms.offline or offline), on_progress) as opened:
        supply = Supply(layout, place.parent, opened, on_progress)
        for locked in lock.skills:
            address, installed = lock.address(locked.index), before.skill(locked.name)
            if is_here(installed, locked, address) and await to_thread.run_sync(_is_whole, layout, installed):
                continue
            try:
                candidates.append(await supply.find(locked, address))
            except Missing as error:
                missing.append(error)
        if missing:
            raise all_missing(missing)
        links = await opened.links(candidates)
        return _Wheels(tuple(candidates), (*supply.warnings, *opened.warnings), links)


def _is_whole(layout: Layout, installed: Installed | None) -> bool:
    if installed is None:
        return False
    try:
        verify_tree(layout, installed)
    except (IntegrityError, SkillBroken):
        return False
    return True


def _check(lock: LockFile, place: Path, before: Catalogue, planned: dict[str, PlannedSkill]) -> None:
    findings: list[tuple[str, str]] = []
    for locked in lock.skills:
        one, installed = planned.get(locked.name), before.skill(locked.name)
        if one is not None:
            findings += contradictions(locked, one)
        elif installed is not None:
            findings += unfit_grants(locked, installed.manifest)
    for name, other in combinations([locked.name for locked in lock.skills], 2):
        if read_as(name) == read_as(other):
            findings.append((f"skill {name}", f"would read like {other}"))
    if findings:
        raise LockInvalid(str(place), tuple(findings))


async def _ask(consent: Consent, plan: SyncPlan) -> None:
    answer = consent(plan)
    if not (await answer if inspect.isawaitable(answer) else answer):
        raise ApprovalRefused("nothing was synchronised: there was no consent", hint="nothing was changed")
