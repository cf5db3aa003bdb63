"""percentage, compare_percent and convert."""

import pytest

from skill_calculator import compare_percent, convert, percentage
from skillkernel import ToolError


@pytest.mark.parametrize(
    ("percent", "value", "operation", "result"),
    [
        (15, 80, "of", "12"),
        (8, 45.5, "add", "49.14"),
        (20, 60, "subtract", "48"),
        (0.1, 0.2, "of", "0.0002"),
        (-10, 50, "add", "45"),
        (100, 1e300, "of", "1" + "0" * 300),
    ],
)
def test_percentages_are_exact(percent: float, value: float, operation: str, result: str) -> None:
    answer = percentage(percent, value, operation)  # type: ignore[arg-type] # the parameters are its literals
    assert (answer["value"], answer["exact"]) == (result, True)


def test_a_value_is_compared_with_its_base() -> None:
    assert compare_percent(80, 20) == {"share": "25 %", "change": "-75 %", "difference": "-60"}
    assert compare_percent(900, 972) == {"share": "108 %", "change": "8 %", "difference": "72"}
    assert compare_percent(3, 1)["share"] == "33.3333333333333 %"


def test_nothing_is_a_percentage_of_nothing() -> None:
    with pytest.raises(ToolError, match="the base is 0"):
        compare_percent(0, 5)


@pytest.mark.parametrize(
    ("value", "old", "new", "result", "exact"),
    [
        (1, "inch", "cm", "2.54", True),
        (26.2, "miles", "km", "42.1648128", True),
        (0.1, "km", "m", "100", True),
        (100, "km/h", "mph", "62.1371192237334", False),
        (350, "°F", "Celsius", "176.666666666667", False),
        (350, "F", "C", "176.666666666667", False),
        (-40, "degC", "degF", "-40", True),
        (20, "°C", "K", "293.15", True),
        (1, "C", "coulomb", "1", True),
        (3, "Unzen", "Gramm", "85.048569375", True),
        (5, "Minuten", "Sekunden", "300", True),
        (1, "Kilometer", "Meilen", "0.621371192237334", False),
        (1, "heure", "minutes", "60", True),
        (2, "lbs", "kg", "0.90718474", True),
        (6, "feet", "cm", "182.88", True),
        (1, "m²", "cm^2", "10000", True),
        (1, "light year", "km", "9460730472580.8", True),
        (1, "kWh", "J", "3600000", True),
        (1, "GB", "MB", "1000", True),
        (180, "degree", "radian", "3.14159265358979", False),
        (1, "week", "hours", "168", True),
    ],
)
def test_units_are_converted(value: float, old: str, new: str, result: str, exact: bool) -> None:
    assert convert(value, old, new) == {"value": result, "unit": new, "exact": exact}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("mile", "kg", "'mile' measures length and 'kg' mass"),
        ("km/h", "km", r"length \* time\^-1"),
        ("furlngs", "m", r"did you mean furlong\?"),
        ("qqqqq", "m", "write its English name"),
        ("USD", "EUR", "exchange rates need a network"),
        ("€", "dollars", "exchange rates need a network"),
        ("", "m", "missing"),
        ("m" * 61, "m", "too long"),
        ("m**99999999", "m", "there is no unit"),
        ("m**9**9**9", "m", "there is no unit"),
        ("2**99", "m", "there is no unit"),
        ("m/0", "m", "there is no unit"),
        ("(" * 50, "m", "there is no unit"),
        ("__class__", "m", "there is no unit"),
        ("meter.__class__", "m", "there is no unit"),
        ("lambda x", "m", "there is no unit"),
        ("m\nm", "s", "measures"),
    ],
)
def test_units_that_cannot_be_are_said(old: str, new: str, problem: str) -> None:
    with pytest.raises(ToolError, match=problem):
        convert(1, old, new)
