"""Shapes made of shapes: lists, tuples, sets, mappings, unions, and limits put on any of them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from skillkernel.sdk.field import Field
from skillkernel.sdk.shapes import Anything, Misfit, Null, Shape, Zone, as_list, as_object, shown


class Items(Shape):
    """A list of one kind, made into a list, tuple, set or frozenset by `make`."""

    def __init__(self, item: Shape, make: Callable[[Iterable[Any]], Any], *, unique: bool = False) -> None:
        self.item = item
        self.make = make
        self.unique = unique

    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "array"}
        if not isinstance(self.item, Anything):
            schema["items"] = self.item.schema()
        if self.unique:
            schema["uniqueItems"] = True
        return schema

    def decode(self, value: Any, zone: Zone) -> Any:
        entries = as_list(value)
        return self.make([_decode(self.item, entry, zone, place) for place, entry in enumerate(entries)])


class Row(Shape):
    """A tuple of fixed length, each place with a shape of its own."""

    rank = 4

    def __init__(self, places: Sequence[Shape]) -> None:
        self.places = tuple(places)

    def schema(self) -> dict[str, Any]:
        length = len(self.places)
        places = {"prefixItems": [place.schema() for place in self.places]} if self.places else {}
        return {"type": "array", **places, "minItems": length, "maxItems": length}

    def decode(self, value: Any, zone: Zone) -> tuple[Any, ...]:
        entries = as_list(value)
        if len(entries) != len(self.places):
            raise Misfit(f"{shown(value)} has not {len(self.places)} entries")
        pairs = zip(self.places, entries, strict=True)
        return tuple(_decode(shape, entry, zone, place) for place, (shape, entry) in enumerate(pairs))


class Table(Shape):
    """A mapping from text to values of one kind."""

    rank = 6

    def __init__(self, value: Shape) -> None:
        self.value = value

    def schema(self) -> dict[str, Any]:
        inner = self.value.schema()
        return {"type": "object", "additionalProperties": inner} if inner else {"type": "object"}

    def decode(self, value: Any, zone: Zone) -> dict[str, Any]:
        return {key: _decode(self.value, entry, zone, key) for key, entry in as_object(value).items()}


class AnyOf(Shape):
    """A union: the first member that fits, in ascending rank, then in the order written."""

    def __init__(self, members: Sequence[Shape]) -> None:
        self.members = tuple(members)
        self._by_rank = sorted(members, key=lambda member: member.rank)

    def schema(self) -> dict[str, Any]:
        schemas = [member.schema() for member in self.members]
        if all(set(schema) == {"type"} for schema in schemas):
            return {"type": list(dict.fromkeys(kind for schema in schemas for kind in _kinds(schema)))}
        solid = [schema for schema in schemas if schema != {"type": "null"}]
        if len(solid) == 1 and "type" in solid[0]:
            return _or_null(solid[0])
        return {"anyOf": schemas}

    def decode(self, value: Any, zone: Zone) -> Any:
        misfits: list[Misfit] = []
        for member in self._by_rank:
            try:
                return member.decode(value, zone)
            except Misfit as misfit:
                if not isinstance(member, Null):
                    misfits.append(misfit)
        deepest = max(misfits, key=lambda misfit: len(misfit.path))
        if len(misfits) == 1 or deepest.path:
            raise deepest
        raise Misfit(" and ".join(misfit.problem for misfit in misfits))


class Limited(Shape):
    """A shape with a `Field`'s limits in its schema; checking them is the kernel's part, before the call."""

    def __init__(self, shape: Shape, field: Field, examples: Sequence[Any]) -> None:
        self.shape = shape
        self.field = field
        self.examples = list(examples)
        self.rank = shape.rank  # type: ignore[misc] # a limit does not change what the shape is

    def schema(self) -> dict[str, Any]:
        said = {"description": self.field.description, "examples": self.examples}
        extra = {keyword: value for keyword, value in said.items() if value}
        return {**self.shape.schema(), **self.field.keywords(), **extra}

    def decode(self, value: Any, zone: Zone) -> Any:
        return self.shape.decode(value, zone)


def json_types(shape: Shape) -> frozenset[str]:
    """The JSON types that a shape's schema names at its root; empty for a union of several schemas."""
    return frozenset(_kinds(shape.schema()))


def _decode(shape: Shape, value: Any, zone: Zone, place: str | int) -> Any:
    try:
        return shape.decode(value, zone)
    except Misfit as misfit:
        raise misfit.under(place) from None


def _kinds(schema: dict[str, Any]) -> list[str]:
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    kinds = _kinds(schema)
    if "null" in kinds:
        return schema
    values = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [*kinds, "null"], **values}
