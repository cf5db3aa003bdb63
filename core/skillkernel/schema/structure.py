"""What a schema may look like: the checks that need no validator.

A tool's schema is hostile input. These rules hold after `inspect`:
- at most `MAX_BYTES` of JSON, at most `MAX_DEPTH` deep, nothing in it that JSON cannot say;
- every `$ref` is `#` or `#/…` and lands on a schema of this document that was itself inspected: nothing is fetched,
  and no text under `default` or `enum` is ever run as a schema;
- no keyword that renames or re-roots (`$id`, `$anchor`, `$dynamicRef` …, a nested `$schema`): jsonschema would leave
  our validator for its own at the first one;
- references that apply to one and the same value never form a cycle, and chain at most `MAX_CHAIN` long;
- every pattern compiles on the linear-time engine.
"""

import math
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from skillkernel.canonical import canonical_json
from skillkernel.errors import SchemaError
from skillkernel.schema import patterns
from skillkernel.schema.finding import pointer
from skillkernel.schema.kinds import is_list, is_object
from skillkernel.text import visible

MAX_DEPTH = 32
"""Nested objects and lists of a schema."""
MAX_BYTES = 64_000
"""Bytes of a schema as canonical JSON."""
MAX_CHAIN = 64
"""Schemas applied to one value, one inside the other."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_SAME_VALUE = {"not", "if", "then", "else"}
_SAME_VALUE_LISTS = {"allOf", "anyOf", "oneOf"}
_SAME_VALUE_MAPS = {"dependentSchemas"}
_PARTS = {
    "additionalProperties",
    "contains",
    "contentSchema",
    "items",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
}
_PART_LISTS = {"prefixItems"}
_PART_MAPS = {"properties", "patternProperties", "$defs", "definitions"}
_REFUSED = {"$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef", "$vocabulary"}

Schema = Mapping[str, Any]


def check_size(schema: object, where: str) -> None:
    """Raise `SchemaError` unless `schema` is JSON within `MAX_DEPTH` and `MAX_BYTES`."""
    if not is_object(schema):
        raise SchemaError(f"{where}: a schema has to be an object", hint='the smallest is {"type": "object"}')
    waiting: list[tuple[object, int]] = [(schema, 1)]
    seen = 0
    while waiting:
        value, depth = waiting.pop()
        seen += 1
        if depth > MAX_DEPTH and (is_object(value) or is_list(value)):
            raise SchemaError(
                f"{where}: the schema is more than {MAX_DEPTH} levels deep",
                hint="move inner parts to $defs and point at them with $ref",
            )
        if seen > MAX_BYTES:
            _too_large(where)
        waiting += [(part, depth + 1) for part in _parts_of(value, where)]
    try:
        size = len(canonical_json(schema))
    except ValueError:
        raise SchemaError(f"{where}: the schema holds text that is not Unicode") from None
    if size > MAX_BYTES:
        _too_large(where)


def _too_large(where: str) -> None:
    raise SchemaError(
        f"{where}: the schema is larger than {MAX_BYTES:,} bytes",
        hint="shorten descriptions and enumerations; a model has to read all of it",
    )


def _parts_of(value: object, where: str) -> Iterator[object]:
    if is_object(value):
        for key, part in value.items():
            if not isinstance(key, str):  # pyright: ignore[reportUnnecessaryIsInstance] # not decoded from JSON by us
                raise SchemaError(f"{where}: the key {key!r} is not a string", hint="JSON objects have string keys")
            yield part
    elif is_list(value):
        yield from value
    elif isinstance(value, float) and not math.isfinite(value):
        raise SchemaError(f"{where}: {value} is not a JSON number")
    elif not isinstance(value, str | int | float | None):
        raise SchemaError(f"{where}: a {type(value).__name__} is not a JSON value")


def without_root_names(schema: Schema) -> dict[str, Any]:
    """The schema without the `$schema` and `$id` of its root, which would lead jsonschema away from our validator."""
    return {key: value for key, value in schema.items() if key not in {"$schema", "$id"}}


def inspect(schema: Schema, where: str) -> None:
    """Raise `SchemaError`, naming the JSON pointer, unless `schema` (a valid 2020-12 schema) keeps the rules above."""
    if schema.get("$schema", DIALECT).rstrip("#") != DIALECT:
        raise SchemaError(
            f"{where}/$schema: {visible(str(schema['$schema']), limit=80)} is not JSON Schema 2020-12",
            hint=f"write {DIALECT}, or leave $schema out",
        )
    found = dict(_schemas("", without_root_names(schema)))
    edges = {place: _same_value(place, node, found, where) for place, node in found.items()}
    _check_chains(edges, where)
    if {"unevaluatedProperties", "patternProperties"} <= {key for node in found.values() for key in node}:
        raise SchemaError(
            f"{where}: unevaluatedProperties and patternProperties are used together",
            hint="use additionalProperties with patternProperties",
        )


def _schemas(place: str, schema: object) -> Iterator[tuple[str, Schema]]:
    waiting = deque([(place, schema)])
    while waiting:
        place, node = waiting.popleft()
        if not is_object(node):
            continue
        yield place, node
        for keyword, value in node.items():
            waiting += _subschemas(place, keyword, value)


def _subschemas(place: str, keyword: str, value: Any) -> list[tuple[str, object]]:
    here = pointer(place, keyword)
    if keyword in _SAME_VALUE or keyword in _PARTS:
        return [(here, value)]
    if keyword in _SAME_VALUE_LISTS or keyword in _PART_LISTS:
        return [(pointer(here, index), part) for index, part in enumerate(value)]
    if keyword in _SAME_VALUE_MAPS or keyword in _PART_MAPS:
        return [(pointer(here, key), part) for key, part in value.items()]
    return []


def _same_value(place: str, node: Schema, found: Mapping[str, Schema], where: str) -> list[str]:
    for keyword in ("$id", "$schema", *_REFUSED):
        if keyword in node:
            raise SchemaError(
                f"{where}{place}/{keyword}: {keyword} is not allowed inside a tool's schema",
                hint="name shared parts in $defs and point at them with #/$defs/NAME",
            )
    for pattern in _patterns(node):
        try:
            patterns.compiled(pattern)
        except ValueError as error:
            raise SchemaError(
                f"{where}{place}: the pattern {visible(pattern, limit=60)!r} {_in_words(error)}",
                hint="patterns run on RE2, in linear time: no look-around, no back-references",
            ) from None
    applied = [
        target
        for keyword, value in node.items()
        if keyword in _SAME_VALUE or keyword in _SAME_VALUE_LISTS or keyword in _SAME_VALUE_MAPS
        for target, _ in _subschemas(place, keyword, value)
        if target in found
    ]
    return applied + ([_target(place, node["$ref"], found, where)] if "$ref" in node else [])


def _patterns(node: Schema) -> list[str]:
    return ([node["pattern"]] if "pattern" in node else []) + list(node.get("patternProperties", ()))


def _in_words(error: ValueError) -> str:
    text = visible(str(error), limit=80)
    return text if text.startswith("is ") else f"cannot be used: {text}"


def _target(place: str, ref: str, found: Mapping[str, Schema], where: str) -> str:
    shown = visible(ref, limit=80)
    if ref != "#" and not ref.startswith("#/"):
        raise SchemaError(
            f"{where}{place}/$ref: {shown} points outside the schema",
            hint="only references within the schema, such as #/$defs/NAME, are followed; nothing is fetched",
        )
    target = unquote(ref[1:])
    if target not in found:
        raise SchemaError(f"{where}{place}/$ref: there is no schema at {shown}", hint="define it under $defs")
    return target


def _check_chains(edges: Mapping[str, list[str]], where: str) -> None:
    """Walk the references from their ends: what is never reached is a cycle, the longest way is the chain."""
    incoming: dict[str, list[str]] = {place: [] for place in edges}
    open_edges = {place: len(targets) for place, targets in edges.items()}
    for place, targets in edges.items():
        for target in targets:
            incoming[target].append(place)
    length = dict.fromkeys(edges, 1)
    done = deque(place for place, count in open_edges.items() if count == 0)
    while done:
        target = done.popleft()
        for place in incoming[target]:
            length[place] = max(length[place], length[target] + 1)
            open_edges[place] -= 1
            if open_edges[place] == 0:
                done.append(place)
    for place, count in open_edges.items():
        if count:
            raise SchemaError(
                f"{where}{place}: the schema refers to itself without end",
                hint="let the reference go through properties or items, so that each step looks at a smaller value",
            )
        if length[place] > MAX_CHAIN:
            raise SchemaError(
                f"{where}{place}: more than {MAX_CHAIN} schemas apply to one value, one inside the other",
                hint="put the schemas together",
            )
