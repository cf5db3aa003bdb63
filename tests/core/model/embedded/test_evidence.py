"""Durations, numbers, calculations and units in requests."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.model.embedded.arithmetic import expression_in
from skillkernel.model.embedded.durations import find_durations
from skillkernel.model.embedded.evidence import Evidence, gather, read_number
from skillkernel.model.embedded.recurrence import recurrence_in
from skillkernel.model.embedded.unit_names import units_in

NOW = datetime(2026, 3, 10, 9, 15, tzinfo=ZoneInfo("Europe/Berlin"))


def found(text: str) -> Evidence:
    return gather(text, NOW)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("for an hour", 60),
        ("an hour and a half", 90),
        ("half an hour", 30),
        ("a quarter of an hour", 15),
        ("90 minutes", 90),
        ("a 45-minute call", 45),
        ("two hours", 120),
        ("1h30", 90),
        ("1 hour 20 minutes", 80),
        ("anderthalb Stunden", 90),
        ("eine Viertelstunde", 15),
        ("eine halbe Stunde", 30),
        ("une heure et demie", 90),
        ("une demi-heure", 30),
        ("media hora", 30),
        ("hora y media", None),
        ("un'ora", 60),
        ("mezz'ora", 30),
        ("meia hora", 30),
        ("anderhalf uur", 90),
        ("1,5 Stunden", 90),
        ("2 days", 2880),
    ],
)
def test_a_duration_is_found(text: str, minutes: int | None) -> None:
    assert [each.length for each in find_durations(text)] == ([timedelta(minutes=minutes)] if minutes else [])


def test_how_far_away_a_moment_is_counts_as_a_duration_too() -> None:
    evidence = found("remind me in 20 minutes")
    assert evidence.moments[0].ahead == timedelta(minutes=20)
    assert evidence.durations[0].length == timedelta(minutes=20)


def test_a_time_of_day_is_no_duration() -> None:
    assert found("le 3 avril à 14h30").durations == ()


@pytest.mark.parametrize(
    ("digits", "english", "value"),
    [
        ("1,250", True, 1250),
        ("1.250", True, 1.25),
        ("1.250", False, 1250),
        ("1,250", False, 1.25),
        ("1.250,50", False, 1250.5),
        ("1,250.50", True, 1250.5),
        ("1,000,000", True, 1000000),
        ("0.125", False, 0.125),
        ("3,5", True, 3.5),
        ("-7", True, -7),
    ],
)
def test_separators_are_read_as_the_language_uses_them(digits: str, english: bool, value: float) -> None:
    assert read_number(digits, english=english) == value


@given(st.integers(-(10**12), 10**12))
def test_an_integer_is_read_as_it_stands(number: int) -> None:
    assert read_number(str(number), english=True) == number


def test_numbers_of_times_and_addresses_are_not_offered_again() -> None:
    evidence = found("Add 3 bottles tomorrow at 12:30 for 20 minutes, mail me2@example.org")
    assert [number.value for number in evidence.numbers] == [3]
    assert [email.text for email in evidence.emails] == ["me2@example.org"]


def test_a_percentage_is_known_in_several_languages() -> None:
    for text in ("18% of 250", "18 Prozent von 250", "el 18 por ciento de 250", "18 pour cent de 250"):
        first, second = found(text).numbers
        assert (first.value, first.percent, second.value, second.percent) == (18, True, 250, False)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("What's 348 divided by 12?", "348 / 12"),
        ("Calculate 17 * 23 + 5", "17 * 23 + 5"),
        ("Wie viel ist 144 geteilt durch 6?", "144 / 6"),
        ("Combien font 25 fois 16 ?", "25 * 16"),
        ("what is the square root of 1764", "sqrt(1764)"),
        ("Wie viel ist 3 hoch 4?", "3 ^ 4"),
        ("compute (4 + 5) / 3", "(4 + 5) / 3"),
        ("cuánto es 7 por 8", "7 * 8"),
        ("hoeveel is 7 keer 8", "7 * 8"),
        ("twelve times seven", "12 * 7"),
        ("call me at 5", ""),
        ("what is the weather", ""),
    ],
)
def test_a_spoken_calculation_becomes_an_expression(text: str, expression: str) -> None:
    assert expression_in(text, found(text).numbers) == expression


@given(st.text(max_size=80))
def test_no_text_breaks_gathering_or_calculating(text: str) -> None:
    evidence = found(text)
    expression_in(text, evidence.numbers)
    units_in(text)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("Convert 26.2 miles to kilometers", ["mile", "kilometer"]),
        ("Rechne 5 Meilen in Kilometer um", ["mile", "kilometer"]),
        ("Converte 30 graus Celsius para Fahrenheit", ["celsius", "fahrenheit"]),
        ("How many ounces are in 2kg?", ["ounce", "kilogram"]),
    ],
)
def test_units_get_their_english_names(text: str, units: list[str]) -> None:
    assert [unit for _, unit in units_in(text)] == units


@pytest.mark.parametrize(
    ("text", "often"),
    [("every Monday at 9", "weekly"), ("jeden Tag", "daily"), ("tous les mois", "monthly"), ("täglich", "daily")],
)
def test_what_comes_back_is_found_among_the_choices(text: str, often: str) -> None:
    choices = ("daily", "weekly", "monthly", "yearly")
    recurrence = recurrence_in(text, choices)
    assert recurrence is not None
    assert recurrence[0] == often
    assert recurrence_in(text, ("red", "green")) is None


def test_quoted_words_are_taken_without_their_marks() -> None:
    assert [quote.text for quote in found("Translate 'where is the station' into German").quotes] == [
        "where is the station"
    ]
    assert found("Tom's and Anna's shoes").quotes == ()
