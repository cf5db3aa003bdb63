"""From what was asked for to wheels on this machine: records are fetched, the choice is made, then wheels come."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from anyio import to_thread

from skillkernel.catalogue.types import Catalogue, Installed, Layout
from skillkernel.catalogue.verify import LOCAL, verify_tree
from skillkernel.errors import SkillKernelError, UsageError
from skillkernel.names import SkillName
from skillkernel_registry.index import STRICT, IndexTerms
from skillkernel_registry.index_format import Release
from skillkernel_registry.index_on_demand import OpenIndex
from skillkernel_registry.progress import OnProgress, Progress, Stage
from skillkernel_registry.request import FileRequest, NamedRequest, Request
from skillkernel_registry.resolution.candidate import Candidate
from skillkernel_registry.resolution.choice import Choice, Problem
from skillkernel_registry.resolution.delivery import Delivery, inspect
from skillkernel_registry.resolution.explain import choose_all
from skillkernel_registry.resolution.records import Records, open_records
from skillkernel_registry.resolution.versions import fits, this_host, unfit
from skillkernel_registry.wheel import SkillWheel
from skillkernel_registry.wheel_cache import keep_wheel


@dataclass(slots=True)
class Resolver:
    """One resolution against what is installed; `open_index` is called when a name has to be looked up.

    `newest` are installed names to be brought up to date; `pre` admits pre-releases; without `moves` every installed skill
    stays with its index. After `resolve`, `kept` are the installed skills that were asked for and stay as they are,
    `warnings` sentences for a person.
    """

    layout: Layout
    installed: Catalogue
    open_index: OpenIndex
    on_progress: OnProgress
    terms: IndexTerms = STRICT
    newest: frozenset[SkillName] = frozenset()
    pre: bool = False
    moves: bool = True
    kept: tuple[Installed, ...] = ()
    warnings: tuple[str, ...] = ()

    async def resolve(self, requests: Sequence[Request]) -> tuple[Candidate, ...]:
        """A candidate for each skill that comes or changes, those that were asked for first.

        Raises `SkillNotFound`, `SkillsConflict` and its kin when nothing fits, `ResolutionTooLong`, `UsageError` for a
        name that is asked for twice or reads like another, and whatever index, download, build and inspection raise.
        """
        in_hand = await self._in_hand([request.path for request in requests if isinstance(request, FileRequest)])
        problem = Problem(
            asked=tuple(request for request in requests if isinstance(request, NamedRequest)),
            fixed={wheel.manifest.name: wheel for wheel in in_hand},
            installed=self.installed,
            host=this_host(),
            newest=self.newest,
            pre=self.pre,
            moves=self.moves,
        )
        async with open_records(problem, self.open_index, self.on_progress) as records:
            choices = await self._choose(problem, records)
            changed = await self._changed(problem, choices, records)
            delivery = Delivery(self.layout, self.terms, self.on_progress, records, self._named(problem))
            candidates = await delivery.candidates(changed)
            self.warnings = (*records.warnings(), *(_withdrawn(one) for one in candidates if one.withdrawn))
        return candidates

    async def _choose(self, problem: Problem, records: Records) -> tuple[Choice, ...]:
        here = problem.fixed.keys() | {skill.name for skill in self.installed.skills}
        records.ahead()
        for request in problem.asked:
            if request.name not in here or (request.name in self.newest and self.moves):
                await records.found(request.name)  # an unknown name is told with what is near it
        choices = await to_thread.run_sync(choose_all, problem, records.look_up, abandon_on_cancel=True)
        self._check_alike([choice.name for choice in choices])
        return choices

    def _named(self, problem: Problem) -> frozenset[SkillName]:
        return frozenset({request.name for request in problem.asked} | problem.fixed.keys()) - self.newest

    async def _changed(self, problem: Problem, choices: Sequence[Choice], records: Records) -> list[Choice]:
        """The choices that have to be fetched; what was asked for and is installed as it should be is `kept`."""
        asked = {request.name for request in problem.asked}
        changed: list[Choice] = []
        kept: list[Installed] = []
        for choice in choices:
            if not isinstance(choice.source, Installed):
                changed.append(choice)
            elif choice.name in asked:
                again = await self._again(choice.source, records)
                if again is None:
                    kept.append(choice.source)
                else:
                    changed.append(Choice(choice.name, choice.version, choice.requires, again))
        self.kept = tuple(kept)
        return changed

    async def _again(self, skill: Installed, records: Records) -> Release | None:
        """The release to install once more when files of an installed skill are gone or changed."""
        try:
            await to_thread.run_sync(verify_tree, self.layout, skill)
        except SkillKernelError:
            if skill.index == LOCAL:
                raise
            found = await records.found(skill.name)
            same = [release for release in found.record.releases if release.version == skill.version]
            if not same or found.index.identity != skill.index:
                raise
            return same[-1]
        return None

    async def _in_hand(self, paths: Sequence[Path]) -> list[SkillWheel]:
        wheels = [await self._from_file(path) for path in paths]
        names = [wheel.manifest.name for wheel in wheels]
        for name in names:
            if names.count(name) > 1:
                raise UsageError(f"{name} was asked for twice", hint="name each skill once")
        return wheels

    async def _from_file(self, path: Path) -> SkillWheel:
        """A wheel is copied first: what was looked through is what will be unpacked, whoever else can write there."""
        if not path.name.endswith(".whl"):
            from skillkernel_registry.backend import build_wheel  # takes long to import, and most skills come built

            self.on_progress(Progress(Stage.BUILD, path.name))
            path = await to_thread.run_sync(build_wheel, self.layout, path, abandon_on_cancel=True)
        else:
            path = await to_thread.run_sync(keep_wheel, self.layout, path)
        wheel = await inspect(path, self.on_progress)
        manifest, host = wheel.manifest, this_host()
        if not fits(manifest.requires_kernel, wheel.requires_python, host):
            raise unfit(manifest.name, manifest.version, manifest.requires_kernel, wheel.requires_python, host)
        return wheel

    def _check_alike(self, chosen: Sequence[str]) -> None:
        names = {skill.name for skill in self.installed.skills} | set(chosen)
        for name in chosen:
            for other in names - {name}:
                if read_as(name) == read_as(other):
                    raise UsageError(f"{name} and {other} would read alike", hint=f"uninstall {other} first")


def read_as(name: str) -> str:
    """A name as a hurried reader takes it in."""
    return name.replace("-", "").translate(str.maketrans("01", "ol"))


def _withdrawn(candidate: Candidate) -> str:
    manifest = candidate.wheel.manifest
    return f"{manifest.name} {manifest.version} was withdrawn by its publisher: {candidate.withdrawn}"
