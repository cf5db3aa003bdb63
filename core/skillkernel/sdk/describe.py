"""`python -m skillkernel.sdk.describe MODULE`: the tools part of skill.json, derived from a skill's functions."""

import inspect
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

from skillkernel.errors import SkillKernelError, ToolDeclarationInvalid
from skillkernel.sdk.collect import ToolFunction, collect_tools
from skillkernel.sdk.docstring import parse_docstring
from skillkernel.sdk.tool import ToolSpec, spec_of


def describe_module(module: ModuleType) -> dict[str, Any]:
    """`{"tools": […]}` in the order of declaration, as skill.json holds it; raise `ToolDeclarationInvalid`."""
    tools = collect_tools(module).values()
    return {"tools": [describe_tool(function, spec) for function in tools if (spec := spec_of(function))]}


def describe_tool(function: ToolFunction, spec: ToolSpec) -> dict[str, Any]:
    """One entry of it; raise `ToolDeclarationInvalid`."""
    _check_docstring(function, spec)
    described: dict[str, Any] = {
        "name": spec.name,
        "description": spec.description,
        "effect": spec.effect,
        "idempotent": spec.idempotent,
        "timeout": spec.timeout,
        "permissions": list(spec.permissions),
        "examples": list(spec.examples),
        "input_schema": spec.input_schema,
    }
    if spec.output_schema is not None:
        described["output_schema"] = spec.output_schema
    return described


def _check_docstring(function: ToolFunction, spec: ToolSpec) -> None:
    place = inspect.getsourcefile(function) or function.__module__
    said = parse_docstring(function.__doc__ or "")
    if not said.description:
        raise ToolDeclarationInvalid(
            place, spec.name, "", "the docstring does not say what the tool does", hint="begin it with one sentence"
        )
    for name in said.parameters:
        if name not in spec.arguments.members and name != spec.context_parameter:
            problem = "the docstring describes it, but there is no such parameter"
            raise ToolDeclarationInvalid(place, spec.name, name, problem, hint="rename or remove one of the two")


def main(arguments: Sequence[str]) -> int:
    """Print the description of one module as JSON on stdout; what the module itself prints goes to stderr."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m skillkernel.sdk.describe MODULE\n")
        return 2
    out = os.dup(1)
    os.dup2(2, 1)
    try:
        described = describe_module(import_module(arguments[0]))
    except SkillKernelError as error:
        sys.stderr.write(f"error: {error.message}\nhint: {error.hint}\n")
        return error.exit_code
    with open(out, "w", encoding="utf-8") as stream:  # noqa: PTH123 # a descriptor has no path
        json.dump(described, stream, ensure_ascii=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
