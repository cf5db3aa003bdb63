"""Makes a skill's lock with uv, at build time and never at install.

The form is pip's requirements with hashes, and not pylock.toml, which writes the address of every file into the lock:
a lock names what is installed, and each machine's own index settings say from where.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
from packaging.specifiers import SpecifierSet

from skillkernel.errors import Missing
from skillkernel.package_indexes import uv_index_arguments
from skillkernel_registry.absent_packages import (
    absent_packages,
    doubted_packages,
    not_looked_up,
    unknown_dependency,
    was_asked,
)
from skillkernel_registry.environment import run_uv
from skillkernel_registry.errors import BuildFailed
from skillkernel_registry.lock import Lock, parse_lock
from skillkernel_registry.project import Project

OLDEST_PYTHON = "3.11"
"""What a lock is made for when a skill does not say requires-python: the oldest Python that skillkernel runs on."""

_NO_SOLUTION = "No solution found"


async def fresh_lock(project: Project, kept: Path, *, offline: bool) -> Lock:
    """The lock for a project's dependencies on every platform; pins of the file `kept` stay where they still fit.

    When nothing can be fetched, the kept lock is enough if it still covers every dependency. Raises `Missing` when it
    does not, `UnknownDependency` for one that no package index has, `BuildFailed` when the dependencies exclude each other
    or have no wheels.
    """
    if not project.dependencies:
        return Lock()
    wanted = [str(one) for one in project.dependencies]
    status, output, made = await _compile(project, kept, wanted, offline=offline)
    if status == 0:
        return parse_lock(made, "uv's lock")
    old = read_lock(kept)
    if old.pins and not old.uncovered(project.dependencies):
        return old
    if absent := absent_packages(output):
        if was_asked(output):
            raise unknown_dependency(project, absent, old, output)
        raise not_looked_up(project, absent)
    if _NO_SOLUTION in output and (absent := await _absent_in_any_version(project, kept, output)):
        raise unknown_dependency(project, absent, old, output)
    said = " ".join(output.split())[:600]
    if _NO_SOLUTION in output and "network was disabled" not in output:
        raise BuildFailed(f"{project.name}: its dependencies cannot be met together: {said}", log=output)
    raise Missing(
        f"{project.name}: its dependencies cannot be locked: {said}",
        hint="look at the network and at pip's index settings, which are used here",
    )


def read_lock(file: Path) -> Lock:
    """The lock in a file, empty when there is none."""
    try:
        return parse_lock(file.read_text(encoding="utf-8"), str(file))
    except FileNotFoundError:
        return Lock()


async def _absent_in_any_version(project: Project, kept: Path, output: str) -> tuple[str, ...]:
    """Packages that are nowhere, of those that the output says to be there in other versions.

    With --find-links uv says "only NAME<1 is available" of a package that nobody has, when NAME>=1 was asked for.
    """
    names = [*(one.name for one in project.dependencies), *doubted_packages(output)]
    _, said, _ = await _compile(project, kept, list(dict.fromkeys(names)), offline=False)
    return absent_packages(said) if was_asked(said) else ()


async def _compile(project: Project, kept: Path, requirements: Sequence[str], *, offline: bool) -> tuple[int, str, str]:
    with TemporaryDirectory(prefix="skillkernel-lock-") as scratch:
        wanted, out = anyio.Path(scratch, "requirements.in"), anyio.Path(scratch, "lock.txt")
        await wanted.write_text("".join(f"{one}\n" for one in requirements), encoding="utf-8")
        if old := read_lock(kept).text():
            await out.write_text(old, encoding="utf-8")
        arguments = ["pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header", "--no-annotate"]
        arguments += ["--no-emit-index-url", "--no-emit-find-links", "--only-binary", ":all:", "--no-progress"]
        arguments += ["--python", sys.executable, "--python-version", _oldest(project.requires_python)]
        arguments += ["-o", str(out), str(wanted)]
        status, output = await run_uv([*arguments, *(["--offline"] if offline else uv_index_arguments())])
        return status, output, await out.read_text(encoding="utf-8") if status == 0 else ""


def _oldest(requires_python: str) -> str:
    floors = [part.version for part in SpecifierSet(requires_python) if part.operator in {">=", "~=", "=="}]
    return max(floors, default=OLDEST_PYTHON).removesuffix(".*")
