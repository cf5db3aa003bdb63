"""From what was asked for to wheels on this machine: each name's release, and the skills that those require.

One release is chosen per skill, first come first served; a conflict is an error that names both sides. (A resolver
that goes back on a choice takes this module's place when indexes hold many releases.)
"""

import sys
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anyio import to_thread

import skillkernel
from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel.catalogue.verify import LOCAL
from skillkernel.errors import IntegrityError, UsageError
from skillkernel.names import SkillName
from skillkernel_registry.backend import build_wheel
from skillkernel_registry.index import Index
from skillkernel_registry.index_format import Release
from skillkernel_registry.progress import OnProgress, Progress, Stage
from skillkernel_registry.request import FileRequest, NamedRequest, Request, parse_named
from skillkernel_registry.versions import Host, choose, fits, unfit
from skillkernel_registry.wheel import SkillWheel, inspect_wheel
from skillkernel_registry.wheel_cache import keep_wheel


@dataclass(frozen=True, slots=True)
class Candidate:
    """A wheel that would be installed, from where, by whom, and whether its name was asked for."""

    wheel: SkillWheel
    index: str
    publisher: str
    requested: bool


@dataclass(slots=True)
class Resolver:
    """One resolution against what is installed; `open_index` is called when a name has to be looked up."""

    layout: Layout
    installed: Catalogue
    open_index: Callable[[], Coroutine[Any, Any, Index]]
    on_progress: OnProgress
    chosen: dict[SkillName, Candidate] = field(default_factory=dict[SkillName, Candidate])

    async def resolve(self, requests: list[Request]) -> tuple[Candidate, ...]:
        """A candidate for each request and for each skill that one requires and that is not installed.

        Raises `UsageError` when two things asked for exclude each other, and whatever index, download, build and
        inspection raise.
        """
        for request in requests:
            await self._take(request)
        waiting = deque(self.chosen.values())
        while waiting:
            candidate = waiting.popleft()
            for text in candidate.wheel.manifest.requires_skills:
                added = await self._require(parse_named(text), candidate.wheel.manifest.name)
                if added is not None:
                    waiting.append(added)
        self._check_dependents()
        self._check_alike()
        return tuple(self.chosen.values())

    async def _take(self, request: Request) -> None:
        if isinstance(request, FileRequest):
            self._add(await self._from_file(request.path))
        elif request.name in self.chosen:
            self._check(request, f"{request.name}{request.specifier}, which was asked for too")
        else:
            self._add(await self._from_index(request, requested=True))

    async def _require(self, request: NamedRequest, by: str) -> Candidate | None:
        if request.name in self.chosen:
            self._check(request, f"{request.name}{request.specifier}, which {by} requires")
            return None
        there = self.installed.skill(request.name)
        if there is not None and request.specifier.contains(there.version, prereleases=True):
            return None
        candidate = await self._from_index(request, requested=there is not None and there.requested)
        self._add(candidate)
        return candidate

    def _add(self, candidate: Candidate) -> None:
        name = candidate.wheel.manifest.name
        if name in self.chosen:
            raise UsageError(f"{name} was asked for twice", hint="name each skill once")
        self.chosen[name] = candidate

    def _check(self, request: NamedRequest, wanted: str) -> None:
        version = self.chosen[request.name].wheel.manifest.version
        if not request.specifier.contains(version, prereleases=True):
            raise UsageError(f"{request.name} {version} is not {wanted}", hint="ask for a version that fits both")

    def _check_dependents(self) -> None:
        for skill in self.installed.skills:
            if skill.name in self.chosen:
                continue
            for request in map(parse_named, skill.manifest.requires_skills):
                if request.name in self.chosen:
                    self._check(
                        request, f"{request.name}{request.specifier}, which the installed {skill.name} requires"
                    )

    def _check_alike(self) -> None:
        names = {skill.name for skill in self.installed.skills} | self.chosen.keys()
        for name in self.chosen:
            for other in names - {name}:
                if _read(name) == _read(other):
                    raise UsageError(f"{name} and {other} would read alike", hint=f"uninstall {other} first")

    async def _from_index(self, request: NamedRequest, *, requested: bool) -> Candidate:
        index = await self.open_index()
        self.on_progress(Progress(Stage.RESOLVE, request.name))
        record = await index.record(request.name)
        release = choose(request.name, record.releases, request.specifier, this_host())
        path = await index.wheel(request.name, release, self.on_progress)
        wheel = await self._inspect(path)
        if (wheel.manifest.name, wheel.manifest.version) != (request.name, release.version):
            raise IntegrityError(
                f"{index.identity} promised {request.name} {release.version}, "
                f"and its wheel is {wheel.manifest.name} {wheel.manifest.version}",
                hint="tell whoever runs the index",
            )
        return Candidate(wheel, index.identity, record.publisher, requested)

    async def _from_file(self, path: Path) -> Candidate:
        """A wheel is copied first: what was looked through is what will be unpacked, whoever else can write there."""
        if not path.name.endswith(".whl"):
            self.on_progress(Progress(Stage.BUILD, path.name))
            path = await to_thread.run_sync(build_wheel, self.layout, path, abandon_on_cancel=True)
        else:
            path = await to_thread.run_sync(keep_wheel, self.layout, path)
        return Candidate(await self._inspect(path), LOCAL, "", requested=True)

    async def _inspect(self, path: Path) -> SkillWheel:
        self.on_progress(Progress(Stage.INSPECT, path.name))
        wheel = await to_thread.run_sync(inspect_wheel, path)
        host = this_host()
        if not fits(wheel.manifest.requires_kernel, wheel.requires_python, host):
            raise unfit(wheel.manifest.name, _as_release(wheel), host)
        return wheel


def this_host() -> Host:
    """The running kernel and Python."""
    return Host(skillkernel.__version__, ".".join(map(str, sys.version_info[:3])))


def _read(name: str) -> str:
    """A name as a hurried reader takes it in."""
    return name.replace("-", "").translate(str.maketrans("01", "ol"))


def _as_release(wheel: SkillWheel) -> Release:
    return Release(
        version=wheel.manifest.version,
        wheel=wheel.path.name,
        length=0,
        sha256=wheel.sha256,
        requires_kernel=wheel.manifest.requires_kernel,
        requires_python=wheel.requires_python,
    )
