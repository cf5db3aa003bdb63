"""What a later schema has to take of what an earlier one took."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.errors import SchemaError
from skillkernel.schema import CompiledSchema, compile_schema
from skillkernel.sdk.shapes import is_object
from skillkernel_registry.authoring.compatibility import Narrowing, argument_narrowings, narrowings

EVENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 100, "description": "What it is called."},
        "day": {"type": ["string", "null"], "format": "date"},
        "kind": {"type": "string", "enum": ["meeting", "errand"]},
        "guests": {"type": "array", "items": {"type": "object", "properties": {"mail": {"type": "string"}}}},
    },
    "required": ["title"],
    "additionalProperties": False,
}


def changed(**properties: Any) -> dict[str, Any]:
    """The event with these properties in place of its own; None takes one out."""
    event = copy.deepcopy(EVENT)
    for name, schema in properties.items():
        if schema is None:
            del event["properties"][name]
        else:
            event["properties"][name] = schema
    return event


@pytest.mark.parametrize(
    "after",
    [
        EVENT,
        changed(title={"type": "string", "maxLength": 200, "description": "Other words."}),
        changed(title={"type": ["string", "integer"]}),
        changed(kind={"type": "string", "enum": ["errand", "meeting", "party"]}),
        changed(kind={"type": "string"}),
        changed(place={"type": "string", "default": "here"}),
        changed(day={"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}) | {"title": "x"},
        {**EVENT, "required": []},
        {**EVENT, "additionalProperties": True},
    ],
)
def test_what_takes_as_much_or_more_is_compatible(after: dict[str, Any]) -> None:
    found = narrowings(EVENT, after)
    assert [one for one in found if one.place != "day"] == []


@pytest.mark.parametrize(
    ("after", "place", "said"),
    [
        (changed(day=None), "day", "is gone"),
        ({**changed(place={"type": "string"}), "required": ["title", "place"]}, "place", "new and required"),
        ({**EVENT, "required": ["title", "day"]}, "day", "is required now"),
        (changed(title={"type": "string", "maxLength": 50}), "title", "`maxLength` 50, and had 100"),
        (changed(day={"type": "string", "format": "date"}), "day", "was null or string and is string now"),
        (changed(day={"type": ["string", "null"], "format": "date-time"}), "day", "another `format`"),
        (changed(kind={"type": "string", "enum": ["meeting"]}), "kind", 'does not take "errand" any more'),
        (changed(kind={"const": "meeting"}), "kind", '"errand"'),
        (changed(guests={"type": "array", "items": {"type": "string"}}), "guests[]", "is string now"),
        (
            changed(guests={"type": "array", "items": {"type": "object", "properties": {"mail": {"type": "null"}}}}),
            "guests[].mail",
            "is null now",
        ),
        (changed(title=False), "title", "is refused now"),
        (changed(title={"type": "string", "maxLength": 100, "pattern": "^a"}), "title", "another `pattern`"),
        ({**EVENT, "minProperties": 2}, "", "`minProperties`"),
        ({**EVENT, "dependentRequired": {"day": ["kind"]}}, "", "cannot be compared"),
    ],
)
def test_what_takes_less_is_found_with_its_place(after: dict[str, Any], place: str, said: str) -> None:
    found = narrowings(EVENT, after)
    assert any(one.place == place and said in one.what for one in found), found


def test_arguments_are_closed_as_the_kernel_closes_them() -> None:
    before = {"type": "object", "properties": {"a": {"type": "string"}}}
    after = {"type": "object", "properties": {"b": {"type": "string"}}}
    assert argument_narrowings(before, after) == (Narrowing("a", "is gone"),)
    alternatives = {**before, "anyOf": [{"required": ["a"]}, {}]}
    assert argument_narrowings(alternatives, alternatives) == ()
    assert "cannot be compared" in argument_narrowings(before, alternatives)[0].what


def test_references_are_followed_and_a_circle_ends() -> None:
    tree: dict[str, Any] = {
        "$defs": {
            "node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "v": {"type": "integer"}}}
        },
        "$ref": "#/$defs/node",
    }
    wider = copy.deepcopy(tree)
    wider["$defs"]["node"]["properties"]["v"] = {"type": "number"}
    assert narrowings(tree, wider) == ()
    assert any(one.place == "v" for one in narrowings(wider, tree))


SCALARS = st.sampled_from([None, True, False, 0, 1, 2, 3, -1, 1.5, "", "a", "ab", "abc", "2026-01-01"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    ),
    max_leaves=6,
)
SMALL = st.integers(0, 3)
LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.booleans(),
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(
                ["string", "integer", "number", "null", "boolean", ["string", "null"], "object", "array"]
            ),
            "minimum": SMALL,
            "maximum": SMALL,
            "exclusiveMinimum": SMALL,
            "exclusiveMaximum": SMALL,
            "multipleOf": st.integers(1, 3),
            "minLength": SMALL,
            "maxLength": SMALL,
            "pattern": st.sampled_from(["^a", "b$"]),
            "format": st.just("date"),
            "minItems": SMALL,
            "maxItems": SMALL,
            "uniqueItems": st.booleans(),
            "minProperties": SMALL,
            "maxProperties": SMALL,
            "title": st.sampled_from(["x", "y"]),
        },
    ),
    st.fixed_dictionaries({"enum": st.lists(SCALARS, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"const": SCALARS}),
)


def _grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    named = st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array", ["object", "array", "string"]]),
            "properties": named,
            "required": st.lists(st.sampled_from(["a", "b", "c"]), max_size=2, unique=True),
            "additionalProperties": inner,
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "b"]), inner, max_size=1),
            "propertyNames": st.just({"maxLength": 1}),
            "items": inner,
            "prefixItems": several,
            "contains": inner,
            "minContains": st.integers(0, 2),
            "anyOf": several,
            "allOf": several,
            "oneOf": several,
            "not": inner,
            "if": inner,
            "then": inner,
            "unevaluatedProperties": st.booleans(),
            "dependentRequired": st.just({"a": ["b"]}),
        },
    )


SCHEMAS = st.recursive(LEAVES, _grown, max_leaves=6)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """A schema and another: mostly the same with one part replaced, which is how schemas change."""
    before = draw(SCHEMAS)
    if draw(st.booleans()):
        return before, draw(SCHEMAS)
    return before, _mutated(draw, copy.deepcopy(before), draw(st.integers(0, 3)))


def _mutated(draw: st.DrawFn, schema: Any, depth: int) -> Any:
    if not is_object(schema) or not schema:
        return draw(SCHEMAS)
    table = schema
    key = draw(st.sampled_from(sorted(table)))
    value = table[key]
    if depth and is_object(value) and key in ("items", "additionalProperties", "not", "contains"):
        table[key] = _mutated(draw, value, depth - 1)
    elif depth and is_object(value) and key == "properties" and value:
        name = draw(st.sampled_from(sorted(value)))
        value[name] = _mutated(draw, value[name], depth - 1)
    elif draw(st.booleans()):
        del table[key]
    else:
        other = draw(SCHEMAS)
        table.update(other if is_object(other) else {})
    return table


def compiled(schema: Any) -> CompiledSchema | None:
    try:
        return compile_schema({"allOf": [schema]}, where="test", closed=False)
    except SchemaError:
        return None


@given(SCHEMAS)
def test_a_schema_takes_what_it_took(schema: Any) -> None:
    assert narrowings(schema, copy.deepcopy(schema)) == ()


@given(pairs(), st.lists(VALUES, min_size=1, max_size=8))
def test_whatever_was_taken_and_is_refused_now_is_found(pair: tuple[Any, Any], values: list[Any]) -> None:
    before, after = pair
    earlier, later = compiled(before), compiled(after)
    if earlier is None or later is None:
        return
    refused = [value for value in values if earlier.is_valid(value) and not later.is_valid(value)]
    if refused:
        assert narrowings(before, after), refused


@given(
    st.dictionaries(st.sampled_from(["a", "b"]), SCHEMAS, max_size=2), st.dictionaries(st.sampled_from(["c"]), SCHEMAS)
)
def test_a_new_parameter_that_may_be_left_out_breaks_nothing(known: dict[str, Any], new: dict[str, Any]) -> None:
    before = {"type": "object", "properties": known, "additionalProperties": False}
    assert narrowings(before, {**before, "properties": {**known, **new}}) == ()
