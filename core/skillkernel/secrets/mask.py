"""Recognising secrets in what others wrote, and putting a mark in their place. Pure.

Threat: a skill that returns, raises, reports or prints a secret that it was handed, by mistake or so that the model
passes it on. Recognised are the value as it is, in base64 wherever it stands in the encoded text (so also behind
`user:`), in hexadecimal, percent-encoded, and as JSON, HTML and Python write it in quotes. A skill that means to can
spell it in a way of its own: a mask is no wall. The wall is that a skill with a secret reaches only what was granted.
"""

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeGuard
from urllib.parse import quote, quote_plus

from skillkernel.schema.kinds import is_list, is_object
from skillkernel.text import visible

SHORTEST, LONGEST = 4, 10_000
"""Characters of a value: a shorter one stands in ordinary text by chance, a longer one is no secret but a document."""
_OPEN, _CLOSE = "‹", "›"
_SHORTER_THAN_ANY_SECRET = f"{_OPEN}…{_CLOSE}"
_SHORTEST_PART = 6
"""Characters of a value's end or beginning that are masked where a text was cut off in it."""
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")
_PERCENT = re.compile("%[0-9A-F]{2}")


def value_problem(value: str) -> str:
    """Why `value` cannot be kept as a secret, in words that do not hold it; empty when it can."""
    if not value:
        return "it is empty"
    if len(value) < SHORTEST:
        return f"it has fewer than {SHORTEST} characters, so it could not be told from ordinary text and masked"
    if len(value) > LONGEST:
        return f"it has more than {LONGEST:,} characters"
    for place, char in enumerate(value, 1):
        if ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0:
            return f"character {place} is a control character (U+{ord(char):04X})"
        if 0xD800 <= ord(char) < 0xE000:
            return f"character {place} is no character at all: it has to be UTF-8"
        if char in (_OPEN, _CLOSE):
            return f"character {place} is {char}, which marks where a secret was masked"
    return ""


class _Needle(NamedTuple):
    """A text that gives a secret away; in base64 a neighbour on either side holds some bits of it too."""

    text: str
    mark: str
    before: bool = False
    after: bool = False


_IN_NO_NEEDLE = "\n"
"""No value has a control character, and no spelling makes one."""


class _Span(NamedTuple):
    start: int
    end: int
    mark: str


class Mask:
    """What to look for: (name, value) pairs of secrets, each value without a `value_problem`.

    Time is linear in the length of the text for each secret. What a method returns holds no value of a secret.
    """

    __slots__ = ("_needles", "_numbers", "_values")

    def __init__(self, secrets: Iterable[tuple[str, str]]) -> None:
        pairs = list(secrets)
        values = [value for _, value in pairs]
        found: dict[str, _Needle] = {}
        for name, value in pairs:
            mark = _mark(name, values)
            for needle in _needles(value, mark):
                found.setdefault(needle.text, needle)
        self._needles = tuple(found.values())
        self._values = tuple((value, _mark(name, values)) for name, value in pairs)
        # A whole float is found as the int that it equals.
        self._numbers: dict[float, str] = {
            int(value): mark
            for value, mark in self._values
            if len(value) < 100 and value.isascii() and value.isdigit() and value[0] != "0"
        }

    def text(self, text: str) -> str:
        """The text with a mark in the place of each secret."""
        return _replaced(text, list(self._spans(text)))

    def cut(self, text: str) -> str:
        """The same for a text that may have been cut off: what it begins or ends with may be a part of a secret."""
        return _replaced(text, [*self._spans(text), *self._ends(text)])

    def settled(self, text: str) -> int:
        """How many characters of a text that goes on later are no part of a secret which may only be complete then."""
        spans = sorted(self._spans(text), reverse=True)
        first = min((self._beginning(needle, text) for needle in self._needles), default=len(text))
        for start, end, _ in spans:
            if start < first < end or end == len(text):
                first = min(first, start)
        return first

    def json(self, value: Any) -> Any:
        """A JSON value with every string, key and number in it masked."""
        # One look at everything instead of one a string: a result with nothing to mask is the ordinary case.
        texts = list(_texts(value))
        joined = _IN_NO_NEEDLE.join(text for text in texts if isinstance(text, str))
        hidden = any(needle.text in joined for needle in self._needles)
        if hidden or any(text in self._numbers for text in texts if not isinstance(text, str)):
            return self._masked(value)
        return value

    def _masked(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if is_object(value):
            return {self.text(key): self._masked(part) for key, part in value.items()}
        if is_list(value):
            return [self._masked(part) for part in value]
        return self._numbers.get(value, value) if _is_number(value) else value

    def _spans(self, text: str) -> Iterator[_Span]:
        for needle in self._needles:
            start = text.find(needle.text)
            while start >= 0:
                end = start + len(needle.text)
                first = start - (needle.before and start > 0 and text[start - 1] in _BASE64)
                last = end + (needle.after and end < len(text) and text[end] in _BASE64)
                yield _Span(first, last, needle.mark)
                start = text.find(needle.text, end)

    @staticmethod
    def _beginning(needle: _Needle, text: str) -> int:
        """Where the text ends in a beginning of the needle; else the text's length."""
        start = text.find(needle.text[0], max(0, len(text) - len(needle.text) + 1))
        while start >= 0:
            if needle.text.startswith(text[start:]):
                return start
            start = text.find(needle.text[0], start + 1)
        return len(text)

    def _ends(self, text: str) -> Iterator[_Span]:
        for value, mark in self._values:
            longest = min(len(value) - 1, len(text))
            head = next((n for n in range(longest, _SHORTEST_PART - 1, -1) if text.startswith(value[-n:])), 0)
            if head:
                yield _Span(0, head, mark)
            tail = next((n for n in range(longest, _SHORTEST_PART - 1, -1) if text.endswith(value[:n])), 0)
            if tail:
                yield _Span(len(text) - tail, len(text), mark)


def _texts(value: Any) -> Iterator[str | float]:
    """Every string, key and number of a JSON value."""
    waiting: list[Any] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str) or _is_number(each):
            yield each
        elif is_object(each):
            yield from each
            waiting += each.values()
        elif is_list(each):
            waiting += each


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _mark(name: str, values: list[str]) -> str:
    """What stands for the secret: its name, unless that itself would give a secret away."""
    mark = f"{_OPEN}secret {name}{_CLOSE}"
    return _SHORTER_THAN_ANY_SECRET if any(value in mark for value in values) else mark


def _needles(value: str, mark: str) -> Iterator[_Needle]:
    raw = value.encode()
    percent = (quote(value, safe=""), quote(value), quote_plus(value))
    written = (
        value,
        raw.hex(),
        raw.hex().upper(),
        *percent,
        *(_PERCENT.sub(lambda code: code[0].lower(), text) for text in percent),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        value.replace("/", r"\/"),
        repr(value)[1:-1],
        html.escape(value),
        html.escape(value, quote=False),
        visible(value),
    )
    for text in written:
        yield _Needle(text, mark)
    for shift in range(3):
        encoded = b64encode(bytes(shift) + raw).decode()
        whole = 8 * (shift + len(raw))
        core = encoded[-(-8 * shift // 6) : whole // 6]
        for text in (core, core.translate(_URL_SAFE)):
            yield _Needle(text, mark, before=shift != 0, after=whole % 6 != 0)


_URL_SAFE = str.maketrans("+/", "-_")


def _replaced(text: str, spans: list[_Span]) -> str:
    if not spans:
        return text
    pieces: list[str] = []
    done = 0
    for start, end, mark in sorted(spans):
        if start >= done:
            pieces += (text[done:start], mark)
        done = max(done, end)
    return "".join([*pieces, text[done:]])
