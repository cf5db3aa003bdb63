"""JSON as it is written: its tokens, however careless, and where in the text something is wrong."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from skillkernel.text import visible

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\n\ufeff\xa0]+)
  | (?P<string>"(?:[^"\\]++|\\.)*+")
  | (?P<single>'(?:[^'\\]++|\\.)*+')
  | (?P<punctuation>[\[\]{},:])
  | (?P<comment>//[^\n]*|\#[^\n]*|/\*(?s:.*?)\*/)
  | (?P<cut>["']|/\*)
  | (?P<word>[^\s\[\]{},:"'/\#]++)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_AROUND = 24


class Token(NamedTuple):
    """A piece of the text; `kind` is a group of the pattern above."""

    kind: str
    text: str
    at: int


def tokens(text: str) -> Iterator[Token]:
    """Every piece of `text` but spaces, in linear time; a quote or comment that never closes is a `cut` to the end."""
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            return
        if match.lastgroup == "cut":
            yield Token("cut", text[position:], position)
            return
        if match.lastgroup != "space":
            yield Token(match.lastgroup, match[0], position)
        position = match.end()


def depth(text: str, most: int) -> int:
    """How deep brackets nest outside strings; stops counting above `most`."""
    if text.count("{") + text.count("[") <= most:
        return 0
    level = deepest = 0
    for token in tokens(text):
        if token.text in "[{" and token.kind == "punctuation":
            level += 1
            deepest = max(deepest, level)
            if deepest > most:
                break
        elif token.text in "]}" and token.kind == "punctuation":
            level -= 1
    return deepest


def place(text: str, at: int) -> str:
    """`line 1, column 15, at {"title": "x" >>> "start"`: where offset `at` is, marked in what stands around it."""
    at = min(max(at, 0), len(text))
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    before = ("…" if at > _AROUND else "") + visible(text[max(at - _AROUND, 0) : at])
    after = visible(text[at : at + _AROUND]) + ("…" if len(text) > at + _AROUND else "")
    return f"line {line}, column {column}, at {before} >>> {after or 'the end'}"
