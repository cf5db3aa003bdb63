"""A calculator: exact arithmetic, percentages, units. It asks for no permission; read it as the smallest good example.

Each tool is a few lines over a module beside it; pint and mpmath are loaded by the calls that need them.
"""

from fractions import Fraction
from typing import Literal, TypedDict

from skill_calculator.arithmetic import value_of
from skill_calculator.shown import Answer, answer_of
from skillkernel import ToolError, tool


class Comparison(TypedDict):
    """`share`: how many percent of the base the value is; `change`: by how many percent it is more or less."""

    share: str
    change: str
    difference: str


class Converted(TypedDict):
    """A value in another unit; `exact` tells whether it is so to the last digit."""

    value: str
    unit: str
    exact: bool


@tool(
    effect="read",
    idempotent=True,
    examples=(
        "What is 17 times 23 minus 4?",
        "Wie viel ist die Wurzel aus 144 plus 3 hoch 4?",
        "Calcula (3 + 5) / 2",
    ),
)
def evaluate(expression: str) -> Answer:
    """Calculate an arithmetic expression exactly.

    Args:
        expression: Numbers with + - * / // ^ ! % brackets, sqrt, round, min, max, log, sin, pi and the like, such as
            (12.5 + 3) * 4^2. Write 15% of 80, 7 mod 3, 200 + 10%.
    """
    return answer_of(value_of(expression))


@tool(
    effect="read",
    idempotent=True,
    examples=(
        "What is 12 percent of 250?",
        "Was kosten 60 Euro mit 20 Prozent Rabatt?",
        "Add 8 % tax to 45.50",
    ),
)
def percentage(percent: float, value: float, operation: Literal["of", "add", "subtract"] = "of") -> Answer:
    """Take a percentage of a value, add it (tax, tip, rise), or subtract it (discount, loss).

    Args:
        percent: The percentage, 20 for 20 %.
        value: What it is taken of.
        operation: of gives the part alone, add the value with it, subtract the value without it.
    """
    whole = exactly(value)
    part = whole * exactly(percent) / 100
    return answer_of({"of": part, "add": whole + part, "subtract": whole - part}[operation])


@tool(
    effect="read",
    idempotent=True,
    examples=(
        "What percentage of 80 is 20?",
        "The rent rose from 900 to 972, by how many percent?",
        "Quel pourcentage de 150 représentent 45 ?",
    ),
)
def compare_percent(base: float, value: float) -> Comparison:
    """Tell how many percent of a base a value is, and by how many percent it is more or less.

    Args:
        base: The whole, or the number before.
        value: The part, or the number after.
    """
    whole, part = exactly(base), exactly(value)
    if whole == 0:
        raise ToolError("the base is 0, and nothing is a percentage of nothing: give the number to compare with")
    share = part / whole * 100
    return Comparison(
        share=_percent(share), change=_percent(share - 100), difference=_readable(answer_of(part - whole))
    )


@tool(
    effect="read",
    idempotent=True,
    examples=(
        "How many kilometres are 26 miles?",
        "Convert 350 °F to Celsius",
        "Wie viele Gramm sind 3 Unzen?",
    ),
)
def convert(value: float, from_unit: str, to_unit: str) -> Converted:
    """Convert a value to another unit: length, mass, time, temperature, area, volume, speed, energy, data and more. No
    currencies.

    Args:
        value: How much.
        from_unit: The unit it is in, by its English name or symbol, such as mile, kg, degF, km/h.
        to_unit: The unit wanted.
    """
    from skill_calculator.units import converted

    answer = answer_of(converted(exactly(value), from_unit, to_unit))
    return Converted(value=_readable(answer), unit=to_unit, exact="approximately" not in answer)


def exactly(number: float) -> Fraction:
    """Return the number that was written: 0.1 is a tenth, not the binary fraction next to it."""
    return Fraction(repr(number))


def _percent(number: Fraction) -> str:
    return f"{_readable(answer_of(number))} %"


def _readable(answer: Answer) -> str:
    return answer.get("approximately", answer["value"])
