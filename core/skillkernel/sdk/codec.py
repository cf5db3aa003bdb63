"""From JSON values to Python values by hint, and back by the value alone."""

import json
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeGuard

from skillkernel.sdk.shapes import Misfit, Shape, Zone

if TYPE_CHECKING:
    from datetime import datetime


class NotEncodable(Misfit):
    """A Python value that has no JSON form."""


def decode(hint: Any, value: Any, *, zone: Zone = None) -> Any:
    """The Python value that `value` stands for; raise `Misfit` naming the path, `HintUnsupported` for the hint itself.

    `zone` gives the time zone of date-times without an offset; without it they stay as they are.
    """
    return _shape(hint).decode(value, zone)


@lru_cache(maxsize=256)
def _shape(hint: Any) -> Shape:
    from skillkernel.sdk.hints import shape_of

    return shape_of(hint)


def encode(value: Any, *, zone: Zone = None) -> Any:
    """The JSON form of a tool's result; raise `NotEncodable` naming the path.

    Enums become their values, dataclasses and mappings objects, dates and times ISO 8601 text, decimals text, sets
    lists in a stable order. A date-time without an offset is given that of `zone`.
    """
    if isinstance(value, Enum):
        return encode(value.value, zone=zone)
    if value is None or isinstance(value, (bool, int, str, float)):
        return _scalar(value)
    if is_sequence(value):
        return [_under(place, entry, zone) for place, entry in enumerate(value)]
    if _is_mapping(value):
        return {_key(key): _under(_key(key), entry, zone) for key, entry in value.items()}
    if _is_dataclass(value):
        return _record(value, zone)
    if _is_set(value):
        return sorted((encode(member, zone=zone) for member in value), key=json.dumps)
    return _moment_or_number(value, zone)


def is_sequence(value: object) -> TypeGuard[Sequence[Any]]:
    """Whether a value becomes a JSON array in its own order."""
    return isinstance(value, (list, tuple))


def _is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)


def _is_set(value: object) -> TypeGuard[AbstractSet[Any]]:
    return isinstance(value, AbstractSet)


def _is_dataclass(value: object) -> bool:
    return hasattr(type(value), "__dataclass_fields__")


def _scalar(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise NotEncodable(f"{value} has no JSON form")
    for kind in (str, bool, int, float):
        if isinstance(value, kind):
            return value if type(value) is kind else kind(value)
    return value


def _record(value: Any, zone: Zone) -> dict[str, Any]:
    from dataclasses import fields

    return {field.name: _under(field.name, getattr(value, field.name), zone) for field in fields(value)}


def _moment_or_number(value: Any, zone: Zone) -> str:
    from datetime import date, datetime, time
    from decimal import Decimal

    if isinstance(value, datetime):
        return _moment(value, zone)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    raise NotEncodable(f"{type(value).__qualname__} {str(value)[:40]!r} has no JSON form")


def _moment(value: "datetime", zone: Zone) -> str:
    from datetime import UTC

    if value.tzinfo is None and zone is not None:
        value = value.replace(tzinfo=zone())
    offset = value.utcoffset()
    if offset is not None and offset.total_seconds() % 60:
        value = value.astimezone(UTC)  # RFC 3339 knows offsets of whole minutes only
    return value.isoformat()


def _key(key: Any) -> str:
    if isinstance(key, Enum):
        key = key.value
    if not isinstance(key, str):
        raise NotEncodable(f"the key {key!r} is not a text")
    return str(key)


def _under(place: str | int, value: Any, zone: Zone) -> Any:
    try:
        return encode(value, zone=zone)
    except Misfit as misfit:
        raise misfit.under(place) from None
