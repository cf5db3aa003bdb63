"""The typed values of a skill's manifest; an instance went through `skillkernel.manifest.parse`."""

import json
from enum import StrEnum
from functools import cached_property
from typing import Any

import msgspec

from skillkernel.names import SkillName, ToolName

MANIFEST_VERSION = 1


class Effect(StrEnum):
    """What a tool does to the world, from harmless to irreversible."""

    READ = "read"
    WRITE = "write"
    SEND = "send"
    DESTROY = "destroy"


class Permissions(
    msgspec.Struct, frozen=True, kw_only=True, rename={"files_read": "files.read", "files_write": "files.write"}
):
    """What a skill asks for, or what a person granted; every list is empty unless said."""

    network: tuple[str, ...] = ()
    files_read: tuple[str, ...] = ()
    files_write: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    kernel: tuple[str, ...] = ()

    def rows(self) -> tuple[str, ...]:
        """One `kind:value` row per permission, in a stable order: `network:example.org:443`, `files.read:~/Music`."""
        kinds = {
            name: getattr(self, field)
            for field, name in zip(self.__struct_fields__, self.__struct_encode_fields__, strict=True)
        }
        return tuple(f"{kind}:{value}" for kind, values in kinds.items() for value in values)


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """What a skill may use: `context_tokens` and `result_tokens` in tokens, `storage_mb` and `rss_mb` in 10^6 bytes."""

    context_tokens: int = 2000
    result_tokens: int = 2000
    storage_mb: int = 100
    rss_mb: int = 512


def schema_json(schema: dict[str, Any] | None) -> msgspec.Raw:
    """A JSON Schema as a `Tool` keeps it; None: there is none."""
    return msgspec.Raw(json.dumps(schema, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode())


class Tool(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One tool: `timeout` is in seconds, `permissions` the rows it uses, `examples` requests that it would answer.

    The schemas stay JSON text until somebody asks for one: decoding all of them would be most of the time that it
    takes to read the catalogue of 1,000 skills.
    """

    name: ToolName
    description: str
    effect: Effect
    input_json: msgspec.Raw = msgspec.field(name="input_schema")
    output_json: msgspec.Raw = msgspec.field(name="output_schema", default=schema_json(None))
    idempotent: bool = False
    timeout: float = 30.0
    permissions: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        """The JSON Schema of the arguments."""
        schema: dict[str, Any] = json.loads(bytes(self.input_json))
        return schema

    @cached_property
    def output_schema(self) -> dict[str, Any] | None:
        """The JSON Schema of the result, or None."""
        schema: dict[str, Any] | None = json.loads(bytes(self.output_json))
        return schema


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed skill.json."""

    manifest_version: int
    name: SkillName
    version: str
    summary: str
    tools: tuple[Tool, ...]
    requires_kernel: str = ""
    requires_skills: tuple[str, ...] = ()
    settings: dict[str, Any] = {}
    permissions: Permissions = Permissions()
    memory: Memory = Memory()
    instructions: str = ""

    def tool(self, name: str) -> Tool | None:
        """The tool of that name, or None."""
        return next((tool for tool in self.tools if tool.name == name), None)

    def as_json(self) -> dict[str, Any]:
        """The manifest as a skill.json could hold it, every default written out."""
        fields: dict[str, Any] = json.loads(msgspec.json.encode(self))
        return fields
