"""What kind of value each property of a tool's schema wants, read from its JSON Schema, name and description."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Any, cast

from skillkernel.model.driver import ToolOffer


class Kind(Enum):
    """A way to find a value."""

    DATE = auto()
    DATE_TIME = auto()
    DATE_OR_TIME = auto()
    TIME = auto()
    LENGTH = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    CHOICE = auto()
    EMAIL = auto()
    URL = auto()
    PHONE = auto()
    EXPRESSION = auto()
    UNIT = auto()
    TEXT = auto()
    TEXTS = auto()
    EMAILS = auto()
    FILE = auto()
    OTHER = auto()


MOMENTS = frozenset((Kind.DATE, Kind.DATE_TIME, Kind.DATE_OR_TIME, Kind.TIME))


@dataclass(frozen=True, slots=True)
class Property:
    """One argument: `schema` without null, `unit` the length of one of a LENGTH, `closing` whether it says an end."""

    name: str
    kind: Kind
    required: bool
    schema: Mapping[str, Any]
    description: str = ""
    unit: timedelta | None = None
    closing: bool = False
    choices: tuple[Any, ...] = ()

    @property
    def words(self) -> frozenset[str]:
        """The words of its name."""
        return frozenset(re.split(r"[\W_]+", self.name.lower())) - {""}


def properties_of(offer: ToolOffer) -> tuple[Property, ...]:
    """The properties of a tool's arguments, in the order of its schema."""
    schema = offer.input_schema
    required = set(cast("list[str]", schema.get("required", [])))
    listed = cast("Mapping[str, Any]", schema.get("properties", {}))
    return tuple(
        _property(name, _resolved(cast("Mapping[str, Any]", value), schema), name in required)
        for name, value in listed.items()
        if isinstance(value, Mapping)
    )


def _resolved(value: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """`value` with a local reference at its top replaced by what it points at."""
    for _ in range(8):
        pointer = value.get("$ref")
        if not isinstance(pointer, str) or not pointer.startswith("#/"):
            break
        target: Any = root
        for step in pointer[2:].split("/"):
            target = cast("Mapping[str, Any]", target).get(step, {}) if isinstance(target, Mapping) else {}
        value = {**target, **{key: item for key, item in value.items() if key != "$ref"}}
    return value


def _property(name: str, schema: Mapping[str, Any], required: bool) -> Property:
    description = str(schema.get("description", ""))
    branches = [branch for branch in _branches(schema) if branch.get("type") != "null"]
    kind = _kind(name, description, branches)
    plain = branches[0] if len(branches) == 1 else schema
    choices = tuple(choice for choice in _choices(plain) if choice is not None)
    closing = kind in MOMENTS and bool(_CLOSING_NAME.search(name) or _CLOSING_TEXT.search(description))
    unit = _unit(name, description) if kind is Kind.LENGTH else None
    return Property(name, kind, required, plain, description, unit, closing, choices)


_CLOSING_NAME = re.compile(
    r"(?:^|_)(?:end|ends|until|till|to|stop|finish|return|before|latest|check_?out)(?:_|$)", re.IGNORECASE
)
_CLOSING_TEXT = re.compile(
    r"^\W*(?:the )?(?:end\b|ending|until|up to|when it ends|when it is over)|\bup to here", re.IGNORECASE
)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_UNIT_NAME = re.compile(r"(?:^|_)(sec|second|min|minute|hour|hr|day|week)s?(?:_|$)", re.IGNORECASE)
_UNIT_TEXT = re.compile(
    r"\bin (?:whole |full )?(second|minute|hour|day|week)s?\b|\bof (minute|hour|second)s\b", re.IGNORECASE
)
_LENGTH_WORD = re.compile(r"durat|length|\blong\b|timeout|minutes|seconds|hours|delay|how long|interval", re.IGNORECASE)
_DAY_TEXT = re.compile(r"YYYY-MM-DD(?!T)|ISO(?: 8601)? date\b", re.IGNORECASE)
_INSTANT_TEXT = re.compile(
    r"YYYY-MM-DDT|ISO(?: 8601)? (?:date-?time|timestamp)|RFC ?3339|date and time \(ISO", re.IGNORECASE
)
_CLOCK_TEXT = re.compile(r"\bHH:MM", re.IGNORECASE)
_CLOCK_PATTERN = r"^\d{2}:\d{2}"
_MAIL_TEXT = re.compile(r"e-?mail", re.IGNORECASE)
_PHONE_TEXT = re.compile(r"\W*(?:the |a |their |his |her )?(?:tele)?phone number\b", re.IGNORECASE)
_EXPRESSION = re.compile(r"expression|formula|equation|arithmetic", re.IGNORECASE)


def _branches(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list):
            return [branch for branch in schema[key] if isinstance(branch, Mapping)]
    kind = schema.get("type")
    if isinstance(kind, list):
        return [{**schema, "type": one} for one in cast("list[str]", kind)]
    return [schema]


def _choices(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    if "const" in schema:
        return (schema["const"],)
    listed: list[Any] = schema.get("enum") or []
    return tuple(listed)


def _kind(name: str, description: str, branches: list[Mapping[str, Any]]) -> Kind:
    formats = {str(branch.get("format", "")) for branch in branches}
    if {"date", "date-time"} <= formats:
        return Kind.DATE_OR_TIME
    if len(branches) != 1:
        return Kind.OTHER
    schema = branches[0]
    if _choices(schema):
        return Kind.CHOICE
    match schema.get("type"):
        case "string":
            if str(schema.get("pattern", "")).startswith(_CLOCK_PATTERN):
                return Kind.TIME
            return _text_kind(name, description, str(schema.get("format", "")))
        case "integer" | "number":
            return Kind.LENGTH if _unit(name, description) else Kind.NUMBER
        case "boolean":
            return Kind.BOOLEAN
        case "array":
            return _list_kind(name, description, schema)
        case _:
            return Kind.OTHER


def _text_kind(name: str, description: str, form: str) -> Kind:
    known = {"date": Kind.DATE, "date-time": Kind.DATE_TIME, "time": Kind.TIME, "email": Kind.EMAIL, "uri": Kind.URL}
    if form in known:
        return known[form]
    for pattern, kind in ((_INSTANT_TEXT, Kind.DATE_TIME), (_DAY_TEXT, Kind.DATE), (_CLOCK_TEXT, Kind.TIME)):
        if pattern.search(description):
            return kind
    if _EXPRESSION.search(name) or (
        _EXPRESSION.search(description) and not re.search("regular", description, re.IGNORECASE)
    ):
        return Kind.EXPRESSION
    words = set(re.split(r"[\W_]+", name.lower()))
    if words & {"unit", "units"} or re.match(r"\W*(?:the )?(?:target |source )?unit\b", description, re.IGNORECASE):
        return Kind.UNIT
    if words & {"url", "link", "website"}:
        return Kind.URL
    if words & {"file", "filename", "path", "document", "attachment"}:
        return Kind.FILE
    if words & {"phone", "telephone", "tel", "mobile"} or _PHONE_TEXT.match(description):
        return Kind.PHONE
    return Kind.EMAIL if _MAIL_TEXT.search(name) or _MAIL_TEXT.search(description[:60]) else Kind.TEXT


def _list_kind(name: str, description: str, schema: Mapping[str, Any]) -> Kind:
    items: Mapping[str, Any] = schema.get("items") or {}
    if items.get("type") != "string" or "enum" in items:
        return Kind.OTHER
    mail = items.get("format") == "email" or _MAIL_TEXT.search(name + " " + description)
    return Kind.EMAILS if mail or "address" in description.lower() else Kind.TEXTS


def _unit(name: str, description: str) -> timedelta | None:
    if "per_" in name:
        return None
    found = _UNIT_NAME.search(name)
    if not found and _LENGTH_WORD.search(f"{name} {description}"):
        found = _UNIT_TEXT.search(description)
    if not found:
        return None
    word = next(group for group in found.groups() if group).lower()
    return timedelta(seconds=next(value for unit, value in _SECONDS.items() if unit.startswith(word) or word == "hr"))
