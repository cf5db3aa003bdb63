"""The value of an expression: exact as long as it can be (`Fraction`), else to fifty digits (`Decimal`).

Nothing is computed before its size is known to be bearable, so 9^9^9 is refused and not tried.
"""

import decimal
import math
import operator
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from skill_calculator.grammar import Apply, Node, Number, parse
from skill_calculator.irrational import NAMED, PI, irrational
from skillkernel import ToolError

Value = Fraction | Decimal
"""Exact, or rounded to fifty digits."""

LARGEST_BITS = 14_000
"""Of a numerator or denominator: some 4,200 digits."""
LARGEST_FACTORIAL = 1500
_ROOTS = 64
_CONTEXT = decimal.Context(prec=50, Emax=100_000, Emin=-100_000)


def value_of(expression: str) -> Value:
    """Return the value; raise `ToolError` with what is wrong with the expression, or why it has no value."""
    with decimal.localcontext(_CONTEXT):
        try:
            return _value(parse(expression))
        except decimal.Overflow:
            raise too_large() from None
        except decimal.DecimalException:
            raise ToolError("the expression has no value as a real number") from None


def too_large() -> ToolError:
    """The error for a number that would be too long to be of use."""
    return ToolError("the result would have more than 4000 digits: ask for something smaller")


def _value(node: Node) -> Value:
    if isinstance(node, Number):
        return node.value
    name, operands = node.name, node.operands
    if name in ("+", "-") and isinstance(operands[1], Apply) and operands[1].name == "%":
        whole = _value(operands[0])
        return _checked(_binary(name, whole, _binary("*", whole, _value(operands[1]))))
    values = [_value(operand) for operand in operands]
    if name in NAMED and not values:
        return NAMED[name]
    if (name == "^" or name in _OPERATIONS) and len(values) == 2:
        return _checked(_binary(name, *values))
    function = _FUNCTIONS.get(name)
    if function is None:
        raise ToolError(f"{node.name!r} at character {node.place} is unknown; there are {', '.join(sorted(_OFFERED))}")
    fewest, most, compute = function
    if not fewest <= len(values) <= most:
        raise ToolError(f"{name} at character {node.place} takes {_count(fewest, most)}, not {len(values)}")
    return _checked(compute(values))


def _count(fewest: int, most: int) -> str:
    if fewest == most:
        return "one value" if most == 1 else f"{most} values"
    return f"{fewest} or more values" if most > 2 else f"{fewest} or {most} values"


def _checked(value: Value) -> Value:
    if isinstance(value, Fraction) and max(value.numerator.bit_length(), value.denominator.bit_length()) > LARGEST_BITS:
        raise too_large()
    return value


def as_decimal(value: Value) -> Decimal:
    """The value rounded to the context's digits."""
    return value if isinstance(value, Decimal) else Decimal(value.numerator) / Decimal(value.denominator)


def _binary(name: str, left: Value, right: Value) -> Value:
    if name == "^":
        return _power(left, right)
    if name in ("/", "//", "mod") and right == 0:
        raise ToolError("division by zero: check what is divided by")
    if not (isinstance(left, Fraction) and isinstance(right, Fraction)):
        left, right = as_decimal(left), as_decimal(right)
    return _OPERATIONS[name](left, right)


def _divided(left: Any, right: Any) -> Value:
    return left / right  # type: ignore[no-any-return] # two Fractions or two Decimals, as _binary made them


def _divided_down(left: Value, right: Value) -> Value:
    return _whole([_binary("/", left, right)], math.floor)


def _remainder(left: Value, right: Value) -> Value:
    return _binary("-", left, _binary("*", right, _divided_down(left, right)))


_OPERATIONS: dict[str, Callable[[Any, Any], Value]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
    "//": _divided_down,
    "mod": _remainder,
}


def _power(base: Value, exponent: Value) -> Value:
    if base == 0 and exponent < 0:
        raise ToolError("zero to a negative power is a division by zero")
    if isinstance(base, Fraction) and isinstance(exponent, Fraction):
        if exponent.denominator == 1:
            return _whole_power(base, exponent.numerator)
        if base < 0 and exponent.denominator % 2 == 0:
            raise ToolError("an even root of a negative number is not a real number")
        root = _exact_root(abs(base), exponent.denominator)
        if root is not None:
            return _whole_power(root if base > 0 else -root, exponent.numerator)
        sign = -1 if base < 0 and exponent.numerator % 2 else 1
        return sign * as_decimal(abs(base)) ** as_decimal(exponent)
    if base < 0:
        raise ToolError("a negative number to a power that is not exact is not a real number")
    return as_decimal(base) ** as_decimal(exponent)


def _whole_power(base: Fraction, exponent: int) -> Fraction:
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if bits > 1 and (bits - 1) * abs(exponent) > LARGEST_BITS:
        raise too_large()
    if abs(base) == 1 or base == 0:
        exponent = exponent % 2 if base < 0 else min(exponent, 1)
    return base**exponent


def _exact_root(value: Fraction, degree: int) -> Fraction | None:
    """The root when it is a fraction itself; None when it is irrational or of too high a degree to try."""
    if degree > _ROOTS:
        return None
    roots = [_whole_root(part, degree) for part in (value.numerator, value.denominator)]
    return Fraction(roots[0], roots[1]) if roots[0] is not None and roots[1] is not None else None


def _whole_root(value: int, degree: int) -> int | None:
    root = math.isqrt(value) if degree == 2 else _floor_root(value, degree)
    return root if root**degree == value else None


def _floor_root(value: int, degree: int) -> int:
    low, high = 0, 1 << (value.bit_length() // degree + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**degree <= value else (low, middle - 1)
    return low


def _root(values: Sequence[Value]) -> Value:
    value, degree = values[0], values[1] if len(values) > 1 else Fraction(2)
    if degree == 0:
        raise ToolError("there is no zeroth root")
    return _power(value, _binary("/", Fraction(1), degree))


def _factorial(values: Sequence[Value]) -> Value:
    number = values[0]
    if not isinstance(number, Fraction) or number.denominator != 1 or number < 0:
        raise ToolError("a factorial is of a whole number from 0 on")
    if number > LARGEST_FACTORIAL:
        raise too_large()
    return Fraction(math.factorial(number.numerator))


def _whole(values: Sequence[Value], toward: Callable[[Value], int]) -> Value:
    if isinstance(values[0], Decimal) and values[0].adjusted() > 40:
        raise ToolError("the number is too large to be rounded after an inexact step")
    return Fraction(toward(values[0]))


def _rounded(values: Sequence[Value]) -> Value:
    places = values[1] if len(values) > 1 else Fraction(0)
    if not isinstance(places, Fraction) or places.denominator != 1 or abs(places) > 1000:
        raise ToolError("a number is rounded to a whole number of places, at most 1000")
    scale = Fraction(10) ** places.numerator
    exact = values[0] if isinstance(values[0], Fraction) else Fraction(values[0])
    half_up = math.floor(abs(exact) * scale + Fraction(1, 2))
    return _checked(Fraction(half_up) / scale * (-1 if exact < 0 else 1))


def _of_whole(values: Sequence[Value], name: str, compute: Callable[..., int]) -> Value:
    whole = [value.numerator for value in values if isinstance(value, Fraction) and value.denominator == 1]
    if len(whole) != len(values):
        raise ToolError(f"{name} is of whole numbers")
    return Fraction(compute(*whole))


def _log(values: Sequence[Value], base: Value | None = None) -> Value:
    number = values[0]
    base = values[1] if len(values) > 1 else base if base is not None else Fraction(10)
    if number <= 0 or base <= 0 or base == 1:
        raise ToolError("a logarithm is of a number above zero, to a base above zero that is not 1")
    result = as_decimal(number).ln() / as_decimal(base).ln()
    whole = round(result)
    if isinstance(number, Fraction) and isinstance(base, Fraction) and abs(whole) <= LARGEST_BITS:
        try:
            exact = _whole_power(base, whole) == number
        except ToolError:
            exact = False
        if exact:
            return Fraction(whole)
    return result


def _by_series(name: str) -> Callable[[Sequence[Value]], Value]:
    return lambda values: irrational(name, as_decimal(values[0]))


_Function = tuple[int, int, Callable[[Sequence[Value]], Value]]
_MANY = 1000
_OFFERED: dict[str, _Function] = {
    "abs": (1, 1, lambda values: values[0] if values[0] >= 0 else -values[0]),
    "sqrt": (1, 1, _root),
    "root": (1, 2, _root),
    "cbrt": (1, 1, lambda values: _root([values[0], Fraction(3)])),
    "factorial": (1, 1, _factorial),
    "round": (1, 2, _rounded),
    "floor": (1, 1, lambda values: _whole(values, math.floor)),
    "ceil": (1, 1, lambda values: _whole(values, math.ceil)),
    "min": (1, _MANY, lambda values: min(values)),
    "max": (1, _MANY, lambda values: max(values)),
    "sum": (1, _MANY, lambda values: _folded("+", values)),
    "mean": (1, _MANY, lambda values: _binary("/", _folded("+", values), Fraction(len(values)))),
    "gcd": (1, _MANY, lambda values: _of_whole(values, "gcd", math.gcd)),
    "lcm": (1, _MANY, lambda values: _of_whole(values, "lcm", math.lcm)),
    "ln": (1, 1, lambda values: _log(values, NAMED["e"])),
    "log": (1, 2, _log),
    "log2": (1, 1, lambda values: _log(values, Fraction(2))),
    "log10": (1, 1, _log),
    "exp": (1, 1, lambda values: Fraction(1) if values[0] == 0 else as_decimal(values[0]).exp()),
    **{name: (1, 1, _by_series(name)) for name in ("sin", "cos", "tan", "asin", "acos", "atan")},
}
_FUNCTIONS: dict[str, _Function] = {
    **_OFFERED,
    "negative": (1, 1, lambda values: -values[0]),
    "positive": (1, 1, lambda values: values[0]),
    "!": (1, 1, _factorial),
    "%": (1, 1, lambda values: _binary("/", values[0], Fraction(100))),
    "°": (1, 1, lambda values: as_decimal(values[0]) * PI / 180),
}


def _folded(name: str, values: Sequence[Value]) -> Value:
    total = values[0]
    for value in values[1:]:
        total = _checked(_binary(name, total, value))
    return total
