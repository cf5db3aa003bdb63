"""Runs inside the walls: imports a skill and tells of all its tools, with every mistake and not the first alone.

Sent there as text by `described.py`, so it imports nothing of this package. What it prints comes from the skill's own
process and is no more to be trusted than the skill.
"""

import json
import os
import resource
import sys
import traceback
from importlib import import_module
from typing import Any

import skillkernel
from skillkernel.errors import SkillKernelError, ToolDeclarationInvalid
from skillkernel.sdk import tool as declaring
from skillkernel.sdk.collect import collect_tools
from skillkernel.sdk.describe import describe_tool

problems: list[dict[str, Any]] = []
_declared = declaring.tool


def forgiving_tool(*bare: Any, **options: Any) -> Any:
    """`@tool` that notes what is wrong with a function and goes on."""
    try:
        declare = _declared(*bare, **options)
    except TypeError as error:
        caller = traceback.extract_stack(limit=2)[0]  # the line of the decorator
        fix = 'write @tool(effect="read")'
        problems.append(problem(caller.filename, caller.lineno or 0, f"@tool: {error}", fix))
        return bare[0] if bare else _as_it_is

    def declare_or_note(function: Any) -> Any:
        try:
            return declare(function)
        except ToolDeclarationInvalid as error:
            note(error)
            return function

    return declare_or_note


def _as_it_is(function: Any) -> Any:
    return function


def problem(file: str, line: int, what: str, fix: str = "") -> dict[str, Any]:
    """One mistake, as it is told outside."""
    return {"file": file, "line": line, "what": what[:1_000], "fix": fix[:300]}


def note(error: ToolDeclarationInvalid) -> None:
    """Keep a mistake in a declaration."""
    file, _, line = error.place.rpartition(":")
    what = error.message.removeprefix(f"{error.place}: ")
    problems.append(problem(file or error.place, int(line) if line.isdigit() else 0, what, error.hint))


def describe(module_name: str, root: str) -> dict[str, Any]:
    """All that is known of the module, as JSON values."""
    tools: list[dict[str, Any]] = []
    crash = None
    try:
        module = import_module(module_name)
        for function in collect_tools(module).values():
            spec = declaring.spec_of(function)
            code = getattr(function, "__code__", None)
            if spec is None or code is None:
                continue
            try:
                described = describe_tool(function, spec)
            except ToolDeclarationInvalid as error:
                problems.append(
                    problem(code.co_filename, code.co_firstlineno, error.message.partition(": ")[2], error.hint)
                )
            else:
                tools.append({"tool": described, "file": code.co_filename, "line": code.co_firstlineno})
    except ToolDeclarationInvalid as error:
        note(error)
    except SkillKernelError as error:
        crash = problem("", 0, error.message, error.hint)
    except BaseException as error:  # noqa: BLE001 # also SystemExit: whatever a module does, it is told
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(root)]
        file, line = (frames[-1].filename, frames[-1].lineno or 0) if frames else ("", 0)
        crash = problem(file, line, f"{type(error).__name__}: {error}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"tools": tools, "problems": problems, "crash": crash, "rss": peak}


def main() -> None:
    """Print it on what was stdout; what the module prints goes to stderr."""
    out = os.dup(1)
    os.dup2(2, 1)
    declaring.tool = forgiving_tool
    skillkernel.tool = forgiving_tool
    with os.fdopen(out, "w", encoding="utf-8") as stream:
        json.dump(describe(sys.argv[1], sys.argv[2]), stream, ensure_ascii=True)


if __name__ == "__main__":
    main()
