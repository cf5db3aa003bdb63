"""From what people write to tokens: `1 234,5 : 2²` is the number 1234.5, a division, 2, a power, 2.

A comma that could mean either is refused and not guessed: two readings of `1,234` differ by a factor of a thousand.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from skillkernel import ToolError

LONGEST_EXPRESSION = 1000
LARGEST_EXPONENT = 4000
"""Of ten, in a number written like 1e6."""

Kind = Literal["number", "name", "operator", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of an expression; `value` is set for a number alone, `place` counts characters from 1."""

    kind: Kind
    text: str
    place: int
    value: Fraction = Fraction()


_SAME = str.maketrans(
    {
        **dict.fromkeys("\u00d7\u00b7\u2219\u22c5\u2217\u2715\u2716", "*"),
        **dict.fromkeys("\u00f7\u2236\u2044\u2215:", "/"),
        **dict.fromkeys("\u2212\u2013\u2014", "-"),
        **dict.fromkeys("[{", "("),
        **dict.fromkeys("]}", ")"),
        **dict.fromkeys("\u2019\u00b4`", "'"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\t\n\r", " "),
    }
)
_WORDS = {"of": "*", "mod": "mod", "π": "pi"}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_PIECE = re.compile(
    r"(?P<space> +)"
    r"|(?P<raised>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?P<times>[xX](?![^\W\d_]))"
    r"|(?P<name>π|[^\W\d_]+[0-9]*)"
    r"|(?P<operator>\*\*|//|[-+*/^(),;!%√°])"
)
_DIGITS = {
    True: re.compile(r"(?P<digits>\d+(?:[ '_]\d+)*(?:\.\d+)?|\.\d+)(?:[eE](?P<exponent>[+-]?\d+))?"),
    False: re.compile(r"(?P<digits>\d+(?:[ '_,.]\d+)*|[.,]\d+)(?:[eE](?P<exponent>[+-]?\d+))?"),
}
"""By whether it stands inside the brackets of a function, where a comma parts the arguments."""


def tokens_of(expression: str) -> list[Token]:
    """Return the tokens, an `end` last; raise `ToolError` with the place of what cannot be read."""
    if len(expression) > LONGEST_EXPRESSION:
        raise ToolError(f"the expression has {len(expression)} characters, more than {LONGEST_EXPRESSION}: split it")
    text = "".join(_decimal_digit(letter) for letter in expression.translate(_SAME)).rstrip(" =?")
    tokens = [*_tokens(text), Token("end", "", len(text) + 1)]
    if len(tokens) == 1:
        raise ToolError("the expression is empty: write what to calculate, such as 12 * 7")
    return tokens


def _decimal_digit(letter: str) -> str:
    value = unicodedata.decimal(letter, None)
    return letter if value is None else str(value)


def _tokens(text: str) -> Iterator[Token]:
    at, brackets, last = 0, list[bool](), ""
    while at < len(text):
        number = _DIGITS[any(brackets)].match(text, at)
        piece = number or _PIECE.match(text, at)
        if piece is None:
            raise ToolError(f"{text[at]!r} at character {at + 1} has no meaning in an expression")
        said = piece[0]
        if number is not None:
            yield Token("number", said, at + 1, _number(number["digits"], number["exponent"] or "0", at + 1))
        elif piece["raised"]:
            yield Token("operator", "^", at + 1)
            yield Token("number", said, at + 1, Fraction(int(said.translate(_RAISED))))
        elif piece["times"]:
            yield Token("operator", "*", at + 1)
        elif piece["name"]:
            word = _WORDS.get(said, said)
            yield Token("operator" if word in ("*", "mod") else "name", word, at + 1)
        elif piece["operator"]:
            if said == "(":
                brackets.append(last.isalpha() and last not in ("x", "X", "of", "mod"))
            elif said == ")" and brackets:
                brackets.pop()
            yield Token("operator", {"**": "^", ";": ","}.get(said, said), at + 1)
        last = last if piece.lastgroup == "space" else said
        at = piece.end()


def _number(digits: str, exponent: str, place: int) -> Fraction:
    if abs(int(exponent[:8])) > LARGEST_EXPONENT:
        raise ToolError(f"the number at character {place} is beyond 10^{LARGEST_EXPONENT}")
    return Fraction(f"{_with_point(digits, place)}e{exponent}")


def _with_point(digits: str, place: int) -> str:
    """The same number without grouping and with a decimal point."""
    groups = re.split(r"[ '_,.]", digits)
    marks = re.findall(r"[ '_,.]", digits)
    points = [mark for mark in marks if mark in ",."]
    grouped = len(marks) > len(points)
    decimal = 0
    if points and (
        points[-1] != points[0] or (len(points) == 1 and (points[0] == "." or not _thousands(groups, grouped)))
    ):
        decimal = 1
    elif len(points) == 1:
        whole, part = groups
        raise ToolError(
            f"{digits!r} at character {place} is {whole}{part} to some and {whole}.{part} to others: "
            "write it without a comma"
        )
    whole_groups = groups[: len(groups) - decimal]
    if len(set(marks[: len(marks) - decimal])) > 1 or not _well_grouped(whole_groups, marks):
        raise ToolError(f"{digits!r} at character {place} is not one number: put an operator between two")
    return "".join(whole_groups) + ("." + groups[-1] if decimal else "")


def _thousands(groups: list[str], grouped: bool) -> bool:
    """Whether a single comma may part thousands: `1,234`, but not `0,234`, `12345,678`, `3,5` or `1 234,567`."""
    first, *rest = groups
    return not grouped and len(rest[-1]) == 3 and 0 < len(first) <= 3 and not first.startswith("0")


def _well_grouped(groups: list[str], marks: list[str]) -> bool:
    if len(groups) == 1 or "_" in marks:
        return True
    return 1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
