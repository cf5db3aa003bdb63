"""A JSON Schema as it is compared: what it says of values, without the words beside it. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from skillkernel.sdk.shapes import is_list, is_object

Schema = Mapping[str, Any] | bool
ALL_TYPES = frozenset({"null", "boolean", "object", "array", "number", "integer", "string"})
_ANNOTATIONS = frozenset(
    [
        "title",
        "description",
        "examples",
        "default",
        "deprecated",
        "readOnly",
        "writeOnly",
        "$comment",
        "$id",
        "$schema",
        "$defs",
        "definitions",
        "$anchor",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
    ]
)


@dataclass(frozen=True, slots=True)
class Side:
    """A schema, and the whole that its references are looked up in."""

    schema: Schema
    root: Schema

    def at(self, schema: Schema) -> "Side":
        return Side(schema, self.root)

    def get(self, keyword: str, default: Any = None) -> Any:
        return self.schema.get(keyword, default) if not isinstance(self.schema, bool) else default

    def constraints(self) -> dict[str, Any]:
        if isinstance(self.schema, bool):
            return {} if self.schema else {"not": {}}
        return {key: value for key, value in self.schema.items() if key not in _ANNOTATIONS}

    def types(self) -> frozenset[str]:
        """The JSON types of the values that it may take."""
        values = self.finite()
        if values is not None:
            return frozenset(_type_of(value) for value in values)
        said: Any = self.get("type")
        names = frozenset({said} if isinstance(said, str) else said if is_list(said) else ALL_TYPES)
        return names | {"integer"} if "number" in names else names

    def finite(self) -> list[Any] | None:
        """Every value that it may take, when these are few and named."""
        if self.schema is False:
            return []
        if "const" in self.constraints():
            return [self.get("const")]
        named = self.get("enum")
        if is_list(named):
            return named
        simple: dict[Any, list[Any]] = {"null": [None], "boolean": [False, True]}
        said = self.get("type")
        return simple.get(said) if isinstance(said, str) else None


def plain(schema: Any) -> str:
    """A schema's constraints as canonical text."""
    return json.dumps(_without_annotations(schema), sort_keys=True)


def _without_annotations(schema: Any) -> Any:
    if not is_object(schema):
        return [_without_annotations(entry) for entry in schema] if is_list(schema) else schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas") and is_object(value):
            kept[key] = {name: _without_annotations(inner) for name, inner in value.items()}
        elif key in ("enum", "const", "required"):
            kept[key] = value
        elif key not in _ANNOTATIONS:
            kept[key] = _without_annotations(value)
    return kept


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    names: dict[Any, str] = {float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "object")
