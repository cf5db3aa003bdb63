"""`skill validate`: everything that is wrong with a skill, at once, each with its place and how to mend it.

The source is read, and run inside the walls alone: imported once for its tools and its memory, then its own tests.
"""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import anyio
import msgspec
from anyio import to_thread

from skillkernel.catalogue.types import Layout
from skillkernel.errors import ManifestError, Missing, SandboxMissing, SkillKernelError, UsageError
from skillkernel.manifest.parse import parse_manifest
from skillkernel.manifest.render import render_manifest
from skillkernel.manifest.types import Manifest
from skillkernel_registry.authoring.described import Described, describe_all
from skillkernel_registry.authoring.description_findings import description_findings
from skillkernel_registry.authoring.effect_findings import effect_findings
from skillkernel_registry.authoring.finding import Finding, Severity, error, in_order, note, warning
from skillkernel_registry.authoring.instruction_findings import instruction_findings
from skillkernel_registry.authoring.measured import Measured, memory_findings
from skillkernel_registry.authoring.own_tests import has_tests, run_tests_of
from skillkernel_registry.authoring.permission_findings import permission_findings
from skillkernel_registry.authoring.required_skill_findings import required_skill_findings
from skillkernel_registry.authoring.subject import Subject, first_difference, open_folder, open_wheel
from skillkernel_registry.authoring.uses import uses_of
from skillkernel_registry.backend import build_wheel
from skillkernel_registry.build import compose, composed_json
from skillkernel_registry.dependency_lock import fresh_lock, read_lock
from skillkernel_registry.environment import add_dependencies, settle_modes
from skillkernel_registry.errors import BuildFailed, UnknownDependency, UnsafeWheel
from skillkernel_registry.lock import LOCK_NAME
from skillkernel_registry.scratch import scratch
from skillkernel_registry.source import copy_source
from skillkernel_registry.wheel import inspect_wheel

_TEST_SECONDS = 300.0
_AT_FUNCTION = re.compile(r"\w+\.(?P<tool>\w+)\(\)")


@dataclass(frozen=True, slots=True)
class Validation:
    """All findings in order, and what was measured on the way."""

    name: str
    findings: tuple[Finding, ...]
    measured: Measured

    def counts(self, severity: Severity) -> int:
        """How many findings are of that severity."""
        return sum(one.severity is severity for one in self.findings)


async def validate(layout: Layout, target: Path, *, offline: bool = False, tests: bool = True) -> Validation:
    """Look at a source folder or a wheel; raise `UsageError` when it is neither, `SandboxMissing`."""
    with scratch(layout, "validate") as work:
        if await anyio.Path(target).is_dir():
            subject = await to_thread.run_sync(open_folder, target)
        elif target.suffix == ".whl" and await anyio.Path(target).is_file():
            subject = await to_thread.run_sync(open_wheel, target, work)
        else:
            raise UsageError(f"{target} is neither a folder nor a wheel", hint="name a skill's source, or its wheel")
        return await _Look(layout, subject, work, offline=offline, tests=tests).look()


class _Look:
    """One validation: each step adds its findings, and the next goes on with what there is."""

    def __init__(self, layout: Layout, subject: Subject, work: Path, *, offline: bool, tests: bool) -> None:
        self._layout = layout
        self._subject = subject
        self._work = work
        self._offline = offline
        self._with_tests = tests
        self._measured = Measured()
        self._found = subject.findings

    async def look(self) -> Validation:
        """All steps."""
        subject = self._subject
        await self._dependencies()
        described = Described()
        if subject.package is not None and subject.module and not self._broken("syntax"):
            described = await self._described()
        manifest = self._manifest(described)
        if manifest is not None:
            await to_thread.run_sync(self._of_manifest, manifest, described)
            place = subject.at("/requires_skills")
            self._found += await required_skill_findings(self._layout, manifest, place, offline=self._offline)
        await self._own_tests()
        if manifest is not None:
            self._found += memory_findings(manifest, self._measured, subject.at("/memory"))
        if not any(one.severity is Severity.ERROR for one in self._found):
            await to_thread.run_sync(self._wheel)
        return Validation(subject.name, in_order(self._found), self._measured)

    def _broken(self, rule: str) -> bool:
        return any(one.rule == rule and one.severity is Severity.ERROR for one in self._found)

    async def _dependencies(self) -> None:
        subject = self._subject
        project = subject.project
        if project is None:
            return
        kept = project.package / LOCK_NAME
        place = subject.at("/project/dependencies")
        try:
            subject.lock = await to_thread.run_sync(read_lock, kept)
        except SkillKernelError as problem:
            self._found.append(error("lock", subject.relative(kept), problem.message, "run `skill build`"))
        if problem_text := subject.lock.uncovered(project.dependencies):
            self._found.append(error("lock-drift", subject.relative(kept), problem_text, "run `skill build`"))
        if not project.dependencies:
            return
        if self._offline:
            self._found.append(note("offline", place, "whether every dependency exists was not looked up: --offline"))
            return
        try:
            subject.lock = await fresh_lock(project, kept, offline=False)
        except (Missing, BuildFailed) as problem:
            if isinstance(problem, UnknownDependency):
                self._found.append(warning("phantom-dependency", place, problem.message, problem.hint))
            elif isinstance(problem, BuildFailed):
                self._found.append(error("dependencies", place, problem.message, "loosen one of the requirements"))
            else:
                self._found.append(note("offline", place, f"the dependencies were not looked up: {problem.message}"))

    async def _described(self) -> Described:
        subject, work = self._subject, self._work
        environment, source = work / "env", work / "source"
        await anyio.Path(environment).mkdir()
        try:
            await add_dependencies(subject.lock, environment, offline=self._offline)
        except SkillKernelError as problem:
            self._found.append(
                warning("dependencies", subject.at("/project/dependencies"), problem.message, problem.hint)
            )
            return Described()
        described = await to_thread.run_sync(self._inside, source, environment, abandon_on_cancel=True)
        self._measured = replace(self._measured, import_rss=described.rss)
        for one in described.problems:
            self._found.append(error("tool-declaration", f"{one.file}:{one.line}", one.what, one.fix))
        if described.crash is not None:
            crash = described.crash
            place = f"{crash.file}:{crash.line}" if crash.file else subject.module
            fix = crash.fix or "mend the module; a dependency goes into [project] dependencies"
            self._found.append(error("cannot-import", place, f"cannot be imported: {crash.what}", fix))
        elif not described.tools and not described.problems:
            self._found.append(
                error("no-tools", subject.module, "offers no tool", 'put @tool(effect="read") above a function')
            )
        return described

    def _inside(self, source: Path, environment: Path) -> Described:
        subject = self._subject
        copy_source(subject.root, source)
        settle_modes(environment)
        parent = (subject.package or subject.root).parent.relative_to(subject.root)
        return describe_all(source, source / parent, subject.module, environment)

    def _manifest(self, described: Described) -> Manifest | None:
        """The manifest as the source says it now; the committed one where the source cannot be described."""
        subject = self._subject
        if not described.tools or described.crash is not None:
            return subject.committed
        tools = [one.tool for one in described.tools]
        if subject.project is None:
            return self._of_wheel(tools)
        try:
            manifest = compose(subject.project, tools)
        except ManifestError as problem:
            for place, said in problem.findings:
                self._found.append(error("manifest", self._place(place, described), said, problem.hint))
            return self._unchecked(tools)
        self._drift(manifest)
        return manifest

    def _unchecked(self, tools: list[dict[str, object]]) -> Manifest | None:
        """What a manifest with mistakes says all the same, so that the other findings are not lost."""
        if self._subject.project is None:
            return None
        try:
            return msgspec.json.decode(composed_json(self._subject.project, tools), type=Manifest)
        except (ManifestError, msgspec.MsgspecError):
            return self._subject.committed

    def _place(self, place: str, described: Described) -> str:
        at_function = _AT_FUNCTION.fullmatch(place)
        if at_function:
            return described.tool_place(at_function["tool"]) or place
        if place.startswith("/") or not place:
            return self._subject.at(place)
        return place

    def _of_wheel(self, tools: list[dict[str, object]]) -> Manifest | None:
        committed = self._subject.committed
        if committed is None:
            return None
        fields = {**committed.as_json(), "tools": tools}
        try:
            now = parse_manifest(json.dumps(fields).encode(), source="the code")
        except ManifestError as problem:
            self._found += [error("manifest", place, said, problem.hint) for place, said in problem.findings]
            return committed
        for name in sorted({tool.name for tool in (*committed.tools, *now.tools)}):
            if _as_json(committed, name) != _as_json(now, name):
                what = f"{name}: skill.json does not say of it what the code says"
                self._found.append(error("manifest-drift", "skill.json", what, "do not install it; build it again"))
        return committed

    def _drift(self, manifest: Manifest) -> None:
        subject = self._subject
        if subject.committed is None or subject.package is None:
            return
        file = subject.package / "skill.json"
        old, new = file.read_text("utf-8"), render_manifest(manifest).decode()
        if old != new:
            place = f"{subject.relative(file)}:{first_difference(old, new)}"
            what = "is not what the functions and pyproject.toml say now"
            self._found.append(error("manifest-drift", place, what, "run `skill build` and commit it"))

    def _of_manifest(self, manifest: Manifest, described: Described) -> None:
        subject = self._subject

        def place_of(tool: str) -> str:
            return described.tool_place(tool) or f"{manifest.name}.{tool}"

        self._found += description_findings(manifest, place_of, subject.at("/summary"))
        self._instructions(manifest)
        if subject.tree is not None and not self._broken("syntax"):
            uses = uses_of(subject.tree)
            self._found += permission_findings(manifest, uses, subject.at("/permissions"))
            self._found += effect_findings(manifest, subject.tree, uses)

    def _instructions(self, manifest: Manifest) -> None:
        package = self._subject.package
        if package is None:
            return
        place = self._subject.relative(package / (manifest.instructions or "SKILL.md"))
        if not manifest.instructions:
            if (package / "SKILL.md").is_file():
                what = "is there, and nothing names it, so no model reads it"
                self._found.append(
                    warning("instructions-unused", place, what, 'instructions = "SKILL.md" in [tool.skill]')
                )
            return
        try:
            text = (package / manifest.instructions).read_text("utf-8")
        except FileNotFoundError:
            self._found.append(
                error("instructions-missing", place, "is missing, though instructions names it", "write it")
            )
            return
        except (OSError, ValueError) as problem:
            self._found.append(error("instructions-missing", place, f"cannot be read: {problem}", "save it as UTF-8"))
            return
        self._measured = replace(self._measured, instructions=len(text))
        self._found += instruction_findings(text, manifest.name, place)

    async def _own_tests(self) -> None:
        project = self._subject.project
        if project is None:
            return
        if not await to_thread.run_sync(has_tests, project.folder):
            what = "no test would notice that a tool is broken"
            self._found.append(warning("no-tests", "tests/", what, "write tests/test_tools.py; `skill test` runs it"))
            return
        if not self._with_tests or self._broken("cannot-import") or self._broken("syntax"):
            return
        try:
            run = await run_tests_of(
                self._layout, project, self._subject.lock, seconds=_TEST_SECONDS, offline=self._offline
            )
        except SandboxMissing:
            raise
        except SkillKernelError as problem:
            self._found.append(warning("tests-not-run", "tests/", problem.message, problem.hint))
            return
        self._measured = replace(self._measured, tests_rss=run.rss_growth)
        if not run.passed:
            self._found.append(warning("tests-fail", "tests/", "its own tests fail", "`skill test` shows which"))

    def _wheel(self) -> None:
        project = self._subject.project
        if project is None or self._subject.committed is None:
            return
        try:
            wheel = build_wheel(self._layout, project.folder)
            inspect_wheel(wheel)
        except BuildFailed as problem:
            self._found.append(error("build", "pyproject.toml:1", problem.message, problem.hint))
        except (UnsafeWheel, ManifestError) as problem:
            self._found.append(error("wheel", "pyproject.toml:1", problem.message, "keep it out of the wheel"))
        else:
            self._measured = replace(self._measured, wheel=wheel.stat().st_size)


def _as_json(manifest: Manifest, name: str) -> dict[str, object] | None:
    return next((tool for tool in manifest.as_json()["tools"] if tool["name"] == name), None)
