"""`skill verify --repair`: files of the store that were changed, made anew from the wheels that they came from."""

from collections.abc import Collection

from anyio import to_thread

from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Installed, Layout
from skillkernel.errors import Missing, UsageError
from skillkernel_registry.cache.in_use import using_cache
from skillkernel_registry.generation import exclusive
from skillkernel_registry.index import STRICT, IndexTerms
from skillkernel_registry.lockfile.apply import all_missing, apply_plan
from skillkernel_registry.lockfile.format import LockedSkill
from skillkernel_registry.lockfile.kept import wheel_of
from skillkernel_registry.lockfile.opening import openings
from skillkernel_registry.lockfile.supply import Supply
from skillkernel_registry.lockfile.sync_plan import SyncPlan
from skillkernel_registry.plan import make_plan
from skillkernel_registry.progress import OnProgress, silent
from skillkernel_registry.resolution.candidate import Candidate


@using_cache
async def repair(
    layout: Layout, names: Collection[str], *, terms: IndexTerms = STRICT, on_progress: OnProgress = silent
) -> tuple[str, ...]:
    """Make the installed skills of these names anew from the very wheels that they were installed from.

    Wheels come from the cache or, with the same hash, publisher and signer, from the index again. What a person decided
    (grants, settings) stays. Returns the names. Raises `Missing` for all whose wheels cannot be had, and `IntegrityError`
    for one that is another now; then nothing was changed.
    """
    before = read_catalogue(layout)
    skills = [skill for skill in before.skills if skill.name in names]
    wheels, links = await _wheels(layout, skills, terms, on_progress)
    planned = make_plan(layout, wheels, before).skills
    async with exclusive(layout, on_progress):
        if read_catalogue(layout).skills != before.skills:
            raise UsageError("something was installed or granted meanwhile", hint="run the same again")
        await apply_plan(layout, SyncPlan((), (), planned), before, on_progress, links=links)
    return tuple(skill.name for skill in planned)


async def _wheels(
    layout: Layout, skills: list[Installed], terms: IndexTerms, on_progress: OnProgress
) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
    """The very wheels of these skills, and where Python wheels are that come with their indexes."""
    candidates: list[Candidate] = []
    missing: list[Missing] = []
    async with openings(layout, {}, terms, on_progress) as opened:
        supply = Supply(layout, layout.cache, opened, on_progress)
        for skill in skills:
            try:
                candidates.append(await supply.find(await to_thread.run_sync(_as_locked, layout, skill), skill.index))
            except Missing as error:
                missing.append(error)
        if missing:
            raise all_missing(missing)
        return tuple(candidates), await opened.links(candidates)


def _as_locked(layout: Layout, skill: Installed) -> LockedSkill:
    """What is looked for: the wheel of the catalogue, by its hash."""
    if not skill.wheel:
        raise Missing(
            f"{skill.name} {skill.version} was installed before wheels were written down",
            hint=f"`skill uninstall {skill.name}`, then install it again; its data stays",
        )
    kept = wheel_of(layout, skill.wheel)
    return LockedSkill(
        name=skill.name,
        version=skill.version,
        index=skill.index,
        publisher=skill.publisher,
        signer=skill.signer,
        wheel=kept.name if kept else f"{skill.module}-{skill.version}-py3-none-any.whl",
        length=1,
        sha256=skill.wheel,
        dependencies="",
        requested=skill.requested,
    )
