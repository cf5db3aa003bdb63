"""Bytes to JSON values, strictly: what two readers could understand differently is refused.

Refused before anything is built: over `SIZE_LIMIT`, not UTF-8, a byte order mark, nested over `DEPTH_LIMIT`. Refused
while reading: a key that is there twice, NaN and Infinity, numbers of absurd length.
"""

import json
import math
from typing import Any

from skillkernel.json_text import depth, place
from skillkernel.text import visible

SIZE_LIMIT = 1_000_000
"""Bytes of a skill.json."""
DEPTH_LIMIT = 64
"""Brackets inside brackets of a skill.json; a tool's schema in it may take 32."""


class NotJson(Exception):
    """Bytes that are not the JSON asked for; `problems` holds one line each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read_json(data: bytes) -> Any:
    """The value in these bytes; raise `NotJson`."""
    if len(data) > SIZE_LIMIT:
        raise NotJson(f"the file is larger than {SIZE_LIMIT:,} bytes")
    if data.startswith(b"\xef\xbb\xbf"):
        raise NotJson("the file begins with a byte order mark; save it as UTF-8 without one")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NotJson(f"line {line}: the byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8") from None
    if not text.strip():
        raise NotJson("the file is empty")
    if depth(text, DEPTH_LIMIT) > DEPTH_LIMIT:
        raise NotJson(f"brackets are nested deeper than {DEPTH_LIMIT}")
    return _decoded(text)


def _decoded(text: str) -> Any:
    problems: list[str] = []

    def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) < len(pairs):
            keys = [key for key, _ in pairs]
            problems.extend(
                f"the key {visible(key, limit=60)!r} appears twice in one object"
                for key in built
                if keys.count(key) > 1
            )
        return built

    def constant(name: str) -> None:
        problems.append(f"{name} is not JSON")

    def integer(digits: str) -> int:
        if len(digits) > 100:
            problems.append(f"a number of {len(digits)} digits")
            return 0
        return int(digits)

    def real(digits: str) -> float:
        number = float(digits)
        if math.isinf(number):
            problems.append(f"the number {digits:.40} is too large")
            return 0.0
        return number

    try:
        value = json.loads(text, object_pairs_hook=table, parse_constant=constant, parse_int=integer, parse_float=real)
    except json.JSONDecodeError as error:
        raise NotJson(f"{place(text, error.pos)}: {error.msg[0].lower()}{error.msg[1:]}") from None
    if problems:
        raise NotJson(*problems)
    return value
