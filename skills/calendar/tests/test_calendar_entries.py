"""What is sent after a change, and what XML is read: pure functions, tried with many inputs."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill_calendar.dav_xml import NotWebDav, answers_in, events_between, precondition_in
from skill_calendar.entries import Entry, changes, entry_of, together
from skill_calendar.events import Details, new_event, touch
from skill_calendar.ics import events_in
from skill_calendar.occurrences import uid_of
from skill_calendar.parsing import Damaged
from skill_calendar.times import Span

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
WORDS = [
    "<",
    ">",
    "</",
    "/>",
    "D:multistatus",
    "D:response",
    "D:href",
    " xmlns:D='DAV:'",
    "&",
    ";",
    "]]>",
    "<!DOCTYPE a",
]
LINES = [
    *("BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VTIMEZONE", "END:VTIMEZONE", "UID:1"),
    *("DTSTART:20261125T090000Z", "DTSTART;VALUE=DATE:1", "RRULE:FREQ=DAILY", "RDATE;VALUE=PERIOD:x/y", " folded", ":"),
    *("BEGIN:STANDARD", "END:STANDARD", "TZID:X", "RRULE:BYMONTH=1", "TZOFFSETTO:+0100", "TZOFFSETFROM:+0100"),
]


def entries(count: int) -> list[Entry]:
    return [
        entry_of(
            f"/c/{number}.ics",
            f'"{number}"',
            f"BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:{number}\nDTSTART:20261125T090000Z\nSUMMARY:{number}\n"
            "END:VEVENT\nEND:VCALENDAR\n",
        )
        for number in range(count)
    ]


@given(st.lists(st.sampled_from(["stays", "changes", "goes"]), max_size=6), st.integers(0, 3))
def test_exactly_what_changed_is_sent(fates: list[str], new: int) -> None:
    kept = entries(len(fates))
    whole = together(kept)
    for event, fate in zip(events_in(whole), fates, strict=True):
        if fate == "changes":
            touch(event, NOW)
        elif fate == "goes":
            whole.subcomponents = [part for part in whole.subcomponents if part is not event]
    for number in range(new):
        span = Span(NOW, NOW.replace(hour=10))
        whole.add_component(new_event(f"new {number}", span, Details(title="x"), None, NOW))
    sent = {change.path: change for change in changes(kept, whole, "/c/")}
    expected = {f"/c/{number}.ics" for number, fate in enumerate(fates) if fate != "stays"}
    assert set(sent) == expected | {f"/c/new%20{number}.ics" for number in range(new)}
    for number, fate in enumerate(fates):
        if fate != "stays":
            change = sent[f"/c/{number}.ics"]
            assert change.etag == f'"{number}"'
            assert (change.calendar is None) == (fate == "goes")
    for change in sent.values():
        assert change.calendar is None or len({uid_of(event) for event in events_in(change.calendar)}) == 1


@given(st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(WORDS)).map(lambda parts: "".join(parts).encode())))
def test_whatever_a_server_says_is_read_or_refused(content: bytes) -> None:
    with suppress(NotWebDav):
        answers_in(content)
    assert precondition_in(content) == ""


@given(st.lists(st.sampled_from(LINES), max_size=12).map("\n".join))
def test_whatever_an_entry_holds_is_read_or_damaged(content: str) -> None:
    with suppress(Damaged):
        entry_of("/c/x.ics", '"1"', content)


def test_what_a_property_holds_counts_only_when_the_server_has_it() -> None:
    (answer,) = answers_in(
        b"<D:multistatus xmlns:D='DAV:'><D:response><D:href> /c/ </D:href>"
        b"<D:propstat><D:prop><D:getetag>1</D:getetag></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>"
        b"<D:propstat><D:prop><D:displayname>A &amp; B</D:displayname></D:prop><D:status>HTTP/1.1 200</D:status>"
        b"</D:propstat></D:response></D:multistatus>"
    )
    assert (answer.href, answer.status) == ("/c/", 200)
    assert (answer.text("{DAV:}displayname"), answer.text("{DAV:}getetag")) == ("A & B", "")


@pytest.mark.parametrize(
    ("status", "number"), [("HTTP/1.1 507 Full", 507), ("banana", 200), ("HTTP/1.1 x", 500), ("HTTP/1.1 ²²²", 500)]
)
def test_a_status_of_its_own_is_read(status: str, number: int) -> None:
    content = f"<D:multistatus xmlns:D='DAV:'><D:response><D:href>/c/</D:href><D:status>{status}</D:status></D:response></D:multistatus>"
    (answer,) = answers_in(content.encode())
    assert answer.status == (500 if number == 200 else number)


def test_a_range_is_asked_for_with_a_day_of_slack() -> None:
    body = events_between(NOW, NOW)
    assert b'<C:time-range start="20261123T090000Z" end="20261125T090000Z"/>' in body
    assert b"time-range" not in events_between(None, None)
