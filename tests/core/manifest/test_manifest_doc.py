"""docs/manifest.md describes every field of skill.schema.json, with its default."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from skillkernel.errors import ManifestError
from skillkernel.manifest.parse import manifest_findings
from skillkernel.manifest.render import render_manifest
from skillkernel.manifest.shape import manifest_schema
from skillkernel.manifest.types import Effect, Manifest, Tool, schema_json
from skillkernel.names import SkillName, ToolName
from skillkernel.schema import compile_schema

PAGE = (Path(__file__).parents[3] / "docs" / "manifest.md").read_text("utf-8")
ROW = re.compile(r"^\| `([a-z_.\[\]]+)` \| [^|]+ \| (required|`[^`]*`) \| .+ \|$", re.MULTILINE)


def _fields() -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Each field's name on the page, its schema, and whether it is required."""
    schema = manifest_schema()
    parts = {"": schema, "tools[].": schema["$defs"]["tool"]}
    parts |= {f"{name}.": schema["$defs"][name] for name in ("permissions", "memory")}
    for prefix, part in parts.items():
        for name, field in part["properties"].items():
            yield f"{prefix}{name}", {**schema["$defs"]["rows"], **field}, name in part.get("required", [])


def test_the_page_has_a_row_for_each_field_and_no_other() -> None:
    assert [name for name, _ in ROW.findall(PAGE)] == [name for name, *_ in _fields()]


def test_the_page_tells_each_default() -> None:
    told = dict(ROW.findall(PAGE))
    for name, field, required in _fields():
        assert told[name] == ("required" if required else f"`{json.dumps(field['default'])}`"), name


def test_each_field_has_a_description() -> None:
    for name, field, _ in _fields():
        assert len(field["description"]) > 20, name


def test_the_defaults_of_the_schema_are_those_of_the_values() -> None:
    least = Manifest(
        manifest_version=1,
        name=SkillName("weather"),
        version="1",
        summary="x",
        tools=(
            Tool(
                name=ToolName("look"),
                description="Look.",
                effect=Effect.READ,
                input_json=schema_json({"type": "object"}),
            ),
        ),
    )
    assert manifest_findings(json.loads(render_manifest(least))) == ()
    plain = least.as_json()
    found = {**plain, **{f"tools[].{name}": value for name, value in plain["tools"][0].items()}}
    found |= {f"{part}.{name}": value for part in ("permissions", "memory") for name, value in plain[part].items()}
    for name, field, required in _fields():
        if not required and name not in ("permissions", "memory"):
            assert found[name] == field["default"], name


def test_the_shipped_schema_passes_the_checks_that_it_asks_of_others() -> None:
    assert compile_schema(manifest_schema(), where="skill.schema.json").is_valid(None) is False


def test_the_example_of_an_error_is_what_is_printed() -> None:
    value = {
        "manifest_version": 1,
        "name": "weather",
        "version": "1.0-final",
        "summary": "x",
        "instructions": "../SKILL.md",
        "tools": [{"name": "look", "description": "Look.", "effect": "read", "input_schema": {"type": "object"}}],
    }
    error = ManifestError("skill.json", manifest_findings(value))
    assert f"    error: {error.message}\n    hint: {error.hint}\n" in PAGE
