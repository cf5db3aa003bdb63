"""The short way to yes never says yes where jsonschema says no."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from skillkernel.schema.accept import NOT_UNDERSTOOD, UNDERSTOOD, short_way
from skillkernel.schema.compiled import compile_schema
from skillkernel.schema.keywords import count_steps, validator_for

TYPES = ["string", "integer", "number", "boolean", "null", "array", "object"]
NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, 1.0, 1.5, "", "a", "ab", "2026-11-25"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True),
            "enum": st.lists(VALUES, min_size=1, max_size=3),
            "const": VALUES,
            "minLength": st.integers(0, 2),
            "maxLength": st.integers(0, 2),
            "pattern": st.sampled_from(["^a", "b$", "^$"]),
            "format": st.sampled_from(["date", "email", "unknown"]),
            "minimum": st.integers(-2, 2),
            "exclusiveMaximum": st.integers(-2, 2),
            "items": inner,
            "minItems": st.integers(0, 2),
            "maxItems": st.integers(0, 2),
            "properties": st.dictionaries(NAMES, inner, max_size=3),
            "required": st.lists(NAMES, max_size=2, unique=True),
            "additionalProperties": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "$ref": st.just("#/$defs/shared"),
        },
    )


SCHEMAS = st.recursive(st.booleans() | schemas(st.booleans()), schemas, max_leaves=6)


@given(SCHEMAS, st.booleans() | schemas(st.booleans()).filter(lambda schema: "$ref" not in schema), VALUES)
def test_what_the_short_way_accepts_is_valid(schema: Any, shared: Any, value: Any) -> None:
    root = {"allOf": [schema], "$defs": {"shared": shared}}
    accepts = short_way(root)
    count_steps(1)
    if accepts is not None and accepts(value):
        assert list(validator_for(root).iter_errors(value)) == []


@given(SCHEMAS.filter(lambda schema: "$ref" not in str(schema)), VALUES)
def test_findings_are_empty_exactly_when_the_library_finds_nothing(schema: Any, value: Any) -> None:
    root = {"allOf": [schema]}
    compiled = compile_schema(root, where="t", closed=False)
    checker: Any = Draft202012Validator(root, format_checker=validator_for(root).format_checker)
    assert compiled.is_valid(value) == checker.is_valid(value)


def test_every_keyword_of_the_library_is_known_to_the_short_way() -> None:
    assert set(Draft202012Validator.VALIDATORS) == UNDERSTOOD | NOT_UNDERSTOOD
    assert not UNDERSTOOD & NOT_UNDERSTOOD
