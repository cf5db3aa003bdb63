"""Real skills of one module each, for tests that run real workers."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio

from skillkernel.worker.seam import Invocation, WorkerSpec

MakeSkill = Callable[..., WorkerSpec]
IMPORTS = "import os, sys, time\nfrom skillkernel import Context, ToolError, hookimpl, tool\n\n"


def skill_in(folder: Path, code: str, *, name: str = "demo", **changes: Any) -> WorkerSpec:
    """Write a skill under `folder` whose module is `code` after the usual imports; `changes` are fields of its spec."""
    environment = folder / "store" / name
    environment.mkdir(parents=True, exist_ok=True)
    environment.chmod(0o755)
    module = f"skill_{name}"
    (environment / f"{module}.py").write_text(IMPORTS + textwrap.dedent(code), encoding="utf-8")
    fields: dict[str, Any] = {
        "skill": name,
        "module": module,
        "environment": environment,
        "data": folder / "home" / "data" / name,
        "store": "0" * 64,
        "uid_key": f"{name} {folder}",
    }
    return WorkerSpec(**(fields | changes))


def invoke(tool: str, arguments: dict[str, Any] | None = None, *, seconds: float = 20.0, **more: Any) -> Invocation:
    """An invocation whose other fields do not matter."""
    return Invocation(tool=tool, arguments=arguments or {}, timeout=seconds, idempotency_key="key-1", **more)


async def until(condition: Callable[[], bool]) -> None:
    """Wait, ten seconds at most, for what another process does."""
    with anyio.fail_after(10):
        while not condition():  # no event crosses the walls
            await anyio.sleep(0.005)


def processes_that_see(folder: Path) -> list[str]:
    """The processes in whose mounts `folder` is, or that work in it: those of a sandbox."""
    return [process.name for process in Path("/proc").iterdir() if process.name.isdigit() and _sees(process, folder)]


def _sees(process: Path, folder: Path) -> bool:
    try:
        return str(folder) in (process / "mountinfo").read_text() or (process / "cwd").readlink() == folder
    except OSError:
        return False
