"""evaluate: what people write, exact values, and what is refused before it costs anything."""

import contextlib
import math
import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill_calculator import evaluate
from skill_calculator.arithmetic import value_of
from skillkernel import ToolError


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("0.1 + 0.2", "0.3"),
        ("-2^2", "-4"),
        ("2^3^2", "512"),
        ("2**-1", "0.5"),
        ("1 - 2 - 3", "-4"),
        ("12 / 4 / 3", "1"),
        ("7 // 2", "3"),
        ("-7 // 2", "-4"),
        ("7 mod 3", "1"),
        ("7 % 3", "1"),
        ("-7 mod 3", "2"),
        ("7.5 mod 2", "1.5"),
        ("5!", "120"),
        ("2^3!", "64"),
        ("sqrt(144) + 3", "15"),
        ("sqrt(1/4)", "0.5"),
        ("8^(1/3)", "2"),
        ("(-8)^(1/3)", "-2"),
        ("root(32, 5)", "2"),
        ("cbrt(27)", "3"),
        ("log(1000)", "3"),
        ("log(8, 2)", "3"),
        ("log2(1/8)", "-3"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(2/3, 2)", "0.67"),
        ("round(1234, -2)", "1200"),
        ("floor(-1.5) + ceil(1.2)", "0"),
        ("max(3, 5) - min(1, 2)", "4"),
        ("mean(1, 2, 3, 4)", "2.5"),
        ("gcd(12, 18) * lcm(4, 6)", "72"),
        ("abs(-3)", "3"),
        ("0^0", "1"),
        ("1e3 + 1E-1", "1000.1"),
    ],
)
def test_values_are_exact(expression: str, value: str) -> None:
    assert evaluate(expression) == {"value": value, "exact": True}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("12 \u00d7 7", "84"),
        ("12 x 7 =", "84"),
        ("3x4", "12"),
        ("10 ÷ 4", "2.5"),
        ("10 : 4", "2.5"),
        ("5 \u2212 3", "2"),
        ("2² + 2⁻¹", "4.5"),
        ("√16", "4"),
        ("2(3 + 4)", "14"),
        ("(1 + 2)(3 + 4)", "21"),
        ("[1 + 2] * {3}", "9"),
        ("15% of 80", "12"),
        ("200 + 10%", "220"),
        ("200 - 10%", "180"),
        ("50%", "0.5"),
        ("3,5 * 2", "7"),
        (",5", "0.5"),
        ("0,234", "0.234"),
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("1.234.567", "1234567"),
        ("1,000,000", "1000000"),
        ("1 000 000", "1000000"),
        ("1\u202f234,5", "1234.5"),
        ("1'000", "1000"),
        ("1_000", "1000"),
        ("max(1,234)", "234"),
        ("max(1;234)", "234"),
        ("٣ + ٤", "7"),
        ("\uff13 + \uff14", "7"),
        ("1 + 1 = ?", "2"),
    ],
)
def test_what_people_write_is_understood(expression: str, value: str) -> None:
    assert evaluate(expression) == {"value": value, "exact": True}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("sqrt(2)", "1.4142135623731"),
        ("2pi", "6.28318530717959"),
        ("sin(pi)", "0"),
        ("sin(30°)", "0.5"),
        ("atan(1) * 4", "3.14159265358979"),
        ("ln(e)", "1"),
        ("exp(1)", "2.71828182845905"),
        ("e^100", "2.68811714181614e+43"),
    ],
)
def test_irrational_values_are_called_inexact(expression: str, value: str) -> None:
    assert evaluate(expression) == {"value": value, "exact": False}


def test_a_fraction_comes_with_a_decimal() -> None:
    assert evaluate("1/3") == {"value": "1/3", "exact": True, "approximately": "0.333333333333333"}


def test_a_long_number_is_in_full_and_short() -> None:
    answer = evaluate("100!")
    assert answer["value"] == str(math.factorial(100))
    assert answer.get("approximately") == "9.33262154439442e+157"


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("", "is empty"),
        (" = ", "is empty"),
        ("1 +", "missing before the end"),
        ("* 3", r"missing before '\*' at character 1"),
        ("((1)", "bracket at character 1 is not closed"),
        ("1)", r"'\)' at character 2"),
        ("2 3", "put an operator between"),
        ("1.2.3", "not one number"),
        ("1,23,4", "not one number"),
        ("1,234", "1234 to some and 1.234 to others"),
        ("foo(3)", "'foo' at character 1 is unknown; there are abs"),
        ("sqrt(1, 2)", "takes one value, not 2"),
        ("sqrt", "takes one value, not 0"),
        ("round()", "takes 1 or 2 values, not 0"),
        ("pi(3)", "unknown"),
        ("1 / 0", "division by zero"),
        ("1 // 0", "division by zero"),
        ("5 mod (1 - 1)", "division by zero"),
        ("0^-1", "division by zero"),
        ("sqrt(-1)", "not a real number"),
        ("(-1)^pi", "not a real number"),
        ("log(0)", "above zero"),
        ("log(5, 1)", "not 1"),
        ("asin(2)", "from -1 to 1"),
        ("tan(pi/2)", "no value"),
        ("sin(1e20)", "angle is too large"),
        ("1.5!", "whole number"),
        ("(-1)!", "whole number"),
        ("gcd(1.5, 2)", "whole numbers"),
        ("root(2, 0)", "zeroth"),
        ("round(1, 1.5)", "whole number of places"),
        ("__import__('os')", "has no meaning"),
        ("a.b", "has no meaning"),
        ("1 if 2 else 3", "unknown|missing|follows|joins"),
        ("$5 * 3", r"'\$' at character 1"),
        ("\x00", "has no meaning"),
        ("1" * 1001, "more than 1000"),
    ],
)
def test_mistakes_are_named_with_their_place(expression: str, problem: str) -> None:
    with pytest.raises(ToolError, match=problem):
        evaluate(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "9^9^9",
        "9**9**9**9",
        "10^-5000",
        "1501!",
        "20!!",
        "9^4000 * 9^4000",
        "(1/3)^(10^9)",
        "exp(1000000)",
        "exp(exp(20))",
        "e^(10^9)",
        "2.5^(10^7 + 1/2)",
        "1e99999",
        "1e" + "9" * 900,
        "floor(pi * 10^50)",
        "(" * 60 + "1" + ")" * 60,
        "-" * 900 + "1",
        "√" * 900 + "2",
        "2^" * 400 + "2",
        "sqrt(" * 150 + "2" + ")" * 150,
        "round(1, 99999999)",
        "log(2, 1 + 1e-4000)^2^40",
    ],
)
def test_what_would_not_end_is_refused(expression: str) -> None:
    with pytest.raises(ToolError):
        evaluate(expression)


trees = st.recursive(
    st.integers(0, 50).map(str) | st.decimals(0, 50, places=2).map(str),
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "mod"]), inner).map(
            lambda p: f"({p[0]} {p[1]} {p[2]})"
        )
        | inner.map(lambda text: f"-{text}")
        | st.tuples(inner, st.integers(-3, 3)).map(lambda p: f"({p[0]})^{p[1]}")
    ),
    max_leaves=12,
)


def by_python(expression: str) -> Any:
    """The same expression by Python itself over fractions; a sign there binds more loosely than a power, as here."""
    python = (
        re.sub(r"\d+(\.\d+)?", lambda number: f"F('{number[0]}')", expression).replace("mod", "%").replace("^", "**")
    )
    return eval(python, {"F": Fraction})  # noqa: S307 # built by the strategy above from digits and operators


@given(trees)
def test_exact_arithmetic_is_pythons_own(expression: str) -> None:
    try:
        expected = by_python(expression)
    except ZeroDivisionError:
        with pytest.raises(ToolError):
            value_of(expression)
        return
    with contextlib.suppress(ToolError):  # larger than 4,000 digits
        assert value_of(expression) == expected


@given(st.text(max_size=60) | st.text("0123456789.,+-*/^()!%√ epix²°'_ ", max_size=60))
def test_any_text_has_a_value_or_a_tool_error(text: str) -> None:
    with contextlib.suppress(ToolError):
        assert evaluate(text)["value"]


@given(st.fractions())
def test_a_value_reads_back_as_itself(number: Fraction) -> None:
    answer = evaluate(f"({number.numerator}) / {number.denominator}")
    assert answer["exact"]
    assert Fraction(answer["value"]) == number
