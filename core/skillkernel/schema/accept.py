"""The short way to yes: plain schemas as functions that say in microseconds whether a value fits.

A function may say no to a value that fits, never yes to one that does not: what it refuses goes to jsonschema, which
decides and explains. A schema that uses anything outside `UNDERSTOOD`, or refers to itself, has no short way.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from skillkernel.schema import formats, patterns
from skillkernel.schema.kinds import is_list, is_object

Accept = Callable[[Any], bool]

UNDERSTOOD = frozenset(
    {
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "const",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "items",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "pattern",
        "properties",
        "required",
        "type",
    }
)
NOT_UNDERSTOOD = frozenset(
    {
        "$dynamicRef",
        "contains",
        "dependentRequired",
        "dependentSchemas",
        "if",
        "maxProperties",
        "minProperties",
        "multipleOf",
        "not",
        "oneOf",
        "patternProperties",
        "prefixItems",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
        "uniqueItems",
    }
)
MAX_NODES = 2_000
"""Schemas in the tree of functions, each reference counted as often as it is followed."""

_TYPES: dict[str, Accept] = {
    "string": lambda value: type(value) is str,
    "integer": lambda value: type(value) is int,
    "number": lambda value: type(value) is int or type(value) is float,
    "boolean": lambda value: value is True or value is False,
    "null": lambda value: value is None,
    "array": lambda value: type(value) is list,
    "object": lambda value: type(value) is dict,
}


class _NoShortWay(Exception):
    """The schema is not plain."""


def short_way(schema: Mapping[str, Any]) -> Accept | None:
    """The function for `schema` (inspected, so its references are local and real), or None when it has none."""
    try:
        return _Builder(schema).build(schema, ())
    except _NoShortWay:
        return None


class _Builder:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._nodes = 0

    def build(self, schema: Any, following: tuple[str, ...]) -> Accept:
        """One function for `schema`; `following` are the references on the way here."""
        self._nodes += 1
        if self._nodes > MAX_NODES or schema is False:
            raise _NoShortWay
        if schema is True:
            return lambda value: True
        if not NOT_UNDERSTOOD.isdisjoint(schema):
            raise _NoShortWay
        checks = [*self._scalar_checks(schema), *self._nested_checks(schema, following)]
        if len(checks) == 1:
            return checks[0]
        if len(checks) == 2:
            first, second = checks
            return lambda value: first(value) and second(value)
        return lambda value: all(check(value) for check in checks)

    def _scalar_checks(self, schema: Mapping[str, Any]) -> list[Accept]:
        checks: list[Accept] = []
        if "type" in schema:
            checks.append(_type(schema["type"]))
        if "enum" in schema:
            checks.append(_one_of(schema["enum"]))
        if "const" in schema:
            checks.append(_one_of([schema["const"]]))
        if any(key in schema for key in ("minLength", "maxLength", "pattern", "format")):
            checks.append(_text(schema))
        if any(key in schema for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")):
            checks.append(_number(schema))
        return checks

    def _nested_checks(self, schema: Mapping[str, Any], following: tuple[str, ...]) -> list[Accept]:
        checks: list[Accept] = []
        if "$ref" in schema:
            checks.append(self._follow(schema["$ref"], following))
        for part in schema.get("allOf", ()):
            checks.append(self.build(part, following))
        if "anyOf" in schema:
            branches = [self.build(part, following) for part in schema["anyOf"]]
            checks.append(lambda value: any(branch(value) for branch in branches))
        if any(key in schema for key in ("items", "minItems", "maxItems")):
            checks.append(self._list(schema, following))
        if any(key in schema for key in ("properties", "required", "additionalProperties")):
            checks.append(self._object(schema, following))
        return checks

    def _follow(self, ref: str, following: tuple[str, ...]) -> Accept:
        if ref in following:
            raise _NoShortWay
        target: Any = self._root
        for step in unquote(ref[1:]).split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            target = target[int(step)] if is_list(target) else target[step]
        return self.build(target, (*following, ref))

    def _list(self, schema: Mapping[str, Any], following: tuple[str, ...]) -> Accept:
        item = self.build(schema.get("items", True), following)
        least, most = schema.get("minItems", 0), schema.get("maxItems", float("inf"))
        return lambda value: not is_list(value) or (least <= len(value) <= most and all(item(part) for part in value))

    def _object(self, schema: Mapping[str, Any], following: tuple[str, ...]) -> Accept:
        known = {name: self.build(part, following) for name, part in schema.get("properties", {}).items()}
        rest = schema.get("additionalProperties", True)
        other = None if rest is False else self.build(rest, following)
        required = tuple(schema.get("required", ()))

        def accepts(value: Any) -> bool:
            if not is_object(value):
                return True
            for name in required:
                if name not in value:
                    return False
            for name, part in value.items():
                check = known.get(name, other)
                if check is None or not check(part):
                    return False
            return True

        return accepts


def _type(names: str | list[str]) -> Accept:
    if isinstance(names, str):
        return _TYPES[names]
    checks = [_TYPES[name] for name in names]
    return lambda value: any(check(value) for check in checks)


def _one_of(values: list[Any]) -> Accept:
    texts = frozenset(value for value in values if isinstance(value, str))
    has_null = None in values
    return lambda value: value in texts if type(value) is str else (value is None and has_null)


def _text(schema: Mapping[str, Any]) -> Accept:
    least, most = schema.get("minLength", 0), schema.get("maxLength", float("inf"))
    pattern, name = schema.get("pattern"), schema.get("format")

    def accepts(value: Any) -> bool:
        if type(value) is not str:
            return not isinstance(value, str)
        return (
            least <= len(value) <= most
            and (pattern is None or patterns.occurs(pattern, value))
            and (name is None or formats.conforms(name, value))
        )

    return accepts


def _number(schema: Mapping[str, Any]) -> Accept:
    infinity = float("inf")
    least, most = schema.get("minimum", -infinity), schema.get("maximum", infinity)
    above, below = schema.get("exclusiveMinimum", -infinity), schema.get("exclusiveMaximum", infinity)
    return lambda value: (
        (least <= value <= most and above < value < below)
        if type(value) is int or type(value) is float
        else not isinstance(value, int | float)
    )
