"""A manifest as the bytes of its skill.json: one form, so that a diff shows what changed and nothing else."""

import json
from typing import Any

from skillkernel.manifest.types import Effect, Manifest, Tool, schema_json
from skillkernel.names import SkillName, ToolName

_BLANK = Manifest(
    manifest_version=0,
    name=SkillName(""),
    version="",
    summary="",
    tools=(Tool(name=ToolName(""), description="", effect=Effect.READ, input_json=schema_json({})),),
)
_DEFAULTS = _BLANK.as_json()
_TOOL_DEFAULTS: dict[str, Any] = _DEFAULTS["tools"][0]
_TOOL_ORDER = (
    "name",
    "description",
    "effect",
    "idempotent",
    "timeout",
    "permissions",
    "examples",
    "input_schema",
    "output_schema",
)
_ORDER = (
    "manifest_version",
    "name",
    "version",
    "summary",
    "requires_kernel",
    "requires_skills",
    "permissions",
    "memory",
    "settings",
    "instructions",
    "tools",
)


_REQUIRED = frozenset(
    {"manifest_version", "name", "version", "summary", "tools", "description", "effect", "input_schema"}
)


def render_manifest(manifest: Manifest) -> bytes:
    """Two spaces, keys in a fixed order, a newline at the end; what is at its default is left out."""
    fields = manifest.as_json()
    fields["tools"] = [_changed(tool, _TOOL_DEFAULTS, _TOOL_ORDER) for tool in fields["tools"]]
    for name in ("permissions", "memory"):
        fields[name] = _changed(fields[name], _DEFAULTS[name], tuple(fields[name]))
    fields = _changed(fields, {**_DEFAULTS, "permissions": {}, "memory": {}}, _ORDER)
    return (json.dumps(fields, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _changed(fields: dict[str, Any], defaults: dict[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
    """The fields that are required or not at their default, in this order."""
    return {name: fields[name] for name in order if name in _REQUIRED or fields[name] != defaults[name]}
