"""A read tool's arguments, moved to the types that its schema asks for."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.calls.coercion import coerce_to_schema

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "count": {"type": "integer"},
        "size": {"type": "number"},
        "all": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "limits": {"type": "array", "items": {"$ref": "#/$defs/limit"}},
        "range": {"type": "object", "properties": {"from": {"type": "integer"}}},
        "unit": {"enum": ["day", "week"]},
        "maybe": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "either": {"type": ["integer", "string"]},
        "note": {"type": "string"},
        "free": {},
    },
    "required": ["note"],
    "$defs": {"limit": {"type": "integer"}},
}


@pytest.mark.parametrize(
    ("given_value", "read", "reason"),
    [
        ({"count": "5"}, {"count": 5}, '/count: "5" was read as 5'),
        ({"count": " -5 "}, {"count": -5}, '/count: " -5 " was read as -5'),
        ({"size": "2.5"}, {"size": 2.5}, '/size: "2.5" was read as 2.5'),
        ({"all": "True"}, {"all": True}, '/all: "True" was read as true'),
        ({"tags": "work"}, {"tags": ["work"]}, '/tags: "work" was read as a list of one'),
        ({"tags": '["a", "b"]'}, {"tags": ["a", "b"]}, '/tags: "[\\"a\\", \\"b\\"]" was read as ["a", "b"]'),
        ({"limits": [1, "2"]}, {"limits": [1, 2]}, '/limits/1: "2" was read as 2'),
        ({"range": {"from": "1"}}, {"range": {"from": 1}}, '/range/from: "1" was read as 1'),
        ({"unit": "Week"}, {"unit": "week"}, '/unit: "Week" was read as "week"'),
        ({"maybe": "3"}, {"maybe": 3}, '/maybe: "3" was read as 3'),
        ({"count": None}, {}, "/count: null was left out"),
    ],
)
def test_the_one_possible_reading_is_taken_and_told(
    given_value: dict[str, Any], read: dict[str, Any], reason: str
) -> None:
    before = copy.deepcopy(given_value)
    assert coerce_to_schema(given_value, SCHEMA) == (read, (reason,))
    assert given_value == before


def test_a_list_of_one_is_read_all_the_way() -> None:
    assert coerce_to_schema({"limits": "7"}, SCHEMA)[0] == {"limits": [7]}


@pytest.mark.parametrize(
    "value",
    [
        {"count": "five"},
        {"count": "1e3"},
        {"count": "٣"},
        {"count": 2.5},
        {"all": 1},
        {"either": "5"},
        {"maybe": None},
        {"note": None},
        {"note": 5},
        {"free": "5"},
        {"unknown": "5"},
        {"unit": "month"},
        {"range": '{"from": 1, "from": 2}'},
        {"tags": None, "note": "x"} | {"tags": ["a"]},
    ],
)
def test_what_fits_or_could_mean_two_things_is_left_alone(value: dict[str, Any]) -> None:
    assert coerce_to_schema(value, SCHEMA) == (value, ())


@given(
    st.dictionaries(
        st.sampled_from([*SCHEMA["properties"], "unknown"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
            max_leaves=4,
        ),
    )
)
def test_coercing_twice_is_coercing_once(value: dict[str, Any]) -> None:
    once, _ = coerce_to_schema(value, SCHEMA)
    again, reasons = coerce_to_schema(once, SCHEMA)
    assert repr(again) == repr(once)
    assert reasons == ()
