"""Whether one value of a call fits one pattern of a rule."""

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any
from unicodedata import normalize

from skillkernel.permissions.rules_glob import Glob, matches
from skillkernel.schema.kinds import is_list, is_object


class RuleKind(StrEnum):
    """What a rule says."""

    DENY = "deny"
    ASK = "ask"
    ALLOW = "allow"


def value_fits(glob: Glob, value: Any, kind: RuleKind) -> bool:
    """Whether one value, no list, fits a pattern."""
    narrow = kind is RuleKind.ALLOW
    if glob.is_anything:
        return True
    if is_object(value):
        return not narrow and any(value_fits(glob, leaf, kind) for leaf in _leaves(value))
    if matches(glob, text_of(value), narrow=narrow):
        return True
    literal = glob.literal
    return literal is not None and type(value) in (int, float) and number(literal) == value


def text_of(value: Any) -> str:
    """A value that is no list or object as patterns see it: a string by its text in NFC, else its JSON."""
    return normalize("NFC", value) if isinstance(value, str) else json.dumps(value)


def number(text: str) -> float | int | None:
    """The JSON number that `text` is, or None."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if type(value) in (int, float) else None


def _leaves(value: Any) -> Iterator[Any]:
    if is_object(value):
        for part in value.values():
            yield from _leaves(part)
    elif is_list(value):
        for part in value:
            yield from _leaves(part)
    else:
        yield value
