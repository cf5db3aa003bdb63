"""From tokens to a tree, by precedence climbing (Pratt): sums, products, signs, powers, then what follows a value."""

from dataclasses import dataclass
from fractions import Fraction

from skill_calculator.reading import Token, tokens_of
from skillkernel import ToolError

DEEPEST = 50
"""Levels of brackets and signs inside each other."""

_SUM, _PRODUCT, _SIGN, _POWER, _POSTFIX = 10, 20, 25, 30, 40
_INFIX = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "//": _PRODUCT, "mod": _PRODUCT, "^": _POWER}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator or a function with what it is applied to; `%` alone is a percentage, `mod` a remainder."""

    name: str
    operands: "tuple[Node, ...]"
    place: int


Node = Number | Apply


def parse(expression: str) -> Node:
    """Return the expression as a tree; raise `ToolError` with the place of the first mistake."""
    parser = _Parser(tokens_of(expression))
    tree = parser.expression(0)
    if parser.now.kind != "end":
        raise ToolError(f"{parser.now.text!r} at character {parser.now.place} follows nothing that it belongs to")
    return tree


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def now(self) -> Token:
        return self._tokens[self._at]

    def expression(self, binding: int) -> Node:
        """Everything that binds at least as tightly as `binding`."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise ToolError(f"the expression is nested more than {DEEPEST} levels deep: split it")
        left = self._operand()
        while True:
            extended = self._extended(left, binding)
            if extended is None:
                break
            left = extended
        self._depth -= 1
        return left

    def _extended(self, left: Node, binding: int) -> Node | None:
        """`left` with the next operator and its right side; None when that belongs further out."""
        operator = self._operator()
        if operator in ("!", "%", "°"):
            return self._applied(operator, left) if binding <= _POSTFIX else None
        strength = _INFIX.get(operator)
        if strength is None or strength < binding:
            return None
        place = self.now.place
        if not self._operand_is_next():  # `2pi` and `2(3+4)` multiply without a sign
            self._at += 1
        right = self.expression(strength if operator == "^" else strength + 1)
        return Apply(operator, (left, right), place)

    def _operator(self) -> str:
        """What the next token does after a value; `%` before another value is a remainder."""
        if self._operand_is_next():
            return "*"
        if self.now.kind == "operator" and self.now.text == "%":
            self._at += 1
            remainder = self._operand_is_next()
            self._at -= 1
            return "mod" if remainder else "%"
        return self.now.text if self.now.kind == "operator" else ""

    def _operand_is_next(self) -> bool:
        return self.now.kind in ("number", "name") or (self.now.kind == "operator" and self.now.text in ("(", "√"))

    def _applied(self, operator: str, operand: Node) -> Node:
        place = self.now.place
        self._at += 1
        return Apply(operator, (operand,), place)

    def _operand(self) -> Node:
        token = self.now
        self._at += 1
        if token.kind == "number":
            if self.now.kind == "number":
                raise ToolError(
                    f"{self.now.text!r} at character {self.now.place} follows another number: what joins them?"
                )
            return Number(token.value)
        if token.kind == "name":
            return Apply(token.text.lower(), self._arguments() if self.now.text == "(" else (), token.place)
        if token.text == "(":
            inner = self.expression(0)
            self._close(token)
            return inner
        if token.text in ("+", "-"):
            return Apply("negative" if token.text == "-" else "positive", (self.expression(_SIGN),), token.place)
        if token.text == "√":
            return Apply("sqrt", (self.expression(_POSTFIX),), token.place)
        what = f"{token.text!r} at character {token.place}" if token.text else "the end"
        raise ToolError(f"a number is missing before {what}")

    def _arguments(self) -> tuple[Node, ...]:
        opened = self.now
        self._at += 1
        arguments: list[Node] = []
        if self.now.text != ")":
            arguments.append(self.expression(0))
            while self.now.text == ",":
                self._at += 1
                arguments.append(self.expression(0))
        self._close(opened)
        return tuple(arguments)

    def _close(self, opened: Token) -> None:
        if self.now.text != ")":
            raise ToolError(f"the bracket at character {opened.place} is not closed")
        self._at += 1
