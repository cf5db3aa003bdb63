"""What a skill's tests run with: its locked dependencies, and pytest or whatever its `test` group names.

pytest is no dependency of skillkernel. The group `test` of [dependency-groups] (PEP 735) says what is needed, pytest
alone where there is none. A requirement that the kernel's own environment meets is copied from there, so that tests
run without a network; uv fetches the rest. None of it is part of the skill, so it is not locked: the folder is kept
under SKILL_HOME/cache/tests until the lock or the group changes, and its code runs inside the walls alone.
"""

import sys
import tomllib
from collections.abc import Sequence
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread
from packaging.dependency_groups import DependencyGroupResolver
from packaging.errors import ExceptionGroup
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from skillkernel.catalogue.types import Layout
from skillkernel.catalogue.verify import digest
from skillkernel.errors import ManifestError, Missing
from skillkernel.package_indexes import uv_index_arguments
from skillkernel_registry.backend import copy_distribution, settle, with_what_it_needs
from skillkernel_registry.environment import add_dependencies, run_uv, settle_modes
from skillkernel_registry.lock import Lock
from skillkernel_registry.project import Project
from skillkernel_registry.scratch import scratch

GROUP = "test"
_PYTEST = "pytest>=8"


async def environment_for_tests(layout: Layout, project: Project, lock: Lock, *, offline: bool = False) -> Path:
    """A folder with all that the skill's tests import beside the skill itself, made when it is first needed.

    Raises `ManifestError` for a group that is none, `Missing` when something cannot be had, `IntegrityError` when a
    locked package is not what the lock says.
    """
    wanted = await to_thread.run_sync(requirements_of_tests, project.folder)
    copied, fetched = await to_thread.run_sync(_shares, wanted, lock)
    versions = " ".join(f"{one.metadata['Name']}=={one.version}" for one in copied)
    named = f"{lock.sha256()} {versions} {sorted(map(str, fetched))} {sys.implementation.cache_tag} {sys.platform}"
    folder = layout.cache / "tests" / digest(named.encode())
    if await anyio.Path(folder).is_dir():
        return folder
    with scratch(layout, "tests") as work:
        environment = work / "env"
        await anyio.Path(environment).mkdir()
        await add_dependencies(lock, environment, offline=offline)
        for one in copied:
            await to_thread.run_sync(copy_distribution, one, environment)
        if fetched:
            await _fetch(fetched, lock, environment, offline=offline)
        await to_thread.run_sync(settle_modes, environment)
        return await to_thread.run_sync(settle, environment, folder)


def requirements_of_tests(folder: Path) -> tuple[Requirement, ...]:
    """What the `test` group of a source folder asks for; pytest is always among it."""
    file = folder / "pyproject.toml"
    try:
        groups: Any = tomllib.loads(file.read_text("utf-8")).get("dependency-groups", {})
        found = DependencyGroupResolver(groups).resolve(GROUP) if GROUP in groups else ()
    except (TypeError, ValueError, LookupError, ExceptionGroup) as error:
        said = str(error).splitlines()[0]
        raise ManifestError(
            str(file), ((f"/dependency-groups/{GROUP}", said),), hint=f'write {GROUP} = ["pytest>=8"]'
        ) from error
    names = {canonicalize_name(one.name) for one in found}
    return (*found, *(() if "pytest" in names else (Requirement(_PYTEST),)))


def _shares(wanted: Sequence[Requirement], lock: Lock) -> tuple[list[Distribution], list[Requirement]]:
    """What is copied from the kernel's own environment, and what uv has to fetch."""
    copied: dict[str, Distribution] = {}
    fetched: list[Requirement] = []
    for requirement in wanted:
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        found = _here(requirement, lock)
        if found is None:
            fetched.append(requirement)
        else:
            copied.update({canonicalize_name(one.metadata["Name"]): one for one in found})
    return list(copied.values()), fetched


def _here(requirement: Requirement, lock: Lock) -> list[Distribution] | None:
    """What meets the requirement in this environment, None when something of it is not here, or is locked otherwise."""
    if requirement.extras or requirement.url:
        return None
    pins = {pin.name: pin.version for pin in lock.here()}
    try:
        found = with_what_it_needs(requirement.name)
    except PackageNotFoundError:
        return None
    if not requirement.specifier.contains(found[0].version, prereleases=True):
        return None
    for one in found:
        pinned = pins.get(canonicalize_name(one.metadata["Name"]))
        if (pinned and pinned != one.version) or any(path.suffix in (".pth", ".so") for path in one.files or ()):
            return None
    return found


async def _fetch(requirements: Sequence[Requirement], lock: Lock, environment: Path, *, offline: bool) -> None:
    listed, pinned = environment.with_name("wanted.txt"), environment.with_name("pinned.txt")
    await anyio.Path(listed).write_text("".join(f"{one}\n" for one in requirements), encoding="utf-8")
    pins = "".join(f"{pin.requirement}\n" for pin in lock.pins)
    await anyio.Path(pinned).write_text(pins, encoding="utf-8")
    arguments = ["pip", "install", "--quiet", "--target", str(environment), "--python", sys.executable]
    arguments += [
        "--only-binary",
        ":all:",
        "--link-mode",
        "copy",
        "--no-progress",
        "-c",
        str(pinned),
        "-r",
        str(listed),
    ]
    status, output = await run_uv([*arguments, "--offline"])
    if status != 0 and not offline:
        status, output = await run_uv([*arguments, *uv_index_arguments()])
    if status != 0:
        raise Missing(
            f"what the tests need cannot be had: {' '.join(output.split())[:400]}",
            hint=f"look at [dependency-groups] {GROUP}, the network and pip's index settings, which are used here",
        )
