"""Numbers as text: exact ones in full or as a fraction, others to fifteen digits and called so."""

import decimal
from decimal import Decimal
from fractions import Fraction
from typing import NotRequired, TypedDict

from skill_calculator.arithmetic import Value, as_decimal

_DIGITS = decimal.Context(prec=15, Emax=200_000, Emin=-200_000)
_MOST_PLACES, _LONGEST_PLAIN = 30, 40
_NOTHING = Decimal("1e-40")
"""Below it a number of fifty digits is what rounding left over."""


class Answer(TypedDict):
    """A number. `exact` tells whether `value` is it to the last digit; `approximately` is there when `value` reads badly."""

    value: str
    exact: bool
    approximately: NotRequired[str]


def answer_of(number: Value) -> Answer:
    """Return the number as text."""
    if isinstance(number, Decimal):
        return Answer(value=rounded(number), exact=False)
    places = _places(number.denominator)
    if places is None or places > _MOST_PLACES:
        return Answer(value=f"{number.numerator}/{number.denominator}", exact=True, approximately=rounded(number))
    text = _in_full(number, places)
    if len(text) > _LONGEST_PLAIN:
        return Answer(value=text, exact=True, approximately=rounded(number))
    return Answer(value=text, exact=True)


def rounded(number: Value) -> str:
    """Return the number to fifteen digits, without zeros that say nothing."""
    short = _DIGITS.plus(_DIGITS.divide(Decimal(1), Decimal(1)) * as_decimal(number))
    if abs(short) < _NOTHING and isinstance(number, Decimal):
        return "0"
    plain = -7 < short.adjusted() < 21
    text = f"{short:f}" if plain else f"{short:e}"
    mantissa, mark, exponent = text.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}{mark}{exponent}"


def _places(denominator: int) -> int | None:
    """How many decimal places write 1/denominator in full; None when none do."""
    twos = (denominator & -denominator).bit_length() - 1
    rest, fives = denominator >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def _in_full(number: Fraction, places: int) -> str:
    digits = str(abs(number.numerator) * 10**places // number.denominator).rjust(places + 1, "0")
    sign = "-" if number < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"
