"""Patterns with wildcards, matched in time linear in the text.

`?` is one character, `*` a run of them, `**` a run without bounds. How far `?` and `*` reach depends on what a match
would do. Where it refuses or asks, they stand for anything. Where it allows (`narrow`), they stand for letters,
digits, marks, spaces and `_ - . + : '` alone, so that they never reach over what ends a name, an address, a path's
part or a command: `*@example.org` is not `evil@x.org,sam@example.org`, `https://*.example.org` not
`https://evil.org/.example.org`. And a text with `..` as a path's part fits no wildcard that allows, not even `**`.
"""

import re
from enum import Enum
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple

_NARROW = r"[\p{L}\p{M}\p{N} _\-.+:']"
_WIDE = r"(?s:.)"
_CLIMBS = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)")


class Wild(Enum):
    """A wildcard; no kind of string, so that it never equals the star of a text."""

    ONE = "?"
    RUN = "*"
    ANYTHING = "**"


class Glob(NamedTuple):
    """A pattern: literal texts (in NFC, none empty, no two side by side) and wildcards."""

    parts: tuple[str | Wild, ...]

    @property
    def literal(self) -> str | None:
        """The one text that it stands for, or None when it has a wildcard."""
        match self.parts:
            case ():
                return ""
            case (str(text),):
                return text
            case _:
                return None

    @property
    def shown(self) -> str:
        """The pattern without escapes, for a message."""
        return "".join(part.value if isinstance(part, Wild) else part for part in self.parts)

    @property
    def is_anything(self) -> bool:
        """Whether it is a lone `*` or `**`: whatever the value is."""
        return self.parts in ((Wild.RUN,), (Wild.ANYTHING,))


def matches(glob: Glob, text: str, *, narrow: bool) -> bool:
    """Whether the whole of `text` (in NFC) fits, case and all."""
    literal = glob.literal
    if literal is not None:
        return text == literal
    if glob.is_anything:
        return True
    if narrow and _CLIMBS.search(text):
        return False
    return _engine(glob, narrow).fullmatch(text.encode(errors="replace")) is not None


@lru_cache(maxsize=1_024)
def _engine(glob: Glob, narrow: bool) -> Any:
    re2: Any = import_module("re2")  # its wheel carries no types
    options: Any = re2.Options()
    options.log_errors = False
    options.never_capture = True
    return re2.compile("".join(_as_expression(part, narrow) for part in glob.parts), options)


def _as_expression(part: str | Wild, narrow: bool) -> str:
    one = _NARROW if narrow else _WIDE
    match part:
        case Wild.ONE:
            return one
        case Wild.RUN:
            return f"{one}*"
        case Wild.ANYTHING:
            return f"{_WIDE}*"
        case _:
            return "".join(f"\\x{{{ord(char):x}}}" for char in part)
