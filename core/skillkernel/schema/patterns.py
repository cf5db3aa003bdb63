"""Regular expressions of a schema, on an engine whose time is linear in the text.

Python's own engine takes seconds for `^(a+)+$`; RE2 refuses what it cannot run in linear time (look-around,
back-references). Linear still means pattern times text, so that product is bounded for each evaluation.
"""

import re
import threading
from functools import lru_cache
from importlib import import_module
from typing import Any, Protocol

MAX_PATTERN = 1_000
"""Characters of one pattern."""
MAX_WORK = 50_000_000
"""Instructions of a pattern times characters of text in one evaluation, about a second; what is left does not match."""
_ENGINE_BYTES = 1 << 18
_ECMA_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u([0-9a-fA-F]{4})")


class Pattern(Protocol):
    """A compiled pattern, asked whether it occurs in a text."""

    @property
    def programsize(self) -> int:
        """Instructions: each may be looked at once for each byte of the text."""
        ...

    def search(self, text: bytes) -> object | None:
        """The match, or None."""
        ...


class _Work(threading.local):
    left = MAX_WORK


_work = _Work()


def start_counting() -> None:
    """Begin one evaluation."""
    _work.left = MAX_WORK


@lru_cache(maxsize=512)
def compiled(pattern: str) -> Pattern:
    """Compile an ECMA-262 pattern as far as RE2 knows it; raise `ValueError` saying what it does not know."""
    re2: Any = import_module("re2")  # its wheel carries no types
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"is longer than {MAX_PATTERN} characters")
    options: Any = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = _ENGINE_BYTES
    try:
        engine: Pattern = re2.compile(_ECMA_ESCAPE.sub(r"\1\\x{\2}", pattern), options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if error.args else error
        raise ValueError(reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)) from None
    return engine


def occurs(pattern: str, text: str) -> bool:
    """Whether `pattern` (already compiled once, so known to be good) is found anywhere in `text`."""
    engine = compiled(pattern)
    _work.left -= engine.programsize * len(text)
    return _work.left >= 0 and engine.search(text.encode(errors="surrogatepass")) is not None
