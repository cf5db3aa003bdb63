"""The manifest that a new version is compared with: of an index's newest release, a wheel, or a commit."""

import os
from dataclasses import dataclass
from pathlib import Path

import anyio
from anyio import to_thread
from packaging.version import Version

from skillkernel.catalogue.types import Layout
from skillkernel.errors import UsageError
from skillkernel.manifest.parse import parse_manifest
from skillkernel.manifest.text import SIZE_LIMIT
from skillkernel.manifest.types import Manifest
from skillkernel_registry.errors import SkillNotFound
from skillkernel_registry.index import STRICT, IndexTerms
from skillkernel_registry.indexes.opening import open_index
from skillkernel_registry.progress import silent
from skillkernel_registry.project import Project
from skillkernel_registry.wheel import inspect_wheel

HEAD = "HEAD"
_QUIET = ["-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "protocol.allow=never"]
"""A repository's own settings start no program while one blob is read."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """`where` says in words which manifest it is."""

    where: str
    manifest: Manifest


async def find_baseline(
    layout: Layout, project: Project, against: str = "", *, terms: IndexTerms = STRICT
) -> Baseline | None:
    """What `against` names: a wheel, an index (a folder or an address), or a commit; empty: what is committed.

    None when nothing was committed, and when an index does not know the skill yet. Raises `UsageError` for a text that
    is none of these, and what reading each of them raises.
    """
    if against.endswith(".whl"):
        wheel = await to_thread.run_sync(inspect_wheel, Path(against))
        return Baseline(Path(against).name, wheel.manifest)
    if "://" in against or (against and await anyio.Path(against, "index.json").is_file()):
        return await _released(layout, project, against, terms)
    return await _committed(project, against)


async def _released(layout: Layout, project: Project, where: str, terms: IndexTerms) -> Baseline | None:
    index = await open_index(layout, where, terms)
    try:
        record = await index.record(project.name)
        standing = [release for release in record.releases if not release.yanked]
        newest = max(standing, key=lambda release: Version(release.version), default=None)
        if newest is None:
            return None
        wheel = await index.wheel(project.name, newest, silent)
    except SkillNotFound:
        return None
    finally:
        await index.aclose()
    manifest = (await to_thread.run_sync(inspect_wheel, wheel)).manifest
    return Baseline(f"{manifest.name} {manifest.version} in {index.identity}", manifest)


async def _committed(project: Project, ref: str) -> Baseline | None:
    if ref.startswith("-"):
        raise UsageError(f"{ref!r} is not a commit", hint="name a tag, a branch or a commit, a wheel, or an index")
    commit = ref or HEAD
    try:
        completed = await anyio.run_process(
            ["git", *_QUIET, "cat-file", "blob", f"{commit}:./skill.json"], check=False, cwd=project.package
        )
    except FileNotFoundError:
        completed = None
    if completed is None or completed.returncode != 0:
        if not ref:
            return None
        said = "git is not here" if completed is None else completed.stderr.decode("utf-8", "replace").strip()[:200]
        raise UsageError(
            f"{ref!r} is no wheel, no index, and no commit with a skill.json: {said}",
            hint="name a tag, a branch or a commit, a wheel, or an index",
        )
    if len(completed.stdout) > SIZE_LIMIT:
        raise UsageError(f"the skill.json of {commit} is too large", hint="compare with a release instead")
    return Baseline(
        f"the commit {commit}", parse_manifest(completed.stdout, source=f"{commit}:{project.package.name}/skill.json")
    )
