"""list_events and find_free_time, and the interval arithmetic below them."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill_calendar.free import Interval, gaps, merged
from skillkernel import ToolError


def titles(answer: Any) -> list[str]:
    return [event["title"] for event in answer["events"]]


@pytest.fixture
def week(call: Any) -> Any:
    """A few events from 25 November on."""
    call("create_event", title="Dentist", start="2026-11-25T09:00", location="Hauptstraße 5")
    call("create_event", title="Lunch", start="2026-11-25T12:30", attendees=["Sam"])
    call("create_event", title="Breakfast", start="2026-11-25T07:30", notes="with croissants")
    call("create_event", title="Late", start="2026-11-27T23:00", duration_minutes=120)
    call("create_event", title="Fair", start="2026-11-26", end="2026-11-27")
    return call


def test_a_day_is_listed_in_order_of_time(week: Any) -> None:
    assert titles(week("list_events", date="2026-11-25")) == ["Breakfast", "Dentist", "Lunch"]


def test_an_event_across_midnight_is_on_both_days(week: Any) -> None:
    assert titles(week("list_events", date="2026-11-27")) == ["Fair", "Late"]
    assert titles(week("list_events", date="2026-11-28")) == ["Late"]


def test_whole_days_end_on_their_last_day(week: Any) -> None:
    assert titles(week("list_events", date="2026-11-26")) == ["Fair"]
    assert "Fair" not in titles(week("list_events", date="2026-11-28"))


def test_a_range_includes_its_last_day(week: Any) -> None:
    assert titles(week("list_events", date="2026-11-26", until="2026-11-27")) == ["Fair", "Late"]


def test_without_a_date_the_coming_days_are_listed(week: Any) -> None:
    assert len(titles(week("list_events"))) == 5
    assert titles(week("list_events", now="2026-11-10T10:00")) == []


@pytest.mark.parametrize("query", ["dent", "HAUPTSTRASSE", "sam", "croissants with"])
def test_words_are_looked_for_in_title_place_people_and_notes(week: Any, query: str) -> None:
    assert len(titles(week("list_events", query=query))) == 1


def test_an_empty_calendar_has_no_events(call: Any) -> None:
    assert call("list_events") == {"events": []}


def test_an_id_stays_the_same(week: Any) -> None:
    assert week("list_events", date="2026-11-25") == week("list_events", date="2026-11-25")


def test_a_long_list_is_cut_and_says_so(call: Any) -> None:
    call("create_event", title="Standup", start="2026-11-25T09:00", repeat="daily")
    answer = call("list_events", date="2026-11-25", until="2027-02-01")
    assert (len(answer["events"]), answer["more"]) == (50, 19)


def test_times_are_on_the_clock_of_the_user_who_asks(week: Any) -> None:
    events = week("list_events", zone="America/New_York", date="2026-11-25")["events"]
    assert [event["start"] for event in events] == [
        "2026-11-25T01:30-05:00",
        "2026-11-25T03:00-05:00",
        "2026-11-25T06:30-05:00",
    ]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"date": "2026-11-25", "until": "2026-11-24"}, "is before the first day"),
        ({"date": "2026-11-25", "until": "2090-01-01"}, "longer than"),
        ({"date": "9999-12-31"}, "the year 9999"),
        ({"date": "0001-01-01"}, "the year 1 "),
    ],
)
def test_a_range_has_an_order_and_an_end(call: Any, arguments: dict[str, str], problem: str) -> None:
    with pytest.raises(ToolError, match=problem):
        call("list_events", **arguments)


def test_free_time_is_what_the_day_has_left(week: Any) -> None:
    assert week("find_free_time", date="2026-11-25")["free"] == [
        {"start": "2026-11-25T10:00+01:00", "end": "2026-11-25T12:30+01:00", "minutes": 150},
        {"start": "2026-11-25T13:30+01:00", "end": "2026-11-25T18:00+01:00", "minutes": 270},
    ]


def test_free_time_is_long_enough_and_within_the_hours(week: Any) -> None:
    answer = week("find_free_time", date="2026-11-25", duration_minutes=180, earliest="12:00", latest="17:00")
    assert answer["free"] == [{"start": "2026-11-25T13:30+01:00", "end": "2026-11-25T17:00+01:00", "minutes": 210}]


def test_free_time_of_today_begins_at_the_next_quarter(call: Any) -> None:
    assert call("find_free_time")["free"][0]["start"] == "2026-11-24T10:15+01:00"
    assert call("find_free_time", now="2026-11-24T19:00") == {"free": []}


def test_a_whole_day_blocks_only_when_it_is_busy(week: Any) -> None:
    assert week("find_free_time", date="2026-11-26")["free"][0]["minutes"] == 540
    week("update_event", event="Fair", busy=True)
    assert week("find_free_time", date="2026-11-26")["free"] == []


def test_free_time_knows_series(call: Any) -> None:
    call("create_event", title="Standup", start="2026-11-02T09:00", repeat="weekdays", duration_minutes=15)
    slots = call("find_free_time", date="2026-11-26", until="2026-11-27")["free"]
    assert [slot["start"][11:16] for slot in slots] == ["09:15", "09:15"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"earliest": "18:00", "latest": "09:00"}, "is not before latest"),
        ({"date": "2026-11-25", "until": "2027-11-25"}, "at most 62 days"),
    ],
)
def test_free_time_is_asked_for_sensibly(call: Any, arguments: dict[str, str], problem: str) -> None:
    with pytest.raises(ToolError, match=problem):
        call("find_free_time", **arguments)


def minute(number: int) -> datetime:
    return datetime(2026, 11, 25, tzinfo=UTC) + timedelta(minutes=number)


spans = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda ends: (minute(min(ends)), minute(max(ends))))


def minutes_of(intervals: Any) -> set[datetime]:
    return {
        start + timedelta(minutes=n)
        for start, end in intervals
        for n in range(int((end - start).total_seconds() // 60))
    }


@given(st.lists(spans))
def test_merging_changes_no_minute_and_leaves_no_two_that_touch(intervals: list[Interval]) -> None:
    result = merged(intervals)
    assert minutes_of(result) == minutes_of(intervals)
    assert all(earlier[1] < later[0] for earlier, later in itertools.pairwise(result))


@given(spans, st.lists(spans), st.integers(1, 20))
def test_gaps_are_exactly_the_long_enough_free_minutes(window: Interval, busy: list[Interval], length: int) -> None:
    every_gap = list(gaps(window, busy, timedelta(minutes=1)))
    assert minutes_of(every_gap) == minutes_of([window]) - minutes_of(busy)
    long_ones = [gap for gap in every_gap if gap[1] - gap[0] >= timedelta(minutes=length)]
    assert list(gaps(window, busy, timedelta(minutes=length))) == long_ones
