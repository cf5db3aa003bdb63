"""A tool's arguments in plain words, from its JSON Schema; pure, and bounded whatever the schema holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from skillkernel.sdk.shapes import is_list, is_object

_KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "yes or no",
    "array": "list",
    "object": "group of values",
    "null": "nothing",
}
_FORMATS = {
    "date": "date",
    "date-time": "date and time",
    "time": "time",
    "duration": "length of time",
    "email": "e-mail address",
    "uri": "web address",
    "uuid": "identifier",
}
_DEPTH = 3
_CHOICES = 12


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument as a page shows it; `kind` is in words."""

    name: str
    kind: str
    required: bool
    description: str


def arguments_of(schema: dict[str, Any]) -> list[Argument]:
    """The arguments in the order of the schema, required ones and optional ones as they come."""
    properties = _table(schema.get("properties"))
    required = _list(schema.get("required"))
    return [
        Argument(name, kind_in_words(_table(one)), name in required, str(_table(one).get("description", "")))
        for name, one in properties.items()
    ]


def kind_in_words(schema: dict[str, Any], depth: int = 0) -> str:
    """What a value has to be: `text`, `list of whole number`, `date or date and time`, `one of "a", "b"`."""
    if depth >= _DEPTH:
        return "value"
    if isinstance(schema.get("enum"), list):
        return _choice(schema["enum"])
    if "const" in schema:
        return _quoted(schema["const"])
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list):
            return _either(kind_in_words(_table(one), depth + 1) for one in schema[key][:_CHOICES])
    return _either(_kind(str(kind), schema, depth) for kind in _list(schema.get("type"))[:_CHOICES])


def _kind(kind: str, schema: dict[str, Any], depth: int) -> str:
    if kind == "string" and (known := _FORMATS.get(str(schema.get("format")))):
        return known
    if kind == "array" and isinstance(schema.get("items"), dict):
        return f"list of {kind_in_words(_table(schema['items']), depth + 1)}"
    word = _KINDS.get(kind, "value")
    if kind in {"integer", "number"}:
        return word + _range(schema)
    return word


def _range(schema: dict[str, Any]) -> str:
    least, most = (schema.get(key) for key in ("minimum", "maximum"))
    if isinstance(least, int | float) and isinstance(most, int | float):
        return f" from {least} to {most}"
    if isinstance(least, int | float):
        return f" of at least {least}"
    return f" of at most {most}" if isinstance(most, int | float) else ""


def _either(words: Iterable[str]) -> str:
    """Alternatives without repetition; that something may also be nothing goes without saying."""
    found = list(dict.fromkeys(words))
    named = [word for word in found if word != "nothing"] or found
    return " or ".join(named)


def _choice(values: list[Any]) -> str:
    named = [_quoted(value) for value in values[:_CHOICES] if value is not None]
    more = f" and {len(values) - _CHOICES} more" if len(values) > _CHOICES else ""
    return f"one of {', '.join(named)}{more}" if len(named) != 1 or more else named[0]


def _quoted(value: Any) -> str:
    return f"“{value}”" if isinstance(value, str) else str(value)


def _table(value: Any) -> dict[str, Any]:
    return value if is_object(value) else {}


def _list(value: Any) -> list[Any]:
    return value if is_list(value) else [value]
