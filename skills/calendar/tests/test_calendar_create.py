"""create_event: what lands in the file, and what is refused."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from skillkernel import ToolError

BERLIN = ZoneInfo("Europe/Berlin")


def events_in(folder: Path) -> list[Any]:
    return list(Calendar.from_ical((folder / "calendar.ics").read_bytes()).events)


def test_an_event_is_in_the_file_with_its_time_zone(call: Any, folder: Path) -> None:
    call("create_event", title="Lunch with Sam", start="2026-11-25T12:30", duration_minutes=60)
    text = (folder / "calendar.ics").read_text()
    assert "DTSTART;TZID=Europe/Berlin:20261125T123000" in text
    assert "BEGIN:VTIMEZONE\nTZID:Europe/Berlin" in text
    (event,) = events_in(folder)
    assert event.start == datetime(2026, 11, 25, 12, 30, tzinfo=BERLIN)
    assert event.end == datetime(2026, 11, 25, 13, 30, tzinfo=BERLIN)
    assert str(event["SUMMARY"]) == "Lunch with Sam"


def test_an_event_carries_what_rfc_5545_requires(call: Any, folder: Path) -> None:
    call("create_event", title="Lunch", start="2026-11-25T12:30")
    calendar = Calendar.from_ical((folder / "calendar.ics").read_bytes())
    assert str(calendar["PRODID"]) == "-//skillkernel//skill-calendar//EN"
    assert str(calendar["VERSION"]) == "2.0"
    (event,) = calendar.events
    assert {"UID", "DTSTAMP", "CREATED", "SEQUENCE", "DTSTART", "DTEND"} <= set(event)


def test_the_file_is_for_its_owner_alone(call: Any, folder: Path) -> None:
    call("create_event", title="Lunch", start="2026-11-25T12:30")
    assert (folder / "calendar.ics").stat().st_mode & 0o777 == 0o600


def test_without_end_or_length_an_event_lasts_an_hour(call: Any) -> None:
    event = call("create_event", title="Lunch", start="2026-11-25T12:30")["event"]
    assert (event["start"], event["end"]) == ("2026-11-25T12:30+01:00", "2026-11-25T13:30+01:00")


def test_a_time_with_an_offset_is_put_on_the_users_clock(call: Any, folder: Path) -> None:
    event = call("create_event", title="Call", start="2026-11-25T08:00:00-05:00")["event"]
    assert event["start"] == "2026-11-25T14:00+01:00"
    assert "DTSTART;TZID=Europe/Berlin:20261125T140000" in (folder / "calendar.ics").read_text()


def test_a_time_on_another_citys_clock_keeps_that_zone_in_the_file(call: Any, folder: Path) -> None:
    event = call("create_event", title="Call", start="2026-11-25T08:00", time_zone="America/New_York")["event"]
    assert event["start"] == "2026-11-25T14:00+01:00"
    assert "DTSTART;TZID=America/New_York:20261125T080000" in (folder / "calendar.ics").read_text()


def test_another_zone_works_for_a_user_in_utc_too(call: Any) -> None:
    event = call("create_event", zone="UTC", title="Call", start="2026-11-25T08:00", time_zone="America/New_York")
    assert event["event"]["start"] == "2026-11-25T13:00+00:00"


def test_a_user_in_utc_gets_utc_times(call: Any, folder: Path) -> None:
    call("create_event", zone="UTC", title="Call", start="2026-11-25T08:00")
    assert "DTSTART:20261125T080000Z" in (folder / "calendar.ics").read_text()


def test_an_unknown_time_zone_names_those_that_are_near(call: Any) -> None:
    with pytest.raises(ToolError, match=r"no time zone 'Berlin'; did you mean Europe/Berlin\?"):
        call("create_event", title="x", start="2026-11-25T08:00", time_zone="Berlin")
    with pytest.raises(ToolError, match="Europe/London"):
        call("create_event", title="x", start="2026-11-25T08:00", time_zone="Europe/Londn")
    with pytest.raises(ToolError, match="use an IANA name"):
        call("create_event", title="x", start="2026-11-25T08:00", time_zone="../../etc/passwd")


def test_a_date_makes_an_event_of_whole_days_whose_end_is_the_last_day(call: Any, folder: Path) -> None:
    event = call("create_event", title="Holiday", start="2026-12-24", end="2026-12-26")["event"]
    assert (event["start"], event["end"]) == ("2026-12-24", "2026-12-26")
    (stored,) = events_in(folder)
    assert (stored.start, stored.end) == (date(2026, 12, 24), date(2026, 12, 27))
    assert str(stored["TRANSP"]) == "TRANSPARENT"


def test_one_whole_day_needs_no_end(call: Any, folder: Path) -> None:
    call("create_event", title="Birthday", start="2027-03-04", repeat="yearly")
    (stored,) = events_in(folder)
    assert stored.end - stored.start == timedelta(days=1)


def test_an_event_may_cross_midnight(call: Any) -> None:
    event = call("create_event", title="Party", start="2026-11-28T22:00", end="2026-11-29T03:00")["event"]
    assert event["end"] == "2026-11-29T03:00+01:00"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"start": "2026-11-25T12:30", "end": "2026-11-25T11:00"}, "is not after start"),
        ({"start": "2026-11-25T12:30", "end": "2026-11-25T12:30"}, "is not after start"),
        ({"start": "2026-11-25", "end": "2026-11-24"}, "is before start"),
        ({"start": "2026-11-25T12:30", "end": "2026-11-25T13:00", "duration_minutes": 60}, "contradict"),
        ({"start": "2026-11-25T12:30", "end": "2026-11-26"}, "both with a time"),
        ({"start": "2026-11-25", "duration_minutes": 90}, "part of a day"),
        ({"start": "2026-11-25T12:30", "duration_minutes": 0}, "at least one minute"),
        ({"start": "1969-12-31T12:30"}, "the year 1969"),
        ({"start": "0001-01-01T00:00"}, "the year 1 "),
        ({"start": "9999-12-31T23:30"}, "the year 9999"),
        ({"start": "2099-12-31T23:30"}, "the year 2100"),
        ({"start": "2026-11-25", "end": "9999-12-31"}, "the year 9999"),
        ({"start": "2026-11-25T12:30", "repeat": "weekly", "repeat_until": "2026-11-01"}, "before the event begins"),
        ({"start": "2026-11-25T12:30", "repeat_until": "2026-12-01"}, "give repeat too"),
        ({"start": "2026-11-28T12:30", "repeat": "weekdays"}, "not a weekday"),
        ({"start": "2026-11-25T12:30", "repeat": "weekly", "rrule": "FREQ=DAILY"}, "give one of them"),
        ({"start": "2026-11-25T12:30", "rrule": "FREQ=SECONDLY"}, "FREQ is SECONDLY"),
        ({"start": "2026-11-25T12:30", "rrule": "FREQ=HOURLY"}, "FREQ is HOURLY"),
        ({"start": "2026-11-25T12:30", "rrule": "every day"}, "FREQ is missing"),
        ({"start": "2026-11-25T12:30", "rrule": "COUNT=3"}, "FREQ is missing"),
        ({"start": "2026-11-25T12:30", "rrule": "FREQ=DAILY;COUNT=3;UNTIL=20261201"}, "not by both"),
        ({"start": "2026-11-25T12:30", "rrule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, "no month has"),
        ({"start": "2026-11-25T12:30", "rrule": "FREQ=DAILY;FOO=1"}, "cannot be used"),
        ({"start": "2026-11-25T12:30", "rrule": "FREQ=DAILY;BYDAY=XX"}, "not a recurrence rule"),
        ({"start": "2026-11-25T12:30", "rrule": "FREQ=DAILY,WEEKLY"}, "FREQ is DAILYWEEKLY"),
        ({"start": "2026-11-25T12:30", "rrule": "FREQ=DAILY;COUNT=-1"}, "COUNT must be"),
        ({"start": "2026-11-25T12:30", "rrule": "FREQ=DAILY;BYHOUR=1,2,3"}, "BYHOUR"),
        ({"start": "2026-11-25T12:30", "rrule": "FREQ=DAILY;INTERVAL=0"}, "INTERVAL must be"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    call: Any, folder: Path, arguments: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ToolError, match=problem):
        call("create_event", title="x", **arguments)
    assert not (folder / "calendar.ics").exists()


def test_an_hour_that_the_clocks_skip_is_said(call: Any) -> None:
    answer = call("create_event", title="Night shift", start="2027-03-28T02:30")
    assert answer["event"]["start"] == "2027-03-28T03:30+02:00"
    assert answer["remark"] == "02:30 does not exist on 2027-03-28 in Europe/Berlin, so it is 03:30"


def test_an_hour_that_comes_twice_is_the_first_and_said(call: Any) -> None:
    answer = call("create_event", title="Night shift", start="2026-10-25T02:30")
    assert answer["event"]["start"] == "2026-10-25T02:30+02:00"
    assert "comes twice" in answer["remark"]


def test_the_second_of_two_equal_hours_can_be_had_by_its_offset(call: Any, folder: Path) -> None:
    answer = call("create_event", title="Night shift", start="2026-10-25T02:30:00+01:00")
    assert answer["event"]["start"] == "2026-10-25T02:30+01:00"
    assert "DTSTART:20261025T013000Z" in (folder / "calendar.ics").read_text()
    listed = call("list_events", date="2026-10-25")["events"]
    assert [event["start"] for event in listed] == ["2026-10-25T02:30+01:00"]


def test_a_length_is_real_time_across_a_change_of_the_clocks(call: Any) -> None:
    event = call("create_event", title="Flight", start="2027-03-28T01:00", duration_minutes=120)["event"]
    assert event["end"] == "2027-03-28T04:00+02:00"


def test_a_series_keeps_its_hour_across_a_change_of_the_clocks(call: Any) -> None:
    call("create_event", title="Standup", start="2027-03-26T09:00", repeat="daily")
    listed = call("list_events", date="2027-03-27", until="2027-03-29")["events"]
    assert [event["start"] for event in listed] == [
        "2027-03-27T09:00+01:00",
        "2027-03-28T09:00+02:00",
        "2027-03-29T09:00+02:00",
    ]


def test_overlapping_events_are_named_and_the_event_is_made(call: Any) -> None:
    call("create_event", title="Lunch", start="2026-11-25T12:30")
    answer = call("create_event", title="Call", start="2026-11-25T13:00")
    (conflict,) = answer["conflicts"]
    assert conflict.startswith("Lunch, 2026-11-25T12:30+01:00 to 2026-11-25T13:30+01:00 (id ")
    assert len(call("list_events", date="2026-11-25")["events"]) == 2


def test_events_that_only_touch_do_not_conflict(call: Any) -> None:
    call("create_event", title="Lunch", start="2026-11-25T12:30")
    assert "conflicts" not in call("create_event", title="Call", start="2026-11-25T13:30")


def test_whole_days_conflict_only_when_they_are_busy(call: Any) -> None:
    call("create_event", title="Birthday", start="2026-11-25")
    assert "conflicts" not in call("create_event", title="Call", start="2026-11-25T13:30")
    call("create_event", title="Trade fair", start="2026-11-26", busy=True)
    assert "conflicts" in call("create_event", title="Call", start="2026-11-26T13:30")


def test_a_series_conflicts_by_any_of_its_occasions(call: Any) -> None:
    call("create_event", title="Dentist", start="2026-12-09T09:00")
    answer = call("create_event", title="Standup", start="2026-11-25T09:00", repeat="weekly")
    assert [line.partition(",")[0] for line in answer["conflicts"]] == ["Dentist"]


def test_one_idempotency_key_makes_one_event(call: Any) -> None:
    first = call("create_event", key="same", title="Lunch", start="2026-11-25T12:30")
    again = call("create_event", key="same", title="Lunch", start="2026-11-25T12:30")
    assert first == again
    assert len(call("list_events", date="2026-11-25")["events"]) == 1


def test_people_are_kept_by_name_and_address(call: Any, folder: Path) -> None:
    event = call(
        "create_event",
        title="Lunch",
        start="2026-11-25T12:30",
        attendees=["Sam", "jo@example.org", "Ann Lee <ann@example.org>"],
    )["event"]
    assert event["attendees"] == ["Sam", "jo@example.org", "Ann Lee"]
    (stored,) = events_in(folder)
    addresses = [str(person) for person in stored["ATTENDEE"]]
    assert addresses == ["invalid:nomail", "mailto:jo@example.org", "mailto:ann@example.org"]


def test_text_cannot_break_out_of_its_line(call: Any, folder: Path) -> None:
    evil = 'x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:y\x00\x07";\ud800'
    call("create_event", title=evil, start="2026-11-25T12:30", notes=evil, location=evil, attendees=[evil])
    (stored,) = events_in(folder)
    assert str(stored["SUMMARY"]).startswith("x END:VEVENT BEGIN:VEVENT")
    assert "END:VEVENT\nBEGIN:VEVENT" in str(stored["DESCRIPTION"])


@pytest.mark.parametrize("title", ["", "   ", "\x00\n", "x" * 301])
def test_a_title_says_something_and_not_too_much(call: Any, title: str) -> None:
    with pytest.raises(ToolError, match="title"):
        call("create_event", title=title, start="2026-11-25T12:30")


@pytest.mark.parametrize(
    ("repeat", "days"),
    [
        ("daily", [25, 26, 27, 28, 29, 30]),
        ("weekdays", [25, 26, 27, 30]),
        ("weekly", [25]),
    ],
)
def test_words_for_repetition(call: Any, repeat: str, days: list[int]) -> None:
    call("create_event", title="x", start="2026-11-25T08:00", repeat=repeat)
    listed = call("list_events", date="2026-11-25", until="2026-11-30")["events"]
    assert [int(event["start"][8:10]) for event in listed] == days
    assert {event["repeats"] for event in listed} == {repeat}


def test_every_two_weeks_until_and_with_its_last_day(call: Any) -> None:
    call("create_event", title="x", start="2026-11-25T23:30", repeat="every_two_weeks", repeat_until="2026-12-23")
    listed = call("list_events", date="2026-11-01", until="2027-03-01")["events"]
    assert [event["start"][:10] for event in listed] == ["2026-11-25", "2026-12-09", "2026-12-23"]
    assert listed[0]["repeats"] == "every_two_weeks until 2026-12-23"


def test_a_rule_as_in_icalendar(call: Any) -> None:
    call("create_event", title="Gym", start="2026-11-24T18:00", rrule="RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3")
    listed = call("list_events", date="2026-11-20", until="2027-01-01")["events"]
    assert [event["start"][:10] for event in listed] == ["2026-11-24", "2026-11-26", "2026-12-01"]
    assert listed[0]["repeats"] == "FREQ=WEEKLY;COUNT=3;BYDAY=TU,TH"
