"""Whether a value has the form that skill.schema.json describes."""

import json
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skillkernel.schema import CompiledSchema

Finding = tuple[str, str]
"""A JSON pointer, and what is wrong there."""


@lru_cache(maxsize=1)
def manifest_schema() -> dict[str, Any]:
    """The documented JSON Schema of skill.json, as shipped beside this module."""
    schema: dict[str, Any] = json.loads(files("skillkernel.manifest").joinpath("skill.schema.json").read_bytes())
    return schema


def shape_findings(value: Any) -> tuple[Finding, ...]:
    """Where the value has not the form of a skill.json."""
    found = _compiled().findings(value)
    return tuple(
        (finding.path, f"{finding.problem}; allowed: {finding.allowed}" if finding.allowed else finding.problem)
        for finding in found
    )


def pointer(path: Iterable[str | int]) -> str:
    """RFC 6901: `/tools/0/name`; the whole file is the empty text."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


@lru_cache(maxsize=1)
def _compiled() -> "CompiledSchema":
    from skillkernel.schema import compile_schema

    return compile_schema(manifest_schema(), where="skill.schema.json", checked=True)
