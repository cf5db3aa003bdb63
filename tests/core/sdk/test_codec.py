"""From JSON values to Python values and back."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path
from typing import Any, Literal, TypedDict
from zoneinfo import ZoneInfo

import pytest

from skillkernel.sdk.codec import NotEncodable, decode, encode
from skillkernel.sdk.shapes import Misfit

BERLIN = ZoneInfo("Europe/Berlin")


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


class Size(StrEnum):
    SMALL = "s"


@dataclass
class Person:
    name: str
    born: date | None = None


@dataclass
class Range:
    first: int
    last: int

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("last comes before first")


class Row(TypedDict):
    people: list[Person]


@pytest.mark.parametrize(
    ("hint", "value", "meant"),
    [
        (int, 3.0, 3),
        (float, 3, 3.0),
        (bool, True, True),
        (date, "2026-11-25", date(2026, 11, 25)),
        (datetime, "2026-11-25T12:30:00Z", datetime(2026, 11, 25, 12, 30, tzinfo=UTC)),
        (datetime, "2026-11-25T12:30", datetime(2026, 11, 25, 12, 30)),
        (time, "12:30", time(12, 30)),
        (time, "12:30:15", time(12, 30, 15)),
        (Decimal, "12.50", Decimal("12.50")),
        (Colour, "red", Colour.RED),
        (Level, 1.0, Level.LOW),
        (Literal[1, True], True, True),
        (tuple[int, str], [1, "a"], (1, "a")),
        (set[int], [1, 2], {1, 2}),
        (frozenset[str], ["a"], frozenset("a")),
        (Person, {"name": "Ada", "born": "1815-12-10"}, Person("Ada", date(1815, 12, 10))),
        (Row, {"people": [{"name": "Ada"}]}, {"people": [Person("Ada")]}),
        (date | datetime, "2026-11-25", date(2026, 11, 25)),
        (date | datetime, "2026-11-25T12:30:00Z", datetime(2026, 11, 25, 12, 30, tzinfo=UTC)),
        (str | date, "2026-11-25", date(2026, 11, 25)),
        (str | date, "soon", "soon"),
        (int | str | None, None, None),
        (dict[str, Level], {"a": 1}, {"a": Level.LOW}),
        (Any, {"a": [1]}, {"a": [1]}),
    ],
)
def test_a_json_value_becomes_what_the_hint_says(hint: Any, value: Any, meant: Any) -> None:
    decoded = decode(hint, value)
    assert decoded == meant
    assert type(decoded) is type(meant)


MISFITS: list[tuple[Any, Any, str]] = [
    (int, True, "true is not a whole number"),
    (int, 1.5, "1.5 is not a whole number"),
    (float, "1", '"1" is not a number'),
    (float, 10**400, "is too large"),
    (str, 1, "1 is not a text"),
    (bool, 1, "1 is not true or false"),
    (None, 0, "0 is not null"),
    (date, "tomorrow", '"tomorrow" is not a date such as 2026-11-25'),
    (date, "2026-11-25T10:00:00Z", "is not a date such as"),
    (datetime, "2026-11-25", "is not a date-time such as 2026-11-25T12:30:00+01:00"),
    (time, "noon", '"noon" is not a time such as 12:30'),
    (time, "12:30+01:00", "is not a time such as"),
    (Decimal, "a lot", "is not a decimal number"),
    (Decimal, "Infinity", "is not a decimal number"),
    (Colour, "green", '"green" is not one of "red"'),
    (Literal[1], True, "true is not one of 1"),
    (Literal["a"], ["a"], '["a"] is not one of "a"'),
    (list[int], "12", '"12" is not a list'),
    (list[int], [1, "2"], '[1]: "2" is not a whole number'),
    (dict[str, int], {"a": "x"}, 'a: "x" is not a whole number'),
    (dict[str, int], [], "[] is not an object"),
    (tuple[int, int], [1], "has not 2 entries"),
    (Row, {"people": [{"name": "Ada"}, {"name": 1}]}, "people[1].name: 1 is not a text"),
    (Row, {"people": [{}]}, "people[0]: missing name"),
    (Person, {"name": "Ada", "burn": "x"}, "burn: there is no such field, did you mean born?"),
    (Range, {"first": 2, "last": 1}, "last comes before first"),
    (int | None, "x", '"x" is not a whole number'),
    (int | date, "x", '"x" is not a date such as 2026-11-25 and "x" is not a whole number'),
    (Person | None, {"name": 1}, "name: 1 is not a text"),
]


@pytest.mark.parametrize(("hint", "value", "message"), MISFITS)
def test_what_does_not_fit_is_named_with_its_place(hint: Any, value: Any, message: str) -> None:
    with pytest.raises(Misfit) as misfit:
        decode(hint, value)
    assert message in str(misfit.value)


def test_a_long_value_is_shortened_in_the_message() -> None:
    with pytest.raises(Misfit) as misfit:
        decode(int, "x" * 10_000)
    assert len(str(misfit.value)) < 120


def test_a_date_time_without_an_offset_is_meant_in_the_users_zone() -> None:
    decoded = decode(datetime, "2026-07-25T12:30:00", zone=lambda: BERLIN)
    assert decoded == datetime(2026, 7, 25, 10, 30, tzinfo=UTC)
    assert encode(datetime(2026, 7, 25, 12, 30), zone=lambda: BERLIN) == "2026-07-25T12:30:00+02:00"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Colour.RED, "red"),
        (Size.SMALL, "s"),
        (Level.LOW, 1),
        (Person("Ada", date(1815, 12, 10)), {"name": "Ada", "born": "1815-12-10"}),
        (datetime(2026, 11, 25, 12, 30, tzinfo=timezone(timedelta(hours=1))), "2026-11-25T12:30:00+01:00"),
        (datetime(1880, 1, 1, tzinfo=BERLIN), "1879-12-31T23:06:32+00:00"),
        (time(12, 30), "12:30:00"),
        (Decimal("0.10"), "0.10"),
        ({"b", "a"}, ["a", "b"]),
        ((1, [2.5, None]), [1, [2.5, None]]),
        ({Colour.RED: True}, {"red": True}),
    ],
)
def test_a_result_becomes_json(value: Any, written: Any) -> None:
    encoded = encode(value)
    assert encoded == written
    assert type(encoded) is type(written)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [1, b"x"]}, "a[1]: bytes"),
        ([float("nan")], "[0]: nan has no JSON form"),
        (Decimal("NaN"), "Decimal 'NaN' has no JSON form"),
        ({1: "a"}, "the key 1 is not a text"),
        (Path("x"), "has no JSON form"),
        (object, "has no JSON form"),
        (Person, "has no JSON form"),
    ],
)
def test_a_result_that_json_cannot_hold_is_named_with_its_place(value: Any, message: str) -> None:
    with pytest.raises(NotEncodable) as refused:
        encode(value)
    assert message in str(refused.value)
