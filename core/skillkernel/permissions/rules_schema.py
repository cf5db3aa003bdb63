"""What a tool's input schema says of the arguments that a rule names: whether they are there, what they can be."""

from collections.abc import Iterator, Mapping
from typing import Any

from skillkernel.permissions.rules_glob import Glob, matches
from skillkernel.permissions.rules_value import RuleKind, number, value_fits
from skillkernel.schema.describe import resolved
from skillkernel.schema.kinds import is_list, is_object

_MAX_DEPTH = 32
_BRANCHES = ("anyOf", "oneOf", "allOf")


def defaults(schema: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Each default that stands for a missing argument, with the rest of the path that leads on inside of it."""
    for depth in range(1, len(path) + 1):
        for part in parts_at(schema, path[:depth]):
            if is_object(part) and "default" in part:
                yield part["default"], path[depth:]


def parts_at(schema: Mapping[str, Any], path: tuple[str, ...]) -> list[Any]:
    """Every schema for what `path` leads to, alternatives and the elements of lists apart; none where it leads nowhere."""
    parts: list[Any] = _parts(schema, schema, 0)
    for name in path:
        below = [part["properties"][name] for part in parts if name in _properties(part)]
        parts = [piece for each in below for piece in _parts(each, schema, 0)]
    return parts


def names_at(schema: Mapping[str, Any], path: tuple[str, ...]) -> tuple[str, ...]:
    """The names that the object at `path` is known to have."""
    return tuple(dict.fromkeys(name for part in parts_at(schema, path) for name in _properties(part)))


def is_open(schema: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Whether the object at `path` may have other names too; the arguments themselves only where they say so."""
    return any(_is_open(part, root=not path) for part in parts_at(schema, path))


def required(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The arguments that are always there."""
    names: Any = schema.get("required", ())
    return tuple(names)


def can_fit(glob: Glob, schemas: list[Any], kind: RuleKind) -> bool:
    """Whether some value that one of the schemas allows could fit a pattern; yes where that is not plain to see."""
    return any(_can_fit(glob, schema, kind) for schema in schemas)


def _parts(schema: Any, root: Mapping[str, Any], depth: int) -> list[Any]:
    schema = resolved(schema, root)
    if not is_object(schema) or depth > _MAX_DEPTH:
        return [schema]
    found: list[Any] = [schema]
    for key in _BRANCHES:
        for branch in schema.get(key, ()):
            found += _parts(branch, root, depth + 1)
    if "items" in schema:
        found += _parts(schema["items"], root, depth + 1)
    return found


def _properties(part: Any) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = part.get("properties", {}) if is_object(part) else {}
    return properties


def _is_open(part: Any, *, root: bool) -> bool:
    if not is_object(part):
        return part is not False
    if "patternProperties" in part or part.get("additionalProperties", root or None) not in (False, True, None):
        return True
    if root:
        return part.get("additionalProperties", False) is True
    return _may_be(part, "object") and part.get("additionalProperties", True) is True


def _may_be(part: Mapping[str, Any], kind: str) -> bool:
    kinds: Any = part.get("type")
    return kinds is None or kind == kinds or (is_list(kinds) and kind in kinds)


def _can_fit(glob: Glob, schema: Any, kind: RuleKind) -> bool:
    if not is_object(schema):
        return schema is not False
    if any(key in schema for key in _BRANCHES) and "type" not in schema and "enum" not in schema:
        return False  # its branches are schemas of the list too
    values: Any = [schema["const"]] if "const" in schema else schema.get("enum")
    if is_list(values):
        return any(not is_list(value) and value_fits(glob, value, kind) for value in values)
    kinds: Any = schema.get("type")
    if kinds is None:
        return True
    return any(_can_fit_kind(glob, each, kind) for each in ([kinds] if isinstance(kinds, str) else kinds))


def _can_fit_kind(glob: Glob, name: str, kind: RuleKind) -> bool:
    narrow = kind is RuleKind.ALLOW
    match name:
        case "boolean":
            return matches(glob, "true", narrow=narrow) or matches(glob, "false", narrow=narrow)
        case "null":
            return matches(glob, "null", narrow=narrow)
        case "integer" | "number":
            return glob.literal is None or number(glob.literal) is not None
        case "array":
            return glob.is_anything  # its elements are schemas of the list too
        case "object":
            return glob.is_anything or not narrow
        case _:
            return True
