"""Events as the file holds them: made, described and moved as RFC 5545 asks."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import Event
from icalendar.prop import vCalAddress, vRecur

from skill_calendar.ics import append, decoded, held, put, when
from skill_calendar.times import Span
from skillkernel import ToolError

LONGEST_TITLE, LONGEST_NOTES, MOST_ATTENDEES = 300, 10_000, 100
"""Characters of a title and of notes, and people of one event."""

NO_ADDRESS = "invalid:nomail"
"""The address of somebody who is known by name alone, as Apple's calendar writes it."""

_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")


@dataclass(frozen=True, slots=True)
class Details:
    """What an event is about. None leaves a field as it is, an empty text or list removes it."""

    title: str | None = None
    location: str | None = None
    notes: str | None = None
    attendees: Sequence[str] | None = None
    busy: bool | None = None


def new_event(uid: str, span: Span, details: Details, rule: vRecur | None, now: datetime) -> Event:
    """Return an event that is not in any calendar yet; raise `ToolError` when its title is empty."""
    event = Event()
    put(event, "uid", uid)
    for name in ("dtstamp", "created"):
        put(event, name, now.astimezone(UTC).replace(microsecond=0))
    put(event, "sequence", 0)
    place(event, span)
    if rule is not None:
        put(event, "rrule", rule)
    put(event, "transp", "TRANSPARENT" if span.all_day else "OPAQUE")
    describe(event, details)
    return event


def describe(event: Event, details: Details) -> None:
    """Write the details into the event; raise `ToolError` for one that cannot be kept."""
    if details.title is not None:
        title = clean(details.title, "title", LONGEST_TITLE, lines=False)
        if not title:
            raise ToolError("the title is empty: say in a few words what the event is")
        put(event, "summary", title)
    if details.location is not None:
        _text(event, "LOCATION", clean(details.location, "location", LONGEST_TITLE, lines=False))
    if details.notes is not None:
        _text(event, "DESCRIPTION", clean(details.notes, "notes", LONGEST_NOTES, lines=True))
    if details.busy is not None:
        put(event, "transp", "OPAQUE" if details.busy else "TRANSPARENT")
    if details.attendees is not None:
        _invite(event, details.attendees)


def place(event: Event, span: Span) -> None:
    """Set when the event takes place; an end that was written as a length becomes a DTEND."""
    put(event, "duration")
    put(event, "dtstart", storable(span.start))
    put(event, "dtend", storable(span.end))


def storable(value: date) -> date:
    """Return the value for DTSTART and DTEND: local time with its zone, except where only UTC is unmistakable.

    Of an hour that comes twice, RFC 5545 lets a local time mean the first one alone.
    """
    return value.astimezone(UTC) if isinstance(value, datetime) and value.fold else value


def touch(event: Event, now: datetime) -> None:
    """Note that the event was changed now."""
    stamp = now.astimezone(UTC).replace(microsecond=0)
    for name in ("dtstamp", "last-modified"):
        put(event, name, stamp)
    sequence = decoded(event, "SEQUENCE")
    put(event, "sequence", sequence + 1 if isinstance(sequence, int) else 1)


def single_occasion(series: Event, original: date, span: Span) -> Event:
    """Return one occasion of a series as an event of its own, to be changed apart from the others."""
    own = series.copy()
    own.subcomponents = list(series.subcomponents)
    for name in ("rrule", "rdate", "exdate"):
        put(own, name)
    put(own, "recurrence-id", original)
    place(own, span)
    return own


def skip(series: Event, original: date) -> None:
    """Take one occasion out of the series."""
    append(series, "exdate", [original])


def shift_exceptions(event: Event, by: timedelta) -> None:
    """Move what an event of a series says of single occasions, for a series that is itself moved by that much."""
    for name in ("exdate", "rdate"):
        put(event, name, *([_shifted(value.dt, by) for value in listed.dts] for listed in held(event, name)))
    original = when(event, "RECURRENCE-ID")
    if original is not None:
        put(event, "recurrence-id", original + by)


def _shifted(value: Any, by: timedelta) -> Any:
    match value:
        case (start, timedelta() as length):
            return start + by, length
        case (start, end):
            return start + by, end + by
        case _:
            return value + by


def attendees_of(event: Event) -> list[str]:
    """The people of an event, by name where one is known, else by address."""
    return [
        str(person.params.get("CN") or str(person).removeprefix("mailto:").removeprefix("MAILTO:"))
        for person in held(event, "ATTENDEE")
    ]


def _invite(event: Event, people: Sequence[str]) -> None:
    if len(people) > MOST_ATTENDEES:
        raise ToolError(f"{len(people)} attendees are too many for one event: at most {MOST_ATTENDEES}")
    put(event, "attendee")
    for said in people:
        person = clean(said, "attendees", LONGEST_TITLE, lines=False)
        address = _ADDRESS.search(person)
        name = person if address is None else person.replace(address[0], "").strip(" <>\"'")
        entry = vCalAddress(f"mailto:{address[0]}" if address else NO_ADDRESS)
        if name:
            entry.params["CN"] = name
        if person:
            append(event, "attendee", entry)


def _text(event: Event, name: str, value: str) -> None:
    put(event, name, *([value] if value else []))


def clean(text: str, name: str, longest: int, *, lines: bool) -> str:
    """Return the text without characters that a calendar file cannot hold; raise `ToolError` when it is too long."""
    kept = "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs"))
    kept = kept.strip() if lines else " ".join(kept.split())
    if len(kept) > longest:
        raise ToolError(f"{name} has {len(kept)} characters, more than the {longest} that an event keeps: shorten it")
    return kept
