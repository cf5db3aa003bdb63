"""`skill version`: what a new version has to say of what changed, and writing it where it stands."""

import re
from dataclasses import dataclass
from pathlib import Path

import msgspec
from anyio import to_thread
from packaging.version import InvalidVersion, Version

from skillkernel.catalogue.types import Layout
from skillkernel.errors import UsageError
from skillkernel.manifest.render import render_manifest
from skillkernel.manifest.types import Manifest
from skillkernel_registry.authoring.baseline import Baseline, find_baseline
from skillkernel_registry.authoring.release_changes import (
    Change,
    Part,
    added_tools,
    breaking_changes,
    least_part,
    may_break,
    raised,
)
from skillkernel_registry.build import describe
from skillkernel_registry.dependency_lock import fresh_lock
from skillkernel_registry.errors import VersionTooSmall
from skillkernel_registry.index import STRICT, IndexTerms
from skillkernel_registry.lock import LOCK_NAME
from skillkernel_registry.project import Project, read_project

PYPROJECT = "pyproject.toml"
_FULL = re.compile(r"\d+(\.\d+)*\S*")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a skill stands: as its source says now, against what was before (None: nothing is known of that)."""

    project: Project
    manifest: Manifest
    baseline: Baseline | None

    @property
    def changes(self) -> tuple[Change, ...]:
        """What breaks."""
        return breaking_changes(self.baseline.manifest, self.manifest) if self.baseline else ()

    @property
    def added(self) -> tuple[str, ...]:
        """The new tools."""
        return added_tools(self.baseline.manifest, self.manifest) if self.baseline else ()

    @property
    def least(self) -> Part:
        """The smallest part of the version that has to be raised."""
        return least_part(self.baseline.manifest, self.manifest) if self.baseline else Part.PATCH


async def standing(
    layout: Layout, folder: Path, *, against: str = "", terms: IndexTerms = STRICT, offline: bool = False
) -> Standing:
    """Describe the source inside the sandbox and find what it is compared with; raises as these do."""
    project = await to_thread.run_sync(lambda: read_project(folder.absolute()))
    baseline = await find_baseline(layout, project, against, terms=terms)
    lock = await fresh_lock(project, project.package / LOCK_NAME, offline=offline)
    return Standing(project, await describe(layout, project, lock, offline=offline), baseline)


def next_version(now: Standing, wanted: str, *, force: bool = False) -> str:
    """The version that `wanted` (a part, or a version) leads to.

    Raises `UsageError` for a text that is neither, or for a version that does not come later, `VersionTooSmall` when
    something breaks and neither the major number nor `force` says so.
    """
    current = now.project.version
    version = raised(current, Part(wanted)) if wanted in list(Part) else _given(wanted)
    released = now.baseline.manifest.version if now.baseline else current
    later_than = max(Version(current), Version(released))
    if Version(version) <= later_than:
        raise UsageError(
            f"{version} does not come after {later_than}", hint=f"such as {raised(str(later_than), now.least)}"
        )
    if now.changes and not force and not may_break(released, version):
        raise VersionTooSmall(version, released, [str(change) for change in now.changes], raised(released, Part.MAJOR))
    return version


async def write_version(now: Standing, version: str) -> tuple[Path, ...]:
    """Write the version into pyproject.toml, keeping its comments, and skill.json anew; returns both."""
    manifest = msgspec.structs.replace(now.manifest, version=version)
    toml, described = now.project.folder / PYPROJECT, now.project.package / "skill.json"
    await to_thread.run_sync(_write_toml, toml, version)
    await to_thread.run_sync(_replace, described, render_manifest(manifest))
    return toml, described


def _given(text: str) -> str:
    try:
        version = str(Version(text))
    except InvalidVersion:
        version = ""
    if not version or not _FULL.fullmatch(text):
        raise UsageError(f"{text!r} is not a version", hint="say major, minor or patch, or a version such as 1.2.0")
    return version


def _write_toml(file: Path, version: str) -> None:
    import tomlkit

    with file.open(encoding="utf-8", newline="") as opened:
        document = tomlkit.parse(opened.read())
    document["project"]["version"] = version
    _replace(file, tomlkit.dumps(document).encode())


def _replace(file: Path, data: bytes) -> None:
    """The whole new content or the old one, with the rights that the file had."""
    new = file.with_name(f".{file.name}.new")
    new.write_bytes(data)
    if file.exists():
        new.chmod(file.stat().st_mode & 0o777)
    new.replace(file)
