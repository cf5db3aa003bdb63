"""From type hints to JSON Schema."""

import collections.abc
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag, IntEnum, StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, NewType, NotRequired, Optional, Required, TypedDict

import pytest

from skillkernel import Field
from skillkernel.sdk.hints import HintUnsupported, shape_of


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Size(StrEnum):
    SMALL = "s"
    LARGE = "l"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Access(Flag):
    READ = 1
    WRITE = 2


class Nothing(Enum):
    pass


class Odd(Enum):
    PAIR = (1, 2)


Minutes = NewType("Minutes", int)


@dataclass
class Place:
    """Where something is.

    Attributes:
        city: The city's name.
        zip_code: Five digits.
    """

    city: str
    zip_code: str = "00000"
    tags: list[str] = field(default_factory=list[str])
    cached: str = field(default="", init=False)


@dataclass
class Visit:
    place: Place
    on: date | None = None


@dataclass
class Tree:
    children: "list[Tree]"


@dataclass
class Holder:
    data: bytes


class Point(TypedDict):
    """A point."""

    x: float
    y: float
    label: NotRequired[str]


class Loose(TypedDict, total=False):
    a: Required[int]
    b: int


class Node(TypedDict):
    next: "Node | None"


SCHEMAS: list[tuple[Any, dict[str, Any]]] = [
    (str, {"type": "string"}),
    (int, {"type": "integer"}),
    (float, {"type": "number"}),
    (bool, {"type": "boolean"}),
    (None, {"type": "null"}),
    (Any, {}),
    (object, {}),
    (date, {"type": "string", "format": "date"}),
    (datetime, {"type": "string", "format": "date-time"}),
    (Minutes, {"type": "integer"}),
    (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
    (Literal[1, "b"] | None, {"type": ["integer", "string", "null"], "enum": [1, "b", None]}),
    (Literal[Colour.RED], {"type": "string", "enum": ["red"]}),
    (Colour, {"type": "string", "enum": ["red", "blue"]}),
    (Size, {"type": "string", "enum": ["s", "l"]}),
    (Level, {"type": "integer", "enum": [1, 2]}),
    (list, {"type": "array"}),
    (list[int], {"type": "array", "items": {"type": "integer"}}),
    (collections.abc.Sequence[str], {"type": "array", "items": {"type": "string"}}),
    (set[str], {"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
    (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
    (tuple, {"type": "array"}),
    (
        tuple[int, str],
        {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2, "maxItems": 2},
    ),
    (tuple[()], {"type": "array"}),
    (dict, {"type": "object"}),
    (dict[str, Any], {"type": "object"}),
    (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
    (collections.abc.Mapping[str, bool], {"type": "object", "additionalProperties": {"type": "boolean"}}),
    (int | str, {"type": ["integer", "string"]}),
    (Optional[int], {"type": ["integer", "null"]}),  # noqa: UP045 # authors write this too
    (date | None, {"type": ["string", "null"], "format": "date"}),
    (Colour | None, {"type": ["string", "null"], "enum": ["red", "blue", None]}),
    (Literal["a", None] | None, {"type": ["string", "null"], "enum": ["a", None]}),  # noqa: PYI061 # written twice
    (list[int] | None, {"type": ["array", "null"], "items": {"type": "integer"}}),
    (date | datetime, {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}),
    (Annotated[int, Field(minimum=1, maximum=9)], {"type": "integer", "minimum": 1, "maximum": 9}),
    (Annotated[float, Field(multiple_of=0.5)], {"type": "number", "multipleOf": 0.5}),
    (
        Annotated[str, Field(pattern="^x", min_length=1, max_length=3, description="An x.")],
        {"type": "string", "pattern": "^x", "minLength": 1, "maxLength": 3, "description": "An x."},
    ),
    (
        Annotated[list[int], Field(min_items=1, max_items=2)],
        {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2},
    ),
    (
        Annotated[date, Field(examples=[date(2026, 1, 2)])],
        {"type": "string", "format": "date", "examples": ["2026-01-02"]},
    ),
    (Optional[Annotated[int, Field(minimum=1)]], {"type": ["integer", "null"], "minimum": 1}),  # noqa: UP045 # pyright reads the short form as an error
    (Annotated[int | None, Field(minimum=1)], {"type": ["integer", "null"], "minimum": 1}),
    (Annotated[int, "a note of somebody else"], {"type": "integer"}),
]


@pytest.mark.parametrize(("hint", "schema"), SCHEMAS)
def test_a_hint_has_a_short_schema(hint: Any, schema: dict[str, Any]) -> None:
    assert shape_of(hint).schema() == schema


def test_a_time_is_written_as_people_write_it() -> None:
    assert shape_of(time).schema()["type"] == "string"
    assert "format" not in shape_of(time).schema(), "the standard's `time` asks for an offset"


def test_a_decimal_is_a_text() -> None:
    assert shape_of(Decimal).schema()["type"] == "string"


def test_a_dataclass_is_an_object_with_its_fields_described() -> None:
    assert shape_of(Visit).schema() == {
        "type": "object",
        "properties": {
            "place": {
                "type": "object",
                "description": "Where something is.",
                "properties": {
                    "city": {"type": "string", "description": "The city's name."},
                    "zip_code": {"type": "string", "description": "Five digits.", "default": "00000"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["city"],
                "additionalProperties": False,
            },
            "on": {"type": ["string", "null"], "format": "date"},
        },
        "required": ["place"],
        "additionalProperties": False,
    }


def test_a_typed_dict_says_which_keys_may_be_absent() -> None:
    assert shape_of(Point).schema()["required"] == ["x", "y"]
    assert shape_of(Point).schema()["description"] == "A point."
    assert shape_of(Loose).schema()["required"] == ["a"]


@pytest.mark.parametrize(
    ("hint", "problem", "fix"),
    [
        (timedelta, "timedelta", "duration_minutes: int"),
        (bytes, "bytes", "base64"),
        (Path, "Path", "take a str"),
        (complex, "complex", "two floats"),
        (Tree, "Tree.children: Tree holds itself", "by a name"),
        (Node, "Node.next: Node holds itself", "by a name"),
        (Holder, "Holder.data: no JSON form is known for bytes", "base64"),
        (Access, "Access is a Flag", "list of a plain Enum"),
        (Nothing, "Nothing has no members", "at least one"),
        (Odd, "(1, 2) is not a JSON value", "a text or a number"),
        (dict[int, str], "the keys of a JSON object are texts, not int", "dict[str"),
        (set[Place], "a set holds texts", "take a list"),
        (set, "a set holds texts", "take a list"),
        (collections.abc.Callable[[], int], "no JSON form", "use str"),
        ("Somebody", "'Somebody'", "the type itself"),
        (Annotated[str, Field(minimum=1)], "Field(minimum=…) limits integer and number values only", "on the type"),
        (Annotated[list[str], Field(max_length=1)], "limits string values only", "on the type"),
        (Annotated[str, Field(pattern="(")], "is not a regular expression", "on the type"),
        (Annotated[int, Field(examples=["x"])], "the example 'x' does not fit its hint", "change one"),
    ],
)
def test_what_has_no_json_form_is_refused_with_what_to_write(hint: Any, problem: str, fix: str) -> None:
    with pytest.raises(HintUnsupported) as refused:
        shape_of(hint)
    assert problem in refused.value.problem
    assert fix in refused.value.fix
