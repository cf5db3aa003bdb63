"""What a worker prints: counted, and the last of it kept for the message of an error."""

import os
from collections.abc import Callable

from skillkernel.text import visible

_PIECE = 65_536
KEPT_BYTES = 16_000
MOST_BYTES = 1_000_000
"""Bytes that a worker may print from one call to the next."""


class Log:
    """The read end of a worker's stdout and stderr."""

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self._kept = b""
        self._counted = 0
        self.mask: Callable[[str], str] | None = None
        """Takes secrets out, also out of a text that begins within one."""

    def begin(self) -> None:
        """Count from nothing again."""
        self._counted = 0

    @property
    def floods(self) -> bool:
        """Whether more was printed than may be."""
        return self._counted > MOST_BYTES

    def read(self, on_end: Callable[[], None]) -> None:
        """Take one piece of what was printed; `on_end` hears when nobody can print any more."""
        try:
            piece = os.read(self.descriptor, _PIECE)
        except BlockingIOError:
            return
        if not piece:
            on_end()
            return
        self._counted += len(piece)
        self._kept = (self._kept + piece)[-KEPT_BYTES:]

    def tail(self) -> str:
        """What was printed last, escaped."""
        return visible(self._said())

    def last_line(self) -> str:
        """The last line that says something, escaped and cut to fit a message."""
        lines = self._said().split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return visible(said[-200:])

    def _said(self) -> str:
        text = self._kept.decode(errors="backslashreplace")
        return text if self.mask is None else self.mask(text)
