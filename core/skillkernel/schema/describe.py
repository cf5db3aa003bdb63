"""A schema in a few words: what a person or a model may write there."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from skillkernel.schema.formats import EXAMPLES
from skillkernel.schema.kinds import is_list, is_object
from skillkernel.text import visible

MAX_SHOWN = 12
"""Enumerated values and property names that are listed before the rest is only counted."""
_MAX_DEPTH = 3
_MAX_WORDS = 400

_NOUNS = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
}


def shown(value: Any, limit: int = 60) -> str:
    """A value as short, visible JSON."""
    if isinstance(value, str) and len(value) > limit:
        value = value[:limit] + "…"
    elif is_object(value) and len(value) > MAX_SHOWN:
        return f"an object with {len(value)} properties"
    elif is_list(value) and len(value) > MAX_SHOWN:
        return f"a list of {len(value)} values"
    return visible(json.dumps(value, ensure_ascii=False), limit=limit + 4)


def listed(names: Any) -> str:
    """Values or names, separated by commas, the rest counted."""
    all_names = list(names)
    more = f" and {len(all_names) - MAX_SHOWN} more" if len(all_names) > MAX_SHOWN else ""
    return ", ".join(shown(name, 40) for name in all_names[:MAX_SHOWN]) + more


def resolved(schema: Any, root: Mapping[str, Any]) -> Any:
    """The schema that a lone `$ref` leads to (inspected: local, and never in a circle), else the schema itself."""
    while is_object(schema) and "$ref" in schema and "type" not in schema:
        target: Any = root
        for step in unquote(schema["$ref"][1:]).split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            target = target[int(step)] if is_list(target) else target[step]
        schema = target
    return schema


def describe(schema: Any, root: Mapping[str, Any], depth: int = 0) -> str:
    """What `schema` allows, in at most `_MAX_WORDS` characters."""
    words = _described(schema, root, depth)
    return words if len(words) <= _MAX_WORDS else words[: _MAX_WORDS - 1] + "…"


def _described(schema: Any, root: Mapping[str, Any], depth: int) -> str:
    schema = resolved(schema, root)
    if not is_object(schema) or depth > _MAX_DEPTH:
        return "nothing" if schema is False else "any value"
    if "const" in schema:
        return shown(schema["const"])
    if "enum" in schema:
        return listed(schema["enum"]) if len(schema["enum"]) == 1 else f"one of {listed(schema['enum'])}"
    for union in ("anyOf", "oneOf"):
        if union in schema:
            branches = dict.fromkeys(describe(branch, root, depth + 1) for branch in schema[union][:MAX_SHOWN])
            return " or ".join(branches)
    kinds = schema.get("type", ())
    return " or ".join(_kind(kind, schema, root, depth) for kind in ([kinds] if isinstance(kinds, str) else kinds)) or (
        "any value"
    )


def _kind(kind: str, schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> str:
    noun = _NOUNS[kind]
    if kind == "string":
        return EXAMPLES.get(schema.get("format", ""), noun + _span(schema, "minLength", "maxLength", "characters"))
    if kind in {"integer", "number"}:
        return noun + _bounds(schema)
    if kind == "array" and is_object(schema.get("items")):
        return (
            f"{noun}{_span(schema, 'minItems', 'maxItems', 'items')}, each {describe(schema['items'], root, depth + 1)}"
        )
    if kind == "object" and schema.get("properties"):
        return f"{noun} with {listed(schema['properties'])}"
    return noun


def _span(schema: Mapping[str, Any], least: str, most: str, unit: str) -> str:
    low, high = schema.get(least, 0), schema.get(most)
    if high is None:
        return f" of at least {low} {unit}" if low else ""
    return f" of {low} to {high} {unit}" if low else f" of at most {high} {unit}"


def _bounds(schema: Mapping[str, Any]) -> str:
    words = [
        f"{word} {schema[keyword]}"
        for keyword, word in (
            ("minimum", "at least"),
            ("exclusiveMinimum", "above"),
            ("maximum", "at most"),
            ("exclusiveMaximum", "below"),
        )
        if keyword in schema
    ]
    multiple = [f"a multiple of {schema['multipleOf']}"] if "multipleOf" in schema else []
    return "".join(f" {'and ' if index else ''}{word}" for index, word in enumerate([*words, *multiple]))
