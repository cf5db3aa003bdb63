"""The arguments of a call, from the text that a model wrote to a JSON object; what is unsafe is refused unread.

Before decoding: size and depth. While decoding: duplicate keys, NaN and infinities, numbers too long or too large to
be held. After: lone surrogates. A repair (for `read` tools only) never loosens one of these.
"""

import json
import math
import re
from typing import Any, NamedTuple, NoReturn

from skillkernel.errors import ArgumentsInvalid
from skillkernel.json_text import depth, place, tokens
from skillkernel.schema.kinds import is_object
from skillkernel.text import visible

MAX_BYTES = 262_144
"""Bytes of UTF-8 that the arguments of one call may have."""
MAX_DEPTH = 64
"""Nested objects and lists."""
MAX_DIGITS = 1_000
"""Characters of one number."""

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


class ParsedArguments(NamedTuple):
    """A call's arguments; `repaired` says what had to be changed in the text, and is empty when nothing was."""

    value: dict[str, Any]
    repaired: tuple[str, ...] = ()


def parse_arguments(text: str, *, repair: bool, max_bytes: int = MAX_BYTES) -> ParsedArguments:
    """Read the arguments of a call; text that is empty or blank is `{}`.

    With `repair`, careless spelling is mended where that needs no guess. Raise `ArgumentsInvalid`, which names the
    place and the fix, for everything else; never anything else, whatever the text.
    """
    _check_before_decoding(text, max_bytes)
    if not text or text.isspace():
        return ParsedArguments({})
    value, reasons = _read(text, repair)
    if isinstance(value, str) and repair:
        _check_before_decoding(value, max_bytes)
        if not value.lstrip().startswith(("{", "```")):
            _refuse_kind(value)
        value, more = _read(value, repair)
        reasons = (*reasons, "the object was encoded twice", *more)
    if not is_object(value):
        _refuse_kind(value)
    return ParsedArguments(value, reasons)


def _read(text: str, repair: bool) -> tuple[Any, tuple[str, ...]]:
    try:
        return _decoded(text), ()
    except json.JSONDecodeError as error:
        if not repair:
            _refuse_text(text, error.pos, error.msg)
        return _mended(text)


def _mended(text: str) -> tuple[Any, tuple[str, ...]]:
    from skillkernel.calls.repair import CannotRepair, repaired

    try:
        mended = repaired(text)
    except CannotRepair as failure:
        _refuse_text(text, failure.at, failure.problem)
    try:
        return _decoded(mended.text), mended.reasons
    except json.JSONDecodeError as error:
        _refuse_text(text, mended.origin(error.pos), error.msg)


def _check_before_decoding(text: str, max_bytes: int) -> None:
    try:
        size = len(text) if text.isascii() or len(text) > max_bytes else len(text.encode())
    except UnicodeEncodeError as error:
        _refuse(
            f"they hold half a character (a lone surrogate) at {place(text, error.start)}", "write whole characters"
        )
    if size > max_bytes:
        _refuse(f"they are larger than {max_bytes:,} bytes", "pass less, or a result's handle in place of its content")
    if depth(text, MAX_DEPTH) > MAX_DEPTH:
        _refuse(f"they nest more than {MAX_DEPTH} levels deep", "flatten them")


def _decoded(text: str) -> Any:
    try:
        value = _DECODER.decode(text)
        if _SURROGATE_ESCAPE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        at = _SURROGATE_ESCAPE.search(text)
        _refuse(
            f"they hold half a character (a lone surrogate) near {place(text, at.start() if at else 0)}",
            "write whole characters, or both halves of the pair",
        )
    except _Repeated as error:
        _refuse(
            f"the key {visible(json.dumps(error.key, ensure_ascii=False), limit=60)} is there twice, "
            f"{place(text, _second(text, error.key))}",
            "write each key once",
        )
    except RecursionError:
        _refuse("they nest too deep", "flatten them")
    return value


class _Repeated(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Repeated(key)
            seen.add(key)
    return value


def _constant(name: str) -> NoReturn:
    _refuse(f"{name} is not a JSON number", "use a finite number, or null where that is allowed")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        _refuse(f"a number has more than {MAX_DIGITS:,} digits", "use a number of ordinary size")
    return int(digits)


def _float(digits: str) -> float:
    if len(digits) > MAX_DIGITS:
        _refuse(f"a number has more than {MAX_DIGITS:,} digits", "use a number of ordinary size")
    number = float(digits)
    if math.isinf(number):
        _refuse(f"{digits[:40]} is too large a number", "use a number of ordinary size")
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float)


def _second(text: str, key: str) -> int:
    """Where `key` stands for the second time in one object of `text`, which is valid JSON."""
    seen: list[set[str]] = []
    last: tuple[str, int] | None = None
    for token in tokens(text):
        mark = token.text if token.kind == "punctuation" else ""
        if mark in {"{", "["}:
            seen.append(set())
        elif mark in {"}", "]"}:
            seen.pop()
        elif mark == ":" and last is not None:
            name = json.loads(last[0])
            if name == key and name in seen[-1]:
                return last[1]
            seen[-1].add(name)
        last = (token.text, token.at) if token.kind == "string" else None
    return 0


def _refuse_kind(value: Any) -> NoReturn:
    kind = {"str": "a string", "list": "a list", "NoneType": "null", "bool": "true or false"}.get(type(value).__name__)
    _refuse(f"they are {kind or 'a number'}, not an object", 'write an object, such as {"name": "value"}')


def _refuse_text(text: str, at: int, problem: str) -> NoReturn:
    _refuse(f"they are not JSON: {problem[:1].lower()}{problem[1:]}: {place(text, at)}", "write one JSON object, whole")


def _refuse(problem: str, hint: str) -> NoReturn:
    raise ArgumentsInvalid(f"the arguments cannot be used: {problem}", hint=hint)
