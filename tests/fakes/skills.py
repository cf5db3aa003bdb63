"""Installed skills as values, for tests that need a catalogue and no disk."""

from typing import Any

from skillkernel.catalogue.types import Catalogue, Installed
from skillkernel.manifest.types import Effect, Manifest, Memory, Permissions, Tool, schema_json
from skillkernel.names import sha256, skill_name, tool_name

DIGEST = sha256("0" * 64)


def schema(**properties: dict[str, Any]) -> dict[str, Any]:
    """An object schema in which every property is required."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def tool(
    name: str,
    effect: Effect = Effect.READ,
    *,
    input_schema: dict[str, Any] | None = None,
    output_schema: dict[str, Any] | None = None,
    permissions: tuple[str, ...] = (),
    timeout: float = 5.0,
) -> Tool:
    """A tool with a one-line description."""
    return Tool(
        name=tool_name(name),
        description=f"Does {name}.",
        input_json=schema_json(input_schema or schema()),
        output_json=schema_json(output_schema),
        effect=effect,
        permissions=permissions,
        timeout=timeout,
    )


def installed(
    name: str,
    *tools: Tool,
    asks: Permissions | None = None,
    granted: Permissions | None = None,
    result_tokens: int = 2000,
) -> Installed:
    """An installed skill, its grants equal to what it asks for unless said."""
    manifest = Manifest(
        manifest_version=1,
        name=skill_name(name),
        version="1.0",
        summary=f"The {name} skill.",
        tools=tools,
        permissions=asks or Permissions(),
        memory=Memory(result_tokens=result_tokens),
    )
    return Installed(
        name=manifest.name,
        version="1.0",
        manifest=manifest,
        manifest_hash=DIGEST,
        module=f"skill_{name}",
        store=DIGEST,
        tree=DIGEST,
        index="test",
        publisher="test",
        owner=name,
        granted=manifest.permissions if granted is None else granted,
    )


NOTES = installed(
    "notes",
    tool("find", input_schema=schema(text={"type": "string"})),
    tool("count", input_schema=schema(limit={"type": "integer", "minimum": 1})),
    tool("add", Effect.WRITE, input_schema=schema(text={"type": "string"})),
    tool("post", Effect.SEND, input_schema=schema(text={"type": "string"})),
    tool("erase", Effect.DESTROY, input_schema=schema(text={"type": "string"})),
)
CATALOGUE = Catalogue(generation=1, skills=(NOTES,))
