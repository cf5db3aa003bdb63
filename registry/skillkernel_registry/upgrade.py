"""`skill upgrade`: the newest releases that fit, with as few other changes as that needs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from packaging.specifiers import SpecifierSet

from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Catalogue, Installed, Layout
from skillkernel.catalogue.verify import LOCAL
from skillkernel.errors import UnknownSkill
from skillkernel.near import nearest
from skillkernel_registry.cache.in_use import using_cache
from skillkernel_registry.index import STRICT, IndexTerms
from skillkernel_registry.index_on_demand import index_on_demand
from skillkernel_registry.install import InstallResult, carry_out
from skillkernel_registry.plan import Consent, Plan, make_plan
from skillkernel_registry.progress import OnProgress, silent
from skillkernel_registry.request import NamedRequest
from skillkernel_registry.resolution.resolver import Resolver
from skillkernel_registry.told_by_index import told_by_index


@dataclass(frozen=True, slots=True)
class Upgraded:
    """`result` is None when nothing was to be carried out; `left` came from a file and has no index to follow."""

    plan: Plan
    result: InstallResult | None
    left: tuple[Installed, ...]


@using_cache
async def upgrade(
    layout: Layout,
    names: Sequence[str] = (),
    *,
    index: str | None = None,
    terms: IndexTerms = STRICT,
    consent: Consent,
    pre: bool = False,
    dry_run: bool = False,
    on_progress: OnProgress = silent,
) -> Upgraded:
    """Bring these installed skills, or all that came from an index, to the newest releases that fit.

    What they require changes only where it has to. `consent` is asked as for an install; with `dry_run` nothing is. Raises
    `UnknownSkill`, and as `install` does.
    """
    before = read_catalogue(layout)
    chosen = [_installed(before, name) for name in dict.fromkeys(names)]
    followed = chosen or [skill for skill in before.skills if skill.index != LOCAL]
    left = () if chosen else tuple(skill for skill in before.skills if skill.index == LOCAL)
    async with index_on_demand(layout, index, terms, before, on_progress) as opening:
        newest = frozenset(skill.name for skill in followed)
        resolver = Resolver(layout, before, opening, on_progress, terms, newest, pre, moves=bool(chosen))
        candidates = await resolver.resolve([NamedRequest(skill.name, SpecifierSet()) for skill in followed])
        told = await told_by_index(opening, candidates, before)
    plan = make_plan(layout, candidates, before, warnings=(*resolver.warnings, *told.warnings))
    plan = replace(plan, links=told.links)
    if dry_run or not plan.skills:
        return Upgraded(plan, None, left)
    result = await carry_out(layout, plan, before, consent, None, on_progress)
    return Upgraded(plan, result, left)


def _installed(before: Catalogue, name: str) -> Installed:
    skill = before.skill(name)
    if skill is None:
        raise UnknownSkill(name, nearest(name, (one.name for one in before.skills)))
    return skill
