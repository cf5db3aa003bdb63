"""calendar.ics: files of other programs, damaged files, and several writers at once."""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

import skill_calendar
from skillkernel import Context, ToolError
from skillkernel.sdk.invoke import call_tool

OUTLOOK = """BEGIN:VCALENDAR
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN
VERSION:2.0
METHOD:PUBLISH
X-MS-OLK-FORCEINSPECTOROPEN:TRUE
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16011028T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
CLASS:PUBLIC
DTSTAMP:20261101T000000Z
DTSTART;TZID=W. Europe Standard Time:20261125T090000
DTEND;TZID=W. Europe Standard Time:20261125T100000
SUMMARY;LANGUAGE=de:Übergabe\\, Teil 1
UID:040000008200E00074C5B7101A82E00800000000B0A7
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
ATTENDEE;CN="Doe, Jane";RSVP=TRUE:mailto:jane@example.org
BEGIN:VALARM
TRIGGER:-PT15M
ACTION:DISPLAY
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
BEGIN:VTODO
UID:todo-1
DTSTAMP:20261101T000000Z
SUMMARY:Water the plants
END:VTODO
BEGIN:X-THING
X-A;X-B=c:1
END:X-THING
END:VCALENDAR
""".replace("\n", "\r\n")

GOOGLE = """BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
X-WR-CALNAME:Private
X-WR-TIMEZONE:Europe/Berlin
BEGIN:VTIMEZONE
TZID:Europe/Berlin
X-LIC-LOCATION:Europe/Berlin
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=Europe/Berlin:20261123T170000
DTEND;TZID=Europe/Berlin:20261123T180000
RRULE:FREQ=WEEKLY;BYDAY=MO
EXDATE;TZID=Europe/Berlin:20261130T170000
DTSTAMP:20261101T000000Z
UID:yoga@google.com
SUMMARY:Yoga
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=Europe/Berlin:20261208T170000
DTEND;TZID=Europe/Berlin:20261208T180000
DTSTAMP:20261101T000000Z
UID:yoga@google.com
RECURRENCE-ID;TZID=Europe/Berlin:20261207T170000
SUMMARY:Yoga (moved)
END:VEVENT
BEGIN:VEVENT
DTSTART:20261127T080000Z
DURATION:PT30M
DTSTAMP:20261101T000000Z
UID:utc@google.com
SUMMARY:Call
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261128
DTSTAMP:20261101T000000Z
UID:day@google.com
STATUS:CANCELLED
SUMMARY:Cancelled trip
END:VEVENT
BEGIN:VEVENT
DTSTART:20261129T100000
DTSTAMP:20261101T000000Z
UID:floating@google.com
SUMMARY:Floating
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")

ODD_ZONE = OUTLOOK.replace("W. Europe Standard Time", "Not seen before")  # icalendar remembers zones by their name


def test_an_outlook_file_is_read(call: Any, folder: Path) -> None:
    (folder / "calendar.ics").write_text(OUTLOOK, newline="")
    (event,) = call("list_events", date="2026-11-25")["events"]
    assert event["title"] == "Übergabe, Teil 1"
    assert event["start"] == "2026-11-25T09:00+01:00"
    assert event["attendees"] == ["Doe, Jane"]


def test_what_another_program_wrote_is_kept_line_by_line(call: Any, folder: Path) -> None:
    (folder / "calendar.ics").write_text(OUTLOOK, newline="")
    call("create_event", title="Lunch", start="2026-11-25T12:30")
    lines = (folder / "calendar.ics").read_bytes().decode().split("\r\n")
    assert [line for line in OUTLOOK.split("\r\n") if line not in lines] == []


def test_an_outlook_event_moves(call: Any, folder: Path) -> None:
    (folder / "calendar.ics").write_text(OUTLOOK, newline="")
    answer = call("update_event", event="Übergabe", start="2026-11-25T11:00")
    assert answer["event"]["start"] == "2026-11-25T11:00+01:00"
    assert "TRIGGER:-PT15M" in (folder / "calendar.ics").read_text()


def test_a_google_file_is_read(call: Any, folder: Path) -> None:
    (folder / "calendar.ics").write_text(GOOGLE, newline="")
    events = call("list_events", date="2026-11-23", until="2026-12-14")["events"]
    assert [(event["title"], event["start"]) for event in events] == [
        ("Yoga", "2026-11-23T17:00+01:00"),
        ("Call", "2026-11-27T09:00+01:00"),
        ("Floating", "2026-11-29T10:00+01:00"),
        ("Yoga (moved)", "2026-12-08T17:00+01:00"),
        ("Yoga", "2026-12-14T17:00+01:00"),
    ]
    assert events[1]["end"] == "2026-11-27T09:30+01:00"


def test_an_occasion_with_a_title_of_its_own_is_found_by_it(call: Any, folder: Path) -> None:
    (folder / "calendar.ics").write_text(GOOGLE, newline="")
    assert call("update_event", event="Yoga", date="2026-12-08", title="Pilates")["was"] == ["title: Yoga (moved)"]


def event_file(*lines: str) -> str:
    body = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "BEGIN:VEVENT",
        "UID:1",
        "SUMMARY:x",
        *lines,
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join(body) + "\r\n"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=2",
        "FREQ=HOURLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;BYSECOND=1,2,3;BYHOUR=1,2",
        "FREQ=DAILY;FOO=1",
        "FREQ=DAILY;COUNT=0",
        "INTERVAL=2",
    ],
)
def test_a_rule_without_end_or_sense_is_not_counted_out(call: Any, folder: Path, rule: str) -> None:
    (folder / "calendar.ics").write_text(event_file("DTSTART:19700101T000000Z", f"RRULE:{rule}"), newline="")
    assert call("list_events", date="2026-11-25")["events"] == []
    assert len(call("list_events", date="1970-01-01")["events"]) == 1
    call("create_event", title="Lunch", start="2026-11-25T12:30")
    assert f"RRULE:{rule}" in (folder / "calendar.ics").read_text()


@pytest.mark.parametrize(
    ("content", "place", "problem"),
    [
        ("", 1, ""),
        ("garbage", 1, "is not a line of an iCalendar file"),
        ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nno colon here\r\nEND:VCALENDAR\r\n", 3, "'no colon here' is not a line"),
        (OUTLOOK[: len(OUTLOOK) // 2].rpartition("\r\n")[0], 21, "is never ended"),
        (OUTLOOK + GOOGLE, 45, "one file holds one VCALENDAR"),
        ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n", 3, "END:VCALENDAR ends nothing"),
        ("BEGIN:VTODO\r\nEND:VTODO\r\n", 1, "does not begin with BEGIN:VCALENDAR"),
        (ODD_ZONE.replace("FREQ=YEARLY;", ""), 1, "it cannot be understood"),
        (event_file("DTSTART:tomorrow"), 6, "DTSTART has the value 'tomorrow'"),
        (event_file("DTSTART:20261125T090000Z", "RRULE:FREQ=SOMETIMES"), 7, "RRULE has the value"),
        (event_file("DTSTART:20261125T090000Z", "EXDATE:20261126T090000Z", "EXDATE:never"), 8, "EXDATE has the value"),
    ],
)
def test_a_damaged_file_is_named_with_its_line_and_left_alone(
    call: Any, folder: Path, content: str, place: int, problem: str
) -> None:
    (folder / "calendar.ics").write_text(content, newline="")
    for tool, arguments in (("list_events", {}), ("create_event", {"title": "x", "start": "2026-11-25T12:30"})):
        with pytest.raises(ToolError, match=rf"calendar\.ics, line {place}: .*{problem}"):
            call(tool, **arguments)
    assert (folder / "calendar.ics").read_bytes() == content.encode()


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART:00010101T000000Z"],
        ["DTSTART;VALUE=DATE:99991231"],
        ["DTSTART:99991231T235959Z", "DURATION:P1D"],
        ["DTSTART:00010101T000000Z", "RRULE:FREQ=YEARLY"],
        ["DTSTART:20261125T100000Z", "DTEND:20261125T090000Z"],
        ["DTSTART:20261125T100000Z", "DTEND:20261125T090000Z", "RRULE:FREQ=DAILY"],
        ["DTSTART;VALUE=DATE:20261125", "DTEND:20261125T090000Z"],
        ["DTSTART:20261125T100000Z", "DTEND;VALUE=DATE:20261126"],
        ["DTSTART;TZID=Nowhere/City:20261125T100000"],
        ["DTSTART;TZID=Nowhere/City:20261125T100000", "RRULE:FREQ=DAILY"],
        ["DURATION:PT1H"],
        ["DTSTART:20261125T100000Z", "SUMMARY:twice", "TRANSP:ODD", "STATUS:ODD", "SEQUENCE:odd"],
        ["DTSTART:20261125T100000Z", "RECURRENCE-ID:20261125T100000Z"],
        ["DTSTART:20261125T100000Z", "RDATE;VALUE=PERIOD:20261126T100000Z/PT1H"],
        ["DTSTART:20261125T100000", "RRULE:FREQ=DAILY;UNTIL=20261128T100000Z"],
        ["DTSTART:20261125T100000Z", "RRULE:FREQ=DAILY;UNTIL=20261128"],
        ["DTSTART:20261125T100000Z", "DTSTART:20261126T100000Z", "RRULE:FREQ=DAILY"],
    ],
)
def test_odd_events_of_other_programs_stop_no_tool(call: Any, folder: Path, lines: list[str]) -> None:
    (folder / "calendar.ics").write_text(event_file(*lines), newline="")
    call("list_events", date="2026-11-24", until="2026-11-30")
    call("find_free_time", date="2026-11-24", until="2026-11-30")
    call("create_event", title="Lunch", start="2026-11-25T10:30")
    for tool, arguments in (("update_event", {"start": "2026-11-26T10:00"}), ("delete_event", {"scope": "all"})):
        with contextlib.suppress(ToolError):
            call(tool, event="x", **arguments)
    assert [event["title"] for event in call("list_events", query="lunch")["events"]] == ["Lunch"]


def test_bytes_that_are_no_text_are_named_with_their_line(call: Any, folder: Path) -> None:
    content = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-A:\xff\xfe\r\nEND:VCALENDAR\r\n"
    (folder / "calendar.ics").write_bytes(content)
    with pytest.raises(ToolError, match=r"line 3: it is not UTF-8 text"):
        call("list_events")


def test_a_huge_file_is_not_read(call: Any, folder: Path) -> None:
    with (folder / "calendar.ics").open("wb") as file:
        file.truncate(30_000_000)
    with pytest.raises(ToolError, match="larger than 5 MB"):
        call("list_events")


def test_a_file_changed_by_another_program_is_read_anew(call: Any, folder: Path) -> None:
    assert call("list_events", date="2026-11-25")["events"] == []
    (folder / "calendar.ics").write_text(OUTLOOK, newline="")
    assert len(call("list_events", date="2026-11-25")["events"]) == 1


def make_event(folder: str, number: int) -> None:
    context = Context.for_tests(Path(folder), time_zone="Europe/Berlin", idempotency_key=f"event-{number}")
    call_tool(skill_calendar.create_event, {"title": f"Event {number}", "start": "2026-11-25T12:30"}, context)


def test_calls_side_by_side_lose_no_event(folder: Path) -> None:
    threads = [threading.Thread(target=make_event, args=(str(folder), number)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    calendar = Calendar.from_ical((folder / "calendar.ics").read_bytes())
    assert {str(event["SUMMARY"]) for event in calendar.events} == {f"Event {number}" for number in range(8)}


ANOTHER_PROCESS = """
import sys
from pathlib import Path
import skill_calendar
from skillkernel import Context
for number in range(3):
    context = Context.for_tests(Path(sys.argv[1]), time_zone="Europe/Berlin", idempotency_key=f"{sys.argv[2]}{number}")
    skill_calendar.create_event(context, "Event", context.now())
"""


def test_processes_side_by_side_lose_no_event(folder: Path) -> None:
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"]}
    processes = [
        subprocess.Popen([sys.executable, "-c", ANOTHER_PROCESS, str(folder), name], env=environment)
        for name in ("a", "b")
    ]
    assert [process.wait(60) for process in processes] == [0, 0]
    calendar = Calendar.from_ical((folder / "calendar.ics").read_bytes())
    assert len(calendar.events) == 6


def test_what_a_crash_left_behind_does_not_matter(call: Any, folder: Path) -> None:
    (folder / "calendar.ics.new").write_text("half an ev")
    call("create_event", title="Lunch", start="2026-11-25T12:30")
    assert len(call("list_events", date="2026-11-25")["events"]) == 1
