"""Careless JSON as strict JSON, token by token: nothing is guessed, nothing is lost.

The tokens of the text are written anew in JSON's spelling and go through the same strict decoder as any other text,
so a duplicate key or NaN is refused after a repair as before it. What would need a guess is not repaired: a string,
number or word cut off at the end, a missing comma, two values side by side. (json_repair, which guesses, turned
`'it''s'` into `it`, kept the last of two equal keys, and took 176 s for 64 kB of `{"a"`.)
"""

import json
import re
from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

from skillkernel.json_text import Token, tokens

_FENCE = "```"
_LANGUAGE = re.compile(r"[a-zA-Z0-9]{0,20}(?=[\s{\[\"])")
_PYTHON = {"True": "true", "False": "false", "None": "null"}
_NAME = re.compile(r"[A-Za-z_$][\w$-]*")
_CLOSER = {"{": "}", "[": "]"}
_COMMAS = "trailing commas were left out"
_RAW_CONTROL = re.compile(r"[\x00-\x1f]")


class Repaired(NamedTuple):
    """Text in JSON's own spelling, and what was changed to get there."""

    text: str
    reasons: tuple[str, ...]
    origins: tuple[tuple[int, int], ...]
    """Where each piece starts in `text`, and where the token that it was made of starts in the original."""

    def origin(self, at: int) -> int:
        """The offset in the original of what stands at `at` in `text`."""
        index = bisect_right(self.origins, (at, len(self.text) * 2)) - 1
        return self.origins[max(index, 0)][1] if self.origins else 0


class CannotRepair(Exception):
    """`at` is the offset at which a repair would be a guess; `problem` says why."""

    def __init__(self, problem: str, at: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.at = at


def unfenced(text: str) -> str:
    """What stands inside the one code fence that is all of `text`, else `text`."""
    body = text.strip()
    inner = body[len(_FENCE) : -len(_FENCE)]
    if not (body.startswith(_FENCE) and body.endswith(_FENCE)) or _FENCE in inner:
        return text
    language = _LANGUAGE.match(inner)
    return inner[language.end() :] if language else inner


def repaired(text: str) -> Repaired:
    """Respell `text`; raise `CannotRepair`. Time is linear in its length."""
    inner = unfenced(text)
    start = text.find(inner)
    writer = _Writer()
    if inner != text:
        writer.reasons["the code fence around it was taken off"] = None
    try:
        for token in tokens(inner):
            writer.write(token)
        writer.finish(len(inner))
    except CannotRepair as error:
        raise CannotRepair(error.problem, error.at + start) from None
    starts = accumulate((len(piece) for piece in writer.out), initial=0)
    origins = tuple(zip(starts, (at + start for at in writer.origins), strict=False))
    return Repaired("".join(writer.out), tuple(writer.reasons), origins)


class _Writer:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.origins: list[int] = []
        self.reasons: dict[str, None] = {}
        self._open: list[str] = []
        self._comma: int | None = None
        self._last: Token | None = None

    def write(self, token: Token) -> None:
        if token.kind == "comment":
            self.reasons["comments were left out"] = None
            return
        if self._last is not None and not self._open and token.text in {"}", "]"}:
            self.reasons["brackets after the end were left out"] = None
            return
        if token.kind == "punctuation":
            self._punctuation(token)
        else:
            self._value(token)
        self._last = token

    def finish(self, end: int) -> None:
        """Close what is open, if the text ends after a whole value and not in the middle of something."""
        if not self._open:
            if self._comma is not None:
                self.reasons[_COMMAS] = None
            return
        last = self._last
        whole = last is not None and (last.kind in {"string", "single"} or last.text in {"}", "]"})
        whole = whole or (last is not None and last.text in {*_PYTHON, "true", "false", "null"})
        if not whole or self._comma is not None:
            raise CannotRepair("it is cut off in the middle", end)
        missing = "".join(_CLOSER[bracket] for bracket in reversed(self._open))
        self._put(missing, end)
        self.reasons[f"the missing {missing} was added at the end"] = None

    def _punctuation(self, token: Token) -> None:
        if token.text == ",":
            self._flush()
            self._comma = token.at
            return
        if token.text in {"}", "]"}:
            if not self._open or _CLOSER[self._open.pop()] != token.text:
                raise CannotRepair(f"{token.text} closes nothing", token.at)
            if self._comma is not None:
                self.reasons[_COMMAS] = None
                self._comma = None
        else:
            self._flush()
        if token.text in _CLOSER:
            self._open.append(token.text)
        self._put(token.text, token.at)

    def _value(self, token: Token) -> None:
        self._flush()
        match token.kind:
            case "string":
                self._put(self._plain(token.text), token.at)
            case "single":
                self.reasons["single quotes were made double"] = None
                self._put(self._plain(_double_quoted(token.text)), token.at)
            case "word":
                self._put(self._word(token), token.at)
            case "cut":
                raise CannotRepair("a string or comment starts here and never ends", token.at)
            case _:
                raise CannotRepair(f"{token.text!r} is not JSON", token.at)

    def _flush(self) -> None:
        if self._comma is not None:
            self._put(",", self._comma)
            self._comma = None

    def _put(self, piece: str, origin: int) -> None:
        self.out.append(piece)
        self.origins.append(origin)

    def _word(self, token: Token) -> str:
        if token.text in _PYTHON:
            self.reasons["Python's True, False and None were respelled"] = None
            return _PYTHON[token.text]
        is_key = bool(self._open) and self._open[-1] == "{" and self.out[-1] in {"{", ","}
        if is_key and _NAME.fullmatch(token.text):
            self.reasons["quotes were put around keys"] = None
            return json.dumps(token.text, ensure_ascii=False)
        return token.text

    def _plain(self, text: str) -> str:
        if _RAW_CONTROL.search(text):
            self.reasons["raw line breaks and tabs in strings were escaped"] = None
            return _RAW_CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
        return text


def _double_quoted(text: str) -> str:
    """A single-quoted string in double quotes; every escape but that of the single quote stays as it is."""
    return '"' + re.sub(r"\\.|\"", _requoted, text[1:-1], flags=re.DOTALL) + '"'


def _requoted(match: re.Match[str]) -> str:
    return {"\\'": "'", '"': '\\"'}.get(match[0], match[0])
