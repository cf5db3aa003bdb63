"""Makes a wheel from a skill's source with hatchling, inside the walls: a build may run the author's code.

hatchling and what it needs are copied once from the kernel's own environment into SKILL_HOME/cache, so that the
sandbox sees them and nothing else of it, and no network is needed.
"""

import shutil
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from skillkernel.catalogue.types import Layout
from skillkernel.catalogue.verify import digest
from skillkernel.worker.run_once import run_sandboxed
from skillkernel_registry.cache.in_use import cache_in_use
from skillkernel_registry.environment import settle_modes
from skillkernel_registry.errors import BuildFailed
from skillkernel_registry.project import read_project
from skillkernel_registry.scratch import scratch
from skillkernel_registry.source import copy_source, source_digest

EPOCH = "1577836800"
"""SOURCE_DATE_EPOCH of every build: the same source gives the same bytes."""
BUILD_SECONDS = 120
_WHEEL_LIMIT = 100_000_000
_BUILD = f"""
import os, sys
os.environ["SOURCE_DATE_EPOCH"] = {EPOCH!r}
from hatchling.build import build_wheel
build_wheel(sys.argv[1])
"""


def build_wheel(layout: Layout, folder: Path) -> Path:
    """The wheel of a source folder, kept under SKILL_HOME/cache/built by the hash of the source.

    Raises `ManifestError` for a pyproject.toml that is not a skill's, `BuildFailed`, `SandboxMissing`.
    """
    with cache_in_use(layout):
        return _build(layout, folder)


def _build(layout: Layout, folder: Path) -> Path:
    project = read_project(folder)
    backend = backend_folder(layout)
    kept = layout.cache / "built" / digest(f"{source_digest(folder)} {backend.name} {EPOCH}".encode())
    if wheels := list(kept.glob("*.whl")):
        return wheels[0]
    with scratch(layout, "build") as work:
        source, out = work / "source", work / "out"
        copy_source(folder, source)
        out.mkdir()
        completed = run_sandboxed(
            ["-c", _BUILD, str(out)],
            python_path=[backend],
            read_only=[source],
            writable=[out],
            cwd=source,
            timeout=BUILD_SECONDS,
            uid_key=f"build {project.name}",
        )
        if completed.returncode != 0:
            raise _failed(str(folder), completed.stderr)
        return _keep(str(folder), out, work / "kept", kept)


def backend_folder(layout: Layout) -> Path:
    """A folder with hatchling and its dependencies alone, made on first use."""
    needed = with_what_it_needs("hatchling")
    versions = " ".join(sorted(f"{one.metadata['Name']}=={one.version}" for one in needed))
    folder = layout.cache / "backend" / digest(f"{versions} {sys.implementation.cache_tag}".encode())
    if folder.is_dir():
        return folder
    with scratch(layout, "backend") as work:
        for one in needed:
            copy_distribution(one, work / "backend")
        settle_modes(work / "backend")
        return settle(work / "backend", folder)


def settle(made: Path, place: Path) -> Path:
    """Move a finished folder to its place, unless somebody else was there first with the same."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        made.rename(place)
    except OSError:
        if not place.is_dir():
            raise
    return place


def with_what_it_needs(name: str) -> list[Distribution]:
    """An installed distribution and those that it depends on; raise `PackageNotFoundError` when one is not there."""
    found: dict[str, Distribution] = {}
    waiting = [name]
    while waiting:
        wanted = canonicalize_name(waiting.pop())
        if wanted in found:
            continue
        found[wanted] = distribution(wanted)
        for text in found[wanted].requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return list(found.values())


def copy_distribution(one: Distribution, to: Path) -> None:
    """Copy the files of an installed distribution that are inside its folder of packages, without bytecode."""
    for path in one.files or ():
        if ".." in path.parts or path.suffix in {".pyc", ".pth"}:
            continue
        target = to.joinpath(*path.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_binary())


def _keep(source: str, out: Path, making: Path, kept: Path) -> Path:
    """Take the one wheel over; what else the build left is not looked at."""
    wheels = [path for path in out.glob("*.whl") if path.is_file() and not path.is_symlink()]
    if len(wheels) != 1 or wheels[0].stat().st_size > _WHEEL_LIMIT:
        raise BuildFailed(f"building {source} gave {len(wheels)} wheels, or one that is too large")
    making.mkdir()
    shutil.copyfile(wheels[0], making / wheels[0].name)
    return settle(making, kept) / wheels[0].name


def _failed(source: str, stderr: bytes) -> BuildFailed:
    log = stderr.decode("utf-8", "replace")
    last = next((line.strip() for line in reversed(log.splitlines()) if line.strip()), "it said nothing")
    return BuildFailed(f"{source} cannot be built: {last[:300]}", hint="mend the source, then try again", log=log)
