"""A skill's tools with all mistakes in their declarations, and what importing it takes, asked inside the walls."""

from pathlib import Path
from typing import Any

import msgspec

from skillkernel.errors import WorkerFloods, WorkerTimeout
from skillkernel.worker.run_once import run_sandboxed

_SCRIPT = Path(__file__).with_name("described_inside.py")
_SECONDS = 60


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a declaration; `file` is relative to the source, empty with line 0 when unknown."""

    what: str
    fix: str = ""
    file: str = ""
    line: int = 0


class ToolFound(msgspec.Struct, frozen=True):
    """A tool as skill.json would hold it, and where its function is."""

    tool: dict[str, Any]
    file: str
    line: int


class Described(msgspec.Struct, frozen=True):
    """What a skill's process said of itself: a stranger's word. `rss` is the peak in bytes of importing it."""

    tools: tuple[ToolFound, ...] = ()
    problems: tuple[Problem, ...] = ()
    crash: Problem | None = None
    rss: int = 0

    def tool_place(self, name: str) -> str:
        """`FILE:LINE` of a tool's function, empty when it is not known."""
        return next((f"{one.file}:{one.line}" for one in self.tools if one.tool.get("name") == name), "")


def describe_all(source: Path, package_parent: Path, module: str, environment: Path) -> Described:
    """Import `module` from a copy of its source inside the walls; raise `SandboxMissing`.

    A module that cannot be imported, never ends or floods is described by its `crash`.
    """
    try:
        completed = run_sandboxed(
            ["-c", _SCRIPT.read_text("utf-8"), module, str(source)],
            python_path=[package_parent, environment],
            timeout=_SECONDS,
            uid_key=f"validate {module}",
        )
    except WorkerTimeout:
        return Described(crash=Problem(f"importing it takes longer than {_SECONDS} s"))
    except WorkerFloods:
        return Described(crash=Problem("it prints too much while it is imported"))
    try:
        found = msgspec.json.decode(completed.stdout, type=Described)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        said = completed.stderr.decode("utf-8", "replace").strip().splitlines()
        return Described(crash=Problem(f"it ends the process that imports it: {said[-1][:300] if said else ''}"))
    return _relative(found, source)


def _relative(found: Described, source: Path) -> Described:
    def short(file: str) -> str:
        return file.removeprefix(f"{source}/")

    def told(problem: Problem) -> Problem:
        what = problem.what.replace(f"{source}/", "")
        return msgspec.structs.replace(problem, file=short(problem.file), what=what)

    return Described(
        tools=tuple(msgspec.structs.replace(one, file=short(one.file)) for one in found.tools),
        problems=tuple(map(told, found.problems)),
        crash=told(found.crash) if found.crash else None,
        rss=found.rss,
    )
