"""What a sandboxed process prints, passed on as it comes and made safe for a terminal: of escapes, colours alone."""

import codecs
import re
from typing import IO

from skillkernel.text import visible

_COLOUR = re.compile(r"(\x1b\[[0-9;]{0,20}m)")
_BEGUN = re.compile(r"\x1b(\[[0-9;]{0,20})?\Z")


class SafeStream:
    """Pieces of bytes in, safe text out; a character or a colour that is cut in two waits for its end."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._waiting = ""

    def write(self, piece: bytes) -> None:
        """Print what can be printed by now."""
        self._print(self._decoder.decode(piece), last=False)

    def close(self) -> None:
        """Print the rest."""
        self._print(self._decoder.decode(b"", final=True), last=True)

    def _print(self, more: str, *, last: bool) -> None:
        text = self._waiting + more.replace("\r\n", "\n")
        begun = None if last else _BEGUN.search(text)
        self._waiting = text[begun.start() :] if begun else ""
        text = text[: begun.start()] if begun else text
        if not text:
            return
        parts = _COLOUR.split(text)
        self._out.write("".join(part if _COLOUR.fullmatch(part) else visible(part, lines=True) for part in parts))
        self._out.flush()
