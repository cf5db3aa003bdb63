"""`skill outdated`: which installed skills have newer releases, and what keeps them from being taken."""

from dataclasses import dataclass, replace

from anyio import to_thread
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Installed, Layout
from skillkernel.catalogue.verify import LOCAL
from skillkernel.errors import SkillKernelError
from skillkernel_registry.index import STRICT, IndexTerms
from skillkernel_registry.index_format import Record
from skillkernel_registry.index_on_demand import index_on_demand
from skillkernel_registry.progress import OnProgress, silent
from skillkernel_registry.request import NamedRequest
from skillkernel_registry.resolution.choice import LookUp, Offered, Problem
from skillkernel_registry.resolution.explain import choose_all
from skillkernel_registry.resolution.records import Records, open_records
from skillkernel_registry.resolution.versions import admitted, by_version, this_host, withdrawn


@dataclass(frozen=True, slots=True)
class Outdated:
    """An installed skill that is not the newest, or that should not be there any more.

    `fits` is what `skill upgrade` would bring now, `newest` the newest release of all, both the installed version where
    there is nothing newer; `why` says what keeps the newest from fitting. `withdrawn` is why its publisher took the
    installed release back. `problem` says why nothing is known of it.
    """

    skill: Installed
    fits: str
    newest: str
    why: str = ""
    withdrawn: str = ""
    problem: str = ""


async def outdated(
    layout: Layout,
    *,
    index: str | None = None,
    terms: IndexTerms = STRICT,
    pre: bool = False,
    on_progress: OnProgress = silent,
) -> tuple[Outdated, ...]:
    """The installed skills of which an index has something newer, says that they were withdrawn, or says nothing.

    Skills that came from a file have no index to follow and are left out. Raises as opening an index does.
    """
    installed = read_catalogue(layout)
    followed = [skill for skill in installed.skills if skill.index != LOCAL]
    if not followed:
        return ()
    newest = frozenset(skill.name for skill in followed)
    asked = tuple(NamedRequest(skill.name, SpecifierSet()) for skill in followed)
    problem = Problem(asked, {}, installed, this_host(), newest, pre, moves=False)
    async with index_on_demand(layout, index, terms, installed, on_progress) as opening:
        await opening()
        async with open_records(problem, opening, on_progress) as records:
            records.ahead()
            offers = {skill.name: await _offered(skill, records) for skill in followed}
            found = await to_thread.run_sync(
                lambda: [_compare(skill, offers[skill.name], problem, records.look_up) for skill in followed],
                abandon_on_cancel=True,
            )
    return tuple(one for one in found if one is not None)


async def _offered(skill: Installed, records: Records) -> Offered | str:
    """What the skill's index has of it, or why nothing is known."""
    try:
        found = await records.found(skill.name)
    except SkillKernelError as error:
        return error.message
    if found.index.identity != skill.index:
        return f"it came from {skill.index}, not from {found.index.identity}"
    return Offered(found.index.identity, found.record)


def _compare(skill: Installed, offered: Offered | str, problem: Problem, look_up: LookUp) -> Outdated | None:
    if isinstance(offered, str):
        return Outdated(skill, skill.version, skill.version, problem=offered)
    newest = _newest(skill, offered.record, pre=problem.pre)
    gone = _gone(skill, offered.record)
    if newest == skill.version:
        return Outdated(skill, newest, newest, withdrawn=gone) if gone else None
    alone = replace(problem, newest=frozenset({skill.name}))
    fits, _ = _reached(skill, "", alone, look_up)
    why = "" if fits == newest else _reached(skill, f"=={newest}", alone, look_up)[1]
    return Outdated(skill, fits, newest, why, gone)


def _newest(skill: Installed, record: Record, *, pre: bool) -> str:
    """The newest release of all, or the installed version where that is newer."""
    version = Version(skill.version)
    all_of_them = admitted(by_version(record.releases), SpecifierSet(), pre=pre or version.is_prerelease)
    return all_of_them[0].version if all_of_them and Version(all_of_them[0].version) > version else skill.version


def _gone(skill: Installed, record: Record) -> str:
    release = by_version(record.releases).get(Version(skill.version))
    return withdrawn(release) if release is not None else ""


def _reached(skill: Installed, specifier: str, problem: Problem, look_up: LookUp) -> tuple[str, str]:
    """The version that an upgrade of this skill comes to, and why not when there is none."""
    asked = (NamedRequest(skill.name, SpecifierSet(specifier)),)
    try:
        choices = choose_all(replace(problem, asked=asked), look_up)
    except SkillKernelError as error:
        return skill.version, _impersonal(error.message, f"{skill.name}{specifier}")
    return next(str(choice.version) for choice in choices if choice.name == skill.name), ""


def _impersonal(message: str, asked: str) -> str:
    """The reason without the demand that nobody made."""
    told = message.removesuffix(f", but you asked for {asked}")
    return told.replace(", which you asked for,", "").replace(", which you asked for)", ")")
