"""Days and times in requests of seven languages, seen from a Tuesday morning in Berlin."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.model.embedded.evidence import gather
from skillkernel.model.embedded.moments import Moment, find_moments

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 10, 9, 15, tzinfo=BERLIN)


def only(text: str) -> Moment:
    (moment,) = find_moments(text, NOW)
    return moment


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tomorrow", "2026-03-11"),
        ("the day after tomorrow", "2026-03-12"),
        ("übermorgen", "2026-03-12"),
        ("après-demain", "2026-03-12"),
        ("pasado mañana", "2026-03-12"),
        ("dopodomani", "2026-03-12"),
        ("depois de amanhã", "2026-03-12"),
        ("overmorgen", "2026-03-12"),
        ("yesterday", "2026-03-09"),
        ("Friday", "2026-03-13"),
        ("Tuesday", "2026-03-17"),
        ("next Tuesday", "2026-03-17"),
        ("next Friday", "2026-03-20"),
        ("am kommenden Freitag", "2026-03-13"),
        ("vendredi prochain", "2026-03-13"),
        ("viernes que viene", "2026-03-13"),
        ("last Friday", "2026-03-06"),
        ("nächste Woche Freitag", "2026-03-20"),
        ("Friday next week", "2026-03-20"),
        ("March 20", "2026-03-20"),
        ("20 March 2027", "2027-03-20"),
        ("the 3rd of March", "2027-03-03"),
        ("le 3 avril", "2026-04-03"),
        ("3 de abril", "2026-04-03"),
        ("27.3.", "2026-03-27"),
        ("27.03.2026", "2026-03-27"),
        ("27/3/2026", "2026-03-27"),
        ("2026-05-01", "2026-05-01"),
        ("on the 15th", "2026-03-15"),
        ("am 5.", "2026-04-05"),
        ("in 3 days", "2026-03-13"),
        ("fra 3 giorni", "2026-03-13"),
        ("in zwei Wochen", "2026-03-24"),
        ("in 2 months", "2026-05-10"),
        ("29 February", "2028-02-29"),
    ],
)
def test_a_day_is_found(text: str, day: str) -> None:
    moment = only(text)
    assert moment.first_day(NOW) == date.fromisoformat(day)
    assert not moment.timed


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("tomorrow at 12:30", "2026-03-11T12:30+01:00"),
        ("übermorgen um 15 Uhr", "2026-03-12T15:00+01:00"),
        ("le 3 avril à 14h30", "2026-04-03T14:30+02:00"),
        ("el sábado a las 9 de la noche", "2026-03-14T21:00+01:00"),
        ("jueves a las 5 y media de la tarde", "2026-03-12T17:30+01:00"),
        ("domani alle 18", "2026-03-11T18:00+01:00"),
        ("dopodomani alle 9 e mezza", "2026-03-12T09:30+01:00"),
        ("na sexta-feira às 9h", "2026-03-13T09:00+01:00"),
        ("morgen om half vier", "2026-03-11T15:30+01:00"),
        ("am Donnerstag um halb zehn", "2026-03-12T09:30+01:00"),
        ("overmorgen om kwart over drie", "2026-03-12T15:15+01:00"),
        ("next Tuesday at noon", "2026-03-17T12:00+01:00"),
        ("mañana por la mañana a las 10", "2026-03-11T10:00+01:00"),
        ("heute Morgen um 8", "2026-03-10T08:00+01:00"),
        ("tonight at 8", "2026-03-10T20:00+01:00"),
        ("at quarter to 6 tomorrow evening", "2026-03-11T17:45+01:00"),
        ("in 20 minutes", "2026-03-10T09:35+01:00"),
        ("in einer halben Stunde", "2026-03-10T09:45+01:00"),
        ("in due ore", "2026-03-10T11:15+01:00"),
        ("at 10 am", "2026-03-10T10:00+01:00"),
        ("at 8 am", "2026-03-11T08:00+01:00"),
        ("12 am on Friday", "2026-03-13T00:00+01:00"),
        ("12 pm on Friday", "2026-03-13T12:00+01:00"),
        ("Friday at 3", "2026-03-13T15:00+01:00"),
    ],
)
def test_an_instant_is_found_with_the_offset_of_that_day(text: str, instant: str) -> None:
    found = next(moment for moment in find_moments(text, NOW) if moment.timed)
    assert found.first(NOW, BERLIN) == datetime.fromisoformat(instant)
    assert found.first(NOW, BERLIN).utcoffset() == datetime.fromisoformat(instant).utcoffset()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Friday from 10 to 11 am", "2026-03-13T10:00", "2026-03-13T11:00"),
        ("tomorrow, 3-4pm", "2026-03-11T15:00", "2026-03-11T16:00"),
        ("Friday from 11 to 1 pm", "2026-03-13T11:00", "2026-03-13T13:00"),
        ("vendredi de 14h à 16h", "2026-03-13T14:00", "2026-03-13T16:00"),
        ("entre las 10 y las 12 el lunes", "2026-03-16T10:00", "2026-03-16T12:00"),
        ("das 10h às 12h amanhã", "2026-03-11T10:00", "2026-03-11T12:00"),
        ("van 10 tot 12 uur morgen", "2026-03-11T10:00", "2026-03-11T12:00"),
        ("morgen von 10 bis 12 Uhr", "2026-03-11T10:00", "2026-03-11T12:00"),
        ("tomorrow afternoon", "2026-03-11T12:00", "2026-03-11T18:00"),
        ("domani mattina", "2026-03-11T08:00", "2026-03-11T12:00"),
        ("next week", "2026-03-16T00:00", "2026-03-23T00:00"),
        ("this weekend", "2026-03-14T00:00", "2026-03-16T00:00"),
        ("next month", "2026-04-01T00:00", "2026-05-01T00:00"),
        ("from March 12 to March 15", "2026-03-12T00:00", "2026-03-16T00:00"),
        ("von Montag bis Mittwoch", "2026-03-16T00:00", "2026-03-19T00:00"),
    ],
)
def test_a_span_is_found(text: str, first: str, last: str) -> None:
    moment = only(text)
    assert moment.first(NOW, BERLIN).replace(tzinfo=None) == datetime.fromisoformat(first)
    assert moment.last(NOW, BERLIN).replace(tzinfo=None) == datetime.fromisoformat(last)


@pytest.mark.parametrize(
    "text",
    [
        "May I have 2 apples",
        "buy 3.14 kg of flour",
        "what is 17 * 23",
        "write to sam@monday.example",
        "version 2.11.3",
        "",
    ],
)
def test_what_only_looks_like_a_time_is_left_alone(text: str) -> None:
    assert find_moments(text, NOW) == []


def test_a_time_that_has_passed_today_means_tomorrow() -> None:
    assert only("at 9:00").first_day(NOW) == date(2026, 3, 11)


def test_two_days_of_one_request_stay_apart() -> None:
    first, second = find_moments("Reschedule the review from Wednesday to Friday at 4 pm", NOW)
    assert first.day == date(2026, 3, 11)
    assert second.first(NOW, BERLIN) == datetime(2026, 3, 13, 16, tzinfo=BERLIN)


def test_in_america_the_month_comes_first() -> None:
    (moment,) = find_moments("on 3/12", NOW, month_first=True)
    assert moment.day == date(2026, 3, 12)


@pytest.mark.parametrize(
    "text", ["Запиши встречу завтра в 15:00", "Dodaj dentystę jutro o 15:00", "Lägg till tandläkare imorgon kl 15:00"]
)
def test_languages_without_rules_go_through_the_library(text: str) -> None:
    moment = next(moment for moment in gather(text, NOW).moments if moment.timed)
    assert moment.first(NOW, BERLIN) == datetime(2026, 3, 11, 15, tzinfo=BERLIN)


WORDS = st.sampled_from(
    [
        "on",
        "at",
        "from",
        "to",
        "the",
        "next",
        "Friday",
        "tomorrow",
        "12:30",
        "3",
        "31",
        "29.2.",
        "99/99",
        "14h30",
        "half",
        "noon",
        "um",
        "Uhr",
        "bis",
        "heute",
        "nächste",
        "Woche",
        "in",
        "20",
        "minutes",
        "999999999",
        "years",
        "weekend",
        "mañana",
        "por",
        "la",
        "2026-02-31",
        "le",
        "à",
        "pm",
        "and",
        "24:00",
        "25:99",
        "0",
        "ago",
        "vor",
    ]
)


@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=60))
def test_no_text_breaks_the_search_and_every_place_is_its_own(text: str) -> None:
    moments = find_moments(text, NOW)
    for moment in moments:
        assert 0 <= moment.start < moment.end <= len(text)
        assert moment.first(NOW, BERLIN).tzinfo is not None
        assert moment.last(NOW, BERLIN) >= moment.first(NOW, BERLIN) - timedelta(days=1)
    for one, other in pairwise(moments):
        assert one.end <= other.start or other.end <= one.start


@given(st.dates(min_value=date(2020, 1, 1), max_value=date(2080, 12, 31)))
def test_an_iso_date_is_read_as_it_stands(day: date) -> None:
    assert only(f"something on {day.isoformat()}").day == day


@given(st.integers(0, 23), st.integers(0, 59))
def test_a_digital_time_is_read_as_it_stands(hour: int, minute: int) -> None:
    found = only(f"tomorrow at {hour}:{minute:02}")
    assert found.clock is not None
    assert (found.clock.hour, found.clock.minute) == (hour, minute)


@pytest.mark.parametrize(
    "text", ["from 6 to 17 July", "vom 6. bis 17. Juli", "du 6 au 17 juillet", "del 6 al 17 de julio", "July 6-17"]
)
def test_two_days_of_one_month_are_a_span(text: str) -> None:
    moment = only(text)
    assert (moment.day, moment.last_day, moment.clock) == (date(2026, 7, 6), date(2026, 7, 17), None)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("at twenty past seven", "07:20"),
        ("ten to eight", "07:50"),
        ("quarter to six", "05:45"),
        ("zehn nach sieben", "07:10"),
        ("fünf vor acht", "07:55"),
    ],
)
def test_minutes_are_counted_from_the_hour_that_is_said(text: str, clock: str) -> None:
    assert f"{only(text).clock:%H:%M}" == clock


def test_half_an_hour_is_no_time_of_day() -> None:
    assert find_moments("half an hour", NOW) == []


@pytest.mark.parametrize(
    ("text", "hour"),
    [("dinner on Friday at 8", 20), ("dinner at 8 am", 8), ("Abendessen um 8 Uhr", 20), ("yoga at 8", 8)],
)
def test_a_dinner_is_in_the_evening(text: str, hour: int) -> None:
    (moment,) = gather(text, NOW).moments
    assert moment.clock is not None
    assert moment.clock.hour == hour
