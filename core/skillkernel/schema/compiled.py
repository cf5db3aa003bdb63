"""A schema that went through every check, ready to be asked."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

from skillkernel.schema.accept import short_way
from skillkernel.schema.finding import Finding, pointer
from skillkernel.schema.kinds import is_list, is_object
from skillkernel.schema.patterns import occurs, start_counting
from skillkernel.schema.structure import check_size, inspect, without_root_names

_ALTERNATIVES = ("allOf", "anyOf", "oneOf")
_OPEN = ("additionalProperties", "unevaluatedProperties")
UNFINISHED = Finding("", "it takes too long to check", "a smaller or flatter value")
"""Stands alone in the findings of a value whose check was given up, nothing wrong found till then."""


class CompiledSchema:
    """Answers what is wrong with a value; made by `compile_schema` alone.

    Its answers take time bounded by the sizes of schema and value. Instances may be shared between threads.
    """

    def __init__(self, schema: Mapping[str, Any], *, closed: bool) -> None:
        self._schema = _closed(schema) if closed else dict(schema)
        self._names, self._patterns, self._open = _known_at_root(self._schema)
        self._open = self._open or not closed or self._schema.get("additionalProperties") is False
        self._accepts = short_way(self._schema)

    def is_valid(self, value: Any) -> bool:
        """Whether `findings` would be empty; a few microseconds for plain schemas."""
        return not self.findings(value)

    def findings(self, value: Any) -> tuple[Finding, ...]:
        """Everything that is wrong with `value`, a JSON value, in the order of paths; empty when it fits."""
        start_counting()
        if self._accepts is not None and self._accepts(value) and (self._open or not self._unknown(value)):
            return ()
        return self._explained(value)

    def _unknown(self, value: Any) -> list[str]:
        """The top-level keys that no part of the schema speaks of."""
        if self._open or not is_object(value):
            return []
        return [
            key for key in value if key not in self._names and not any(occurs(each, key) for each in self._patterns)
        ]

    def _explained(self, value: Any) -> tuple[Finding, ...]:
        from skillkernel.schema.explain import MAX_FINDINGS, explain, unknown_property
        from skillkernel.schema.keywords import TooMuchWork, count_steps

        errors: list[Any] = []
        unfinished = False
        start_counting()
        count_steps(_count(value))
        try:
            errors.extend(islice(self._validator.iter_errors(value), MAX_FINDINGS))
        except (TooMuchWork, RecursionError):
            unfinished = True
        unknown = [unknown_property(pointer("", key), key, self._names) for key in self._unknown(value)[:MAX_FINDINGS]]
        found = (*explain(errors, self._schema), *unknown)
        if unfinished and not found:
            return (UNFINISHED,)
        return tuple(sorted(dict.fromkeys(found)))[:MAX_FINDINGS]

    @cached_property
    def _validator(self) -> Any:
        from skillkernel.schema.keywords import validator_for

        return validator_for(self._schema)


def compile_schema(
    schema: Mapping[str, Any], *, where: str, closed: bool = True, checked: bool = False
) -> CompiledSchema:
    """Compile a JSON Schema (2020-12); `where` names it in errors, such as `calendar.create_event input_schema`.

    `closed` treats an object schema that does not speak of additional properties as allowing none at its top level.
    `checked` skips every check: for the schemas of the catalogue, which went through them at install. Raise
    `SchemaError`, naming the JSON pointer and the fix.
    """
    if not checked:
        from skillkernel.schema.keywords import check_metaschema

        check_size(schema, where)
        check_metaschema(schema, where)
        inspect(schema, where)
    return CompiledSchema(without_root_names(schema), closed=closed)


def _closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Close a schema of one piece; one put together from alternatives is closed by the names that they know."""
    pieces = (*_ALTERNATIVES, *_OPEN, "$ref", "if", "dependentSchemas")
    if any(key in schema for key in pieces) or schema.get("type", "object") != "object":
        return dict(schema)
    return {**schema, "additionalProperties": False}


def _known_at_root(schema: Mapping[str, Any]) -> tuple[frozenset[str], tuple[str, ...], bool]:
    """The property names and patterns of every part that applies to the whole value, and whether one is open."""
    names: set[str] = set()
    by_pattern: set[str] = set()
    is_open = False
    for part in _applied(schema):
        names.update(part.get("properties", ()))
        by_pattern.update(part.get("patternProperties", ()))
        is_open = is_open or any(part.get(key, False) is not False for key in _OPEN)
    return frozenset(names), tuple(by_pattern), is_open


def _applied(root: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    from skillkernel.schema.describe import resolved

    waiting: list[Any] = [root]
    seen: set[int] = set()
    while waiting:
        part = waiting.pop()
        if not is_object(part) or id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        if "$ref" in part:
            waiting.append(resolved({"$ref": part["$ref"]}, root))
        for key in _ALTERNATIVES:
            waiting += part.get(key, ())
        waiting += [part[key] for key in ("if", "then", "else") if key in part]
        waiting += part.get("dependentSchemas", {}).values()


def _count(value: Any) -> int:
    """How many JSON values `value` holds."""
    waiting: list[Any] = [value]
    total = 0
    while waiting:
        each = waiting.pop()
        total += 1
        if is_object(each):
            waiting += each.values()
        elif is_list(each):
            waiting += each
    return total
