"""When events happen: single ones compared directly, series expanded within a bounded range."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from skill_calendar.ics import decoded, events_in, put, rules_of, serialised, text
from skill_calendar.ics import when as date_in
from skill_calendar.rules import in_words, problem_of
from skill_calendar.times import Span, moment
from skillkernel import ToolError

LONGEST_RANGE = timedelta(days=1100)
"""How much time one question may span: about three years."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One event on one occasion; `original` is the start that the series gave it, None for an event that is no series."""

    event: Event
    span: Span
    original: date | None

    @property
    def id(self) -> str:
        """A short name that stays: the event's, and for an occasion of a series which one."""
        own = event_id(self.event)
        return own if self.original is None else f"{own}@{occasion(self.original)}"

    @property
    def title(self) -> str:
        """The event's title."""
        return title_of(self.event)

    @property
    def busy(self) -> bool:
        """Whether it takes up the time that it covers (TRANSP, RFC 5545, 3.8.2.7)."""
        return text(self.event, "TRANSP").upper() != "TRANSPARENT"


def event_id(event: Event) -> str:
    """Return eight hexadecimal digits for the event's UID, since UIDs of other programs are long and look alike."""
    return hashlib.sha256(uid_of(event).encode() or serialised(event)).hexdigest()[:8]


def occasion(original: date) -> str:
    """Return how one occasion of a series is written after the `@` of its id: its date, or date and clock time."""
    return f"{original:%Y-%m-%dT%H:%M}" if isinstance(original, datetime) else f"{original:%Y-%m-%d}"


def uid_of(event: Event) -> str:
    """The event's UID, which all occasions of a series share."""
    return text(event, "UID")


def original_of(event: Event) -> date | None:
    """The start that the series gave to this occasion; None for an event that is not one occasion of a series."""
    return date_in(event, "RECURRENCE-ID")


def title_of(event: Event) -> str:
    """The event's title, also when it has none."""
    return text(event, "SUMMARY") or "(no title)"


def is_series(event: Event) -> bool:
    """Whether the event repeats."""
    return "RRULE" in event or "RDATE" in event


def repeats_in_words(event: Event) -> str | None:
    """How the event repeats, None when it does not."""
    rules = [in_words(rule) for rule in rules_of(event)]
    return " and ".join(rules) or ("on listed dates" if "RDATE" in event else None)


def span_of(event: Event, zone: ZoneInfo) -> Span | None:
    """Return when the event takes place, floating times on the clock of `zone`; None for one that has no time.

    A date at the very beginning or end of the calendar, as some programs write for "always", counts as none.
    """
    start = date_in(event, "DTSTART")
    if start is None:
        return None
    whole_days = not isinstance(start, datetime)
    try:
        end = date_in(event, "DTEND")
        if end is None:
            length = decoded(event, "DURATION")
            end = start + (length if isinstance(length, timedelta) else timedelta(days=1 if whole_days else 0))
        if whole_days:
            return Span(start, end.date() if isinstance(end, datetime) else end)
        return Span(moment(start, zone), moment(end, zone))
    except OverflowError:
        return None


def events_of(calendar: Calendar) -> list[Event]:
    """Every event and every changed occasion of one, cancelled ones left out."""
    return [event for event in events_in(calendar) if text(event, "STATUS").upper() != "CANCELLED"]


def occurrences(calendar: Calendar, first: datetime, last: datetime, zone: ZoneInfo) -> list[Occurrence]:
    """Return what takes place between the two moments, in order of time; raise `ToolError` for too long a range."""
    if last - first > LONGEST_RANGE:
        raise ToolError(f"the range is longer than {LONGEST_RANGE.days} days: ask for a shorter one")
    events = events_of(calendar)
    in_series = {uid_of(event) for event in events if is_series(event) or "RECURRENCE-ID" in event}
    single = (event for event in events if uid_of(event) not in in_series)
    found = [
        *_of_single(single, first, last, zone),
        *_of_series([event for event in events if uid_of(event) in in_series], first, last, zone),
    ]
    return sorted(found, key=lambda occurrence: (*occurrence.span.bounds(zone), occurrence.title))


def _of_single(events: Iterable[Event], first: datetime, last: datetime, zone: ZoneInfo) -> Iterator[Occurrence]:
    for event in events:
        span = span_of(event, zone)
        if span is not None and touches(span, first, last, zone):
            yield Occurrence(event, span, None)


def touches(span: Span, first: datetime, last: datetime, zone: ZoneInfo) -> bool:
    """Whether the span shares time with the range; one without length does when it begins in it."""
    start, end = span.bounds(zone)
    return first <= start < last if start == end else start < last and end > first


def _of_series(events: list[Event], first: datetime, last: datetime, zone: ZoneInfo) -> Iterator[Occurrence]:
    together: dict[str, list[Event]] = {}
    for event in events:
        together.setdefault(uid_of(event), []).append(_bounded(event))
    for series in together.values():
        for event in _expanded(series, first, last):
            span = span_of(event, zone)
            if span is not None and touches(span, first, last, zone):
                yield Occurrence(event, span, original_of(event) or span.start)


def _expanded(series: list[Event], first: datetime, last: datetime) -> list[Event]:
    """The occasions of one series; where its rule makes no sense, the events as they stand in the file."""
    import recurring_ical_events  # pyright: ignore[reportMissingTypeStubs] # it has none

    calendar = Calendar()
    calendar.subcomponents.extend(series)
    library: Any = recurring_ical_events
    try:
        return list(library.of(calendar, keep_recurrence_attributes=True).between(first, last))
    except (ValueError, TypeError, KeyError, OverflowError, AttributeError):
        return series


def _bounded(event: Event) -> Event:
    """The event itself, or one without its rules where counting them out has no bound: then only its start is shown."""
    if not any(problem_of(rule) for rule in rules_of(event)):
        return event
    plain = event.copy()
    put(plain, "rrule")
    return plain
