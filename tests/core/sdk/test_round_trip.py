"""Whatever a hint allows: its JSON form fits the schema derived from the hint, and decodes to the same value."""

import json
from dataclasses import make_dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

from hypothesis import given
from hypothesis import strategies as st

from skillkernel.schema import compile_schema
from skillkernel.sdk.codec import encode
from skillkernel.sdk.hints import shape_of
from skillkernel.sdk.shapes import Misfit

Kind = tuple[Any, st.SearchStrategy[Any]]


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


_offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_texts = st.text(max_size=20)
_SCALARS: list[Kind] = [
    (str, _texts),
    (int, st.integers(-(2**53), 2**53)),
    (float, st.floats(allow_nan=False, allow_infinity=False)),
    (bool, st.booleans()),
    (None, st.none()),
    (date, st.dates()),
    (datetime, st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=_offsets)),
    (time, st.times()),
    (Decimal, st.decimals(allow_nan=False, allow_infinity=False)),
    (Colour, st.sampled_from(Colour)),
    (Literal["x", 3, True], st.sampled_from(["x", 3, True])),
]
_hashable = st.sampled_from([kind for kind in _SCALARS if kind[0] is not None])


def _generic(kind: Any, first: Any, *others: Any) -> Any:
    return kind[(first, *others)] if others else kind[first]


def _lists(inner: Kind) -> Kind:
    return _generic(list, inner[0]), st.lists(inner[1], max_size=3)


def _tuples(inner: Kind) -> Kind:
    return _generic(tuple, inner[0], ...), st.lists(inner[1], max_size=3).map(tuple)


def _pairs(inner: tuple[Kind, Kind]) -> Kind:
    (first, firsts), (second, seconds) = inner
    return _generic(tuple, first, second), st.tuples(firsts, seconds)


def _tables(inner: Kind) -> Kind:
    return _generic(dict, str, inner[0]), st.dictionaries(_texts, inner[1], max_size=3)


def _optional(inner: Kind) -> Kind:
    return inner[0] | None if inner[0] is not None else None, st.none() | inner[1]


def _records(inner: tuple[Kind, Kind]) -> Kind:
    (first, firsts), (second, seconds) = inner
    record = make_dataclass("Record", [("first", first), ("second", second)])
    return record, st.builds(record, firsts, seconds)


def _sets(inner: Kind) -> Kind:
    return _generic(frozenset, inner[0]), st.frozensets(inner[1], max_size=3)


_kinds: st.SearchStrategy[Kind] = st.recursive(
    st.sampled_from(_SCALARS) | _hashable.map(_sets),
    lambda inner: st.one_of(
        inner.map(_lists),
        inner.map(_tuples),
        inner.map(_tables),
        inner.map(_optional),
        st.tuples(inner, inner).map(_pairs),
        st.tuples(inner, inner).map(_records),
    ),
    max_leaves=4,
)


@given(_kinds.flatmap(lambda kind: st.tuples(st.just(kind[0]), kind[1])))
def test_encode_then_validate_then_decode_gives_the_same_value(case: tuple[Any, Any]) -> None:
    hint, value = case
    shape = shape_of(hint)
    raw = json.loads(json.dumps(encode(value)))
    assert compile_schema(shape.schema(), where="test", closed=False).is_valid(raw)
    assert shape.decode(raw, None) == value


@given(
    st.sampled_from(_SCALARS), st.recursive(st.none() | st.booleans() | st.integers() | _texts, st.lists, max_leaves=5)
)
def test_what_decodes_also_fits_the_schema(kind: Kind, raw: Any) -> None:
    shape = shape_of(kind[0])
    fits = compile_schema(shape.schema(), where="test", closed=False).is_valid(raw)
    try:
        shape.decode(raw, None)
    except Misfit:
        return
    assert fits or kind[0] in (date, datetime, time), "dates are read a little more leniently than they are asked for"
