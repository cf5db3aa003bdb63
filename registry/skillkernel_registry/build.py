"""`skill build`: skill.json from pyproject.toml and the functions, the lock, and the wheel.

The skill's code runs inside the walls alone, with its own dependencies and without a network.
"""

import difflib
import json
import re
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import anyio
from anyio import to_thread

from skillkernel.catalogue.types import Layout
from skillkernel.errors import ManifestError, WorkerFloods, WorkerTimeout
from skillkernel.manifest.parse import parse_manifest
from skillkernel.manifest.render import render_manifest
from skillkernel.manifest.types import MANIFEST_VERSION, Manifest
from skillkernel.text import visible
from skillkernel.worker.run_once import run_sandboxed
from skillkernel_registry.backend import build_wheel
from skillkernel_registry.dependency_lock import fresh_lock, read_lock
from skillkernel_registry.environment import add_dependencies, settle_modes
from skillkernel_registry.errors import BuildFailed, ManifestDrift
from skillkernel_registry.lock import LOCK_NAME, Lock
from skillkernel_registry.progress import OnProgress, Progress, Stage, silent
from skillkernel_registry.project import Project, read_project
from skillkernel_registry.scratch import scratch
from skillkernel_registry.source import copy_source
from skillkernel_registry.wheel import inspect_wheel

DESCRIBE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class BuildResult:
    """`changed` are the files of the source that were written anew; `wheel` is None after a check."""

    manifest: Manifest
    changed: tuple[Path, ...]
    wheel: Path | None


async def build(
    layout: Layout, folder: Path, *, check: bool = False, offline: bool = False, on_progress: OnProgress = silent
) -> BuildResult:
    """Bring skill.json and the lock of a source folder up to date and put its wheel into dist/.

    With `check` nothing is written, and a skill.json or lock that is not up to date raises `ManifestDrift` with the
    difference. Raises `ManifestError` for what cannot be a manifest, `BuildFailed`, `Missing`, `SandboxMissing`.
    """
    project = await to_thread.run_sync(lambda: read_project(folder.absolute()))
    on_progress(Progress(Stage.LOCK, project.name))
    lock = await _lock(project, check=check, offline=offline)
    on_progress(Progress(Stage.BUILD, project.name))
    manifest = await describe(layout, project, lock, offline=offline)
    changed = await to_thread.run_sync(partial(_settle, project, manifest, lock, check=check))
    if check:
        return BuildResult(manifest, (), None)
    wheel = await to_thread.run_sync(_wheel, layout, project.folder, abandon_on_cancel=True)
    return BuildResult(manifest, changed, wheel)


async def describe(layout: Layout, project: Project, lock: Lock, *, offline: bool = False) -> Manifest:
    """The manifest that a source folder has now; its module is imported inside the walls."""
    with scratch(layout, "describe") as work:
        source, environment = work / "source", work / "env"
        await anyio.Path(environment).mkdir()
        await add_dependencies(lock, environment, offline=offline)
        tools = await to_thread.run_sync(_tools, project, source, environment, abandon_on_cancel=True)
    manifest = compose(project, tools)
    if manifest.instructions and not await anyio.Path(project.package, manifest.instructions).is_file():
        place = str(project.package / manifest.instructions)
        raise ManifestError(
            place, (("", "is missing, though instructions names it"),), hint="write it, or take the line out"
        )
    return manifest


def compose(project: Project, tools: Any) -> Manifest:
    """Put together what pyproject.toml says and what the functions gave; raise `ManifestError`."""
    data = composed_json(project, tools)
    try:
        return parse_manifest(data, source=str(project.folder / "pyproject.toml"), expected_name=project.name)
    except ManifestError as error:
        raise _at_functions(error, project, tools) from None


def composed_json(project: Project, tools: Any) -> bytes:
    """The same as the bytes of a skill.json, unchecked; raise `ManifestError` for a field that is derived."""
    derived = {
        "manifest_version": MANIFEST_VERSION,
        "name": project.name,
        "version": project.version,
        "summary": project.summary,
        "tools": tools,
    }
    source = str(project.folder / "pyproject.toml")
    if taken := derived.keys() & project.skill.keys():
        places = tuple((f"/tool/skill/{key}", "is derived; take it out") for key in sorted(taken))
        raise ManifestError(source, places, hint="name, version and description stand in [project]")
    permissions = _permissions(project.skill.get("permissions", {}))
    return json.dumps({**project.skill, **derived, "permissions": permissions}, default=str).encode()


_TOOL_PLACE = re.compile(r"/tools/(\d+)(/.*)?", re.DOTALL)


def _at_functions(error: ManifestError, project: Project, tools: Any) -> ManifestError:
    """What is wrong with a derived tool, said of the function that its author wrote."""
    findings: list[tuple[str, str]] = []
    moved = 0
    for place, problem in error.findings:
        match = _TOOL_PLACE.fullmatch(place)
        try:
            name = tools[int(match[1])]["name"] if match else None
        except (LookupError, TypeError):
            name = None
        if match is None or not isinstance(name, str):
            findings.append((place, problem))
            continue
        moved += 1
        what = (match[2] or "").removeprefix("/").replace("/", ".")
        findings.append((f"{project.module}.{visible(name, limit=80)}()", f"{what}: {problem}" if what else problem))
    if not moved:
        return error
    source = project.package if moved == len(findings) else project.folder
    return ManifestError(str(source), tuple(findings), hint="mend the function, its hints or its docstring")


def _permissions(table: Any) -> Any:
    """`files.read = […]` without quotes is a table in TOML: say it as skill.json does."""
    if not isinstance(table, dict):
        return table
    flat: dict[str, Any] = {}
    for kind, values in cast("dict[str, Any]", table).items():
        if isinstance(values, dict):
            flat |= {f"{kind}.{inner}": one for inner, one in cast("dict[str, Any]", values).items()}
        else:
            flat[kind] = values
    return flat


async def _lock(project: Project, *, check: bool, offline: bool) -> Lock:
    kept = project.package / LOCK_NAME
    if check:
        old = read_lock(kept)
        if problem := old.uncovered(project.dependencies):
            raise ManifestDrift(str(kept), f"the lock {problem}\n")
        return old
    return await fresh_lock(project, kept, offline=offline)


def _tools(project: Project, source: Path, environment: Path) -> Any:
    copy_source(project.folder, source)
    settle_modes(environment)
    place = source / project.package.parent.relative_to(project.folder)
    try:
        completed = run_sandboxed(
            ["-m", "skillkernel.sdk.describe", project.module],
            python_path=[place, environment],
            timeout=DESCRIBE_SECONDS,
            uid_key=f"describe {project.name}",
        )
    except WorkerTimeout as error:
        raise BuildFailed(
            f"importing {project.module} takes longer than {DESCRIBE_SECONDS} s",
            hint="a module defines its tools and does its work when one is called",
        ) from error
    except WorkerFloods as error:
        raise BuildFailed(
            f"{project.module} prints too much while it is imported", hint="take the printing out of the module"
        ) from error
    log = completed.stderr.decode("utf-8", "replace").replace(f"{source}/", "")
    if completed.returncode != 0:
        raise _cannot_describe(project, log)
    try:
        return json.loads(completed.stdout)["tools"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BuildFailed(f"{project.module} printed something else than its tools", log=log) from error


def _cannot_describe(project: Project, log: str) -> BuildFailed:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith("error: ")), lines[-1] if lines else "it said nothing")
    hint = next((line.removeprefix("hint: ") for line in lines if line.startswith("hint: ")), "")
    return BuildFailed(
        f"{project.module} cannot be imported: {said.removeprefix('error: ')[:400]}",
        hint=hint or "mend the module; a dependency goes into [project] dependencies",
        log=log,
    )


def _settle(project: Project, manifest: Manifest, lock: Lock, *, check: bool) -> tuple[Path, ...]:
    wanted = {project.package / "skill.json": render_manifest(manifest).decode()}
    if lock.pins:
        wanted[project.package / LOCK_NAME] = lock.text()
    changed: list[Path] = []
    for file, text in wanted.items():
        old = file.read_text(encoding="utf-8") if file.is_file() else ""
        if old == text:
            continue
        if check:
            raise ManifestDrift(str(file), _diff(file.name, old, text))
        file.write_text(text, encoding="utf-8")
        changed.append(file)
    stale = project.package / LOCK_NAME
    if not lock.pins and not check and stale.is_file():
        stale.unlink()
        changed.append(stale)
    return tuple(changed)


def _diff(name: str, old: str, new: str) -> str:
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), f"{name} as it is", f"{name} as it should be"
    )
    return "".join(lines)


def _wheel(layout: Layout, folder: Path) -> Path:
    built = build_wheel(layout, folder)
    inspect_wheel(built)
    target = folder / "dist" / built.name
    target.parent.mkdir(exist_ok=True)
    shutil.copyfile(built, target)
    return target
