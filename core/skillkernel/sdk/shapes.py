"""Shapes: one small class for each kind of value that a tool can take, with its JSON Schema and its decoding.

A shape is made from a type hint once (`skillkernel.sdk.hints`), so that schema and decoding cannot drift apart.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeGuard

if TYPE_CHECKING:
    from datetime import tzinfo

Zone = Callable[[], "tzinfo"] | None
"""The zone of a date-time without an offset; None leaves it without one."""


class Misfit(Exception):
    """A value that does not fit a shape; `path` leads from the root to it and grows as the error travels outwards."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path: list[str | int] = []

    def under(self, key: str | int) -> "Misfit":
        """The same misfit seen from one level further out."""
        self.path.insert(0, key)
        return self

    def __str__(self) -> str:
        steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path).removeprefix(".")
        return f"{steps}: {self.problem}" if steps else self.problem


def shown(value: Any) -> str:
    """A JSON value as text of at most 60 characters, for an error message."""
    text = json.dumps(value, ensure_ascii=True, default=repr)
    return text if len(text) <= 60 else text[:57] + "..."


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a JSON value is an array."""
    return isinstance(value, list)


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)


def as_list(value: Any) -> list[Any]:
    """The same value, a JSON array; raise `Misfit`."""
    if not is_list(value):
        raise Misfit(f"{shown(value)} is not a list")
    return value


def as_object(value: Any) -> dict[str, Any]:
    """The same value, a JSON object; raise `Misfit`."""
    if not is_object(value):
        raise Misfit(f"{shown(value)} is not an object")
    return value


def as_text(value: Any) -> str:
    """The same value, a JSON string; raise `Misfit`."""
    if not isinstance(value, str):
        raise Misfit(f"{shown(value)} is not a text")
    return value


class Shape(ABC):
    """What a JSON value must look like, and the Python value that it stands for."""

    rank: ClassVar[int] = 5
    """Members of a union are tried in ascending rank: the text `2026-11-25` is a date before it is a str."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """The JSON Schema (2020-12), as a new dictionary."""

    @abstractmethod
    def decode(self, value: Any, zone: Zone) -> Any:
        """The Python value of a JSON value; raise `Misfit`."""


class Anything(Shape):
    """Any JSON value, as it is."""

    rank = 9

    def schema(self) -> dict[str, Any]:
        return {}

    def decode(self, value: Any, zone: Zone) -> Any:
        return value


class Null(Shape):
    """null."""

    rank = 0

    def schema(self) -> dict[str, Any]:
        return {"type": "null"}

    def decode(self, value: Any, zone: Zone) -> None:
        if value is not None:
            raise Misfit(f"{shown(value)} is not null")


class Boolean(Shape):
    """true or false."""

    rank = 0

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def decode(self, value: Any, zone: Zone) -> bool:
        if not isinstance(value, bool):
            raise Misfit(f"{shown(value)} is not true or false")
        return value


class Integer(Shape):
    """A whole number; 3.0 is one, as in JSON Schema."""

    rank = 2

    def schema(self) -> dict[str, Any]:
        return {"type": "integer"}

    def decode(self, value: Any, zone: Zone) -> int:
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Misfit(f"{shown(value)} is not a whole number")
        return value


class Number(Shape):
    """A number, as a float."""

    rank = 3

    def schema(self) -> dict[str, Any]:
        return {"type": "number"}

    def decode(self, value: Any, zone: Zone) -> float:
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise Misfit(f"{shown(value)} is not a number")
        try:
            return float(value)
        except OverflowError:
            raise Misfit(f"{shown(value)} is too large for a number") from None


class Text(Shape):
    """A text."""

    rank = 8

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}

    def decode(self, value: Any, zone: Zone) -> str:
        return as_text(value)


class Choice(Shape):
    """One of a few JSON scalars, each standing for a Python value: `Literal` and `Enum`."""

    rank = 1

    def __init__(self, pairs: Sequence[tuple[Any, Any]]) -> None:
        self.meanings: dict[tuple[type[Any], Any], Any] = {(type(raw), raw): meant for raw, meant in pairs}
        self.offered = [raw for _, raw in self.meanings]

    def schema(self) -> dict[str, Any]:
        names: dict[type[Any], str] = {
            str: "string",
            bool: "boolean",
            int: "integer",
            float: "number",
            type(None): "null",
        }
        kinds = list(dict.fromkeys(names[kind] for kind, _ in self.meanings))
        return {"type": kinds[0] if len(kinds) == 1 else kinds, "enum": list(self.offered)}

    def decode(self, value: Any, zone: Zone) -> Any:
        if isinstance(value, float) and value.is_integer() and (float, value) not in self.meanings:
            value = int(value)
        try:
            return self.meanings[type(value), value]
        except (KeyError, TypeError):
            raise Misfit(f"{shown(value)} is not one of {', '.join(map(shown, self.offered))}") from None
