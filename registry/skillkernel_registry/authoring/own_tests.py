"""`skill test`: a skill's own tests, run by pytest behind the walls that the skill will have.

They see a read-only copy of the source, their locked dependencies and a private /tmp. They have a network of their own
whose loopback serves a test's server and leads nowhere, and start no program; granted files, hosts and secrets are for
a worker, and a test gives itself what it needs by `Context.for_tests`.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from anyio import to_thread

from skillkernel.catalogue.types import Layout
from skillkernel.errors import UsageError
from skillkernel.worker.run_once import OnOutput, run_sandboxed
from skillkernel_registry.authoring.environment_for_tests import environment_for_tests
from skillkernel_registry.cache.in_use import using_cache
from skillkernel_registry.dependency_lock import fresh_lock
from skillkernel_registry.lock import LOCK_NAME, Lock
from skillkernel_registry.project import Project, read_project
from skillkernel_registry.scratch import scratch
from skillkernel_registry.source import copy_source

DEFAULT_SECONDS = 300.0
_MOST_OUTPUT = 20_000_000
"""Bytes that the tests may print."""
_NO_TESTS = 5
"""pytest's exit status when it collected nothing."""

_RUNNER = """
import json, resource, sys
where, *arguments = sys.argv[1:]
import pytest
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
code = int(pytest.main(arguments))
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(where + "/measured.json", "w") as file:
    json.dump([before * 1024, after * 1024], file)
sys.stdout.flush()
sys.exit(code)
"""


@dataclass(frozen=True, slots=True)
class TestRun:
    """How the tests ended: pytest's exit status, and the bytes by which they raised the process's memory, 0: unknown."""

    status: int
    rss_growth: int = 0

    @property
    def passed(self) -> bool:
        return self.status == 0


def _unheard(stream: int, piece: bytes) -> None:
    """Output that nobody reads."""


async def run_own_tests(
    layout: Layout,
    folder: Path,
    *,
    arguments: Sequence[str] = (),
    seconds: float = DEFAULT_SECONDS,
    offline: bool = False,
    on_output: OnOutput = _unheard,
) -> TestRun:
    """Run the tests of a source folder inside the sandbox; `arguments` are pytest's own.

    Raises `UsageError` when there are none, `ManifestError`, `WorkerTimeout`, `WorkerFloods`, `SandboxMissing`, and what
    `environment_for_tests` raises.
    """
    project = await to_thread.run_sync(lambda: read_project(folder.absolute()))
    if not await to_thread.run_sync(has_tests, project.folder):
        raise no_tests(folder)
    lock = await fresh_lock(project, project.package / LOCK_NAME, offline=offline)
    return await run_tests_of(
        layout, project, lock, arguments=arguments, seconds=seconds, offline=offline, on_output=on_output
    )


@using_cache
async def run_tests_of(
    layout: Layout,
    project: Project,
    lock: Lock,
    *,
    arguments: Sequence[str] = (),
    seconds: float = DEFAULT_SECONDS,
    offline: bool = False,
    on_output: OnOutput = _unheard,
) -> TestRun:
    """The same for a project that was read and locked."""
    environment = await environment_for_tests(layout, project, lock, offline=offline)
    run = await to_thread.run_sync(
        _run, layout, project, environment, arguments, seconds, on_output, abandon_on_cancel=True
    )
    if run.status == _NO_TESTS:
        raise no_tests(project.folder)
    return run


def has_tests(folder: Path) -> bool:
    """Whether a source folder has files that pytest would look into."""
    roots = [folder / "tests", folder / "test"]
    found = [file for root in roots if root.is_dir() for file in root.rglob("*.py")] or list(folder.glob("test_*.py"))
    return any(file.name.startswith("test_") or file.name.endswith("_test.py") for file in found)


def no_tests(folder: Path) -> UsageError:
    """What is said of a skill without tests."""
    return UsageError(
        f"{folder} has no tests that pytest would run",
        hint="write tests/test_tools.py; docs/writing-a-skill.md shows how a tool is tested",
    )


def _run(
    layout: Layout, project: Project, environment: Path, arguments: Sequence[str], seconds: float, on_output: OnOutput
) -> TestRun:
    with scratch(layout, "tests") as work:
        source, out = work / "source", work / "out"
        copy_source(project.folder, source)
        out.mkdir()
        place = source / project.package.parent.relative_to(project.folder)
        options = ["-p", "no:cacheprovider", "--rootdir", str(source), *arguments]
        completed = run_sandboxed(
            ["-c", _RUNNER, str(out), *options],
            python_path=[place, environment],
            read_only=[source],
            writable=[out],
            cwd=source,
            timeout=seconds,
            max_output=_MOST_OUTPUT,
            uid_key=f"test {project.name}",
            loopback=True,
            on_output=on_output,
        )
        return TestRun(completed.returncode, _growth(out / "measured.json"))


def _growth(file: Path) -> int:
    """What the tests wrote of themselves, so not to be relied on."""
    try:
        before, after = json.loads(file.read_bytes()[:1_000])
        return min(max(int(after) - int(before), 0), sys.maxsize)
    except (OSError, ValueError, TypeError, RecursionError, OverflowError):
        return 0
