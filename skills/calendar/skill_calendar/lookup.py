"""Which event a caller means: by id, by the id of one occasion, or by its title."""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from skill_calendar.occurrences import (
    LONGEST_RANGE,
    Occurrence,
    event_id,
    events_of,
    is_series,
    occasion,
    occurrences,
    original_of,
    span_of,
    title_of,
    uid_of,
)
from skill_calendar.times import in_years, moment
from skill_calendar.views import brief
from skillkernel import ToolError

_ID = re.compile(r"(?P<event>[0-9a-f]{8})(?:@(?P<occasion>\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2})?))?")
_MOST_CANDIDATES = 6


@dataclass(frozen=True, slots=True)
class Found:
    """An event, and which occasion of it, None when the caller named none."""

    event: Event
    occurrence: Occurrence | None


def find(calendar: Calendar, reference: str, day: date | None, now: datetime, zone: ZoneInfo) -> Found:
    """Return the one event that `reference` (and `day`, when it takes place) names; raise `ToolError` when that is none
    or several, with those that it could be."""
    named = _ID.fullmatch(reference.strip())
    events = events_of(calendar)
    masters = [event for event in events if "RECURRENCE-ID" not in event]
    if named and (known := [event for event in masters if event_id(event) == named["event"]]):
        if named["occasion"]:
            return Found(known[0], _occasion_of(calendar, known[0], named["occasion"], zone))
        return _on_day(calendar, known, reference, day, zone) if day else Found(known[0], None)
    candidates = _by_title(events, masters, reference)
    if day is not None:
        return _on_day(calendar, candidates, reference, day, zone)
    if len(candidates) > 1:
        candidates = _upcoming(calendar, candidates, now, zone) or candidates
    if len(candidates) > 1:
        raise _ambiguous(reference, [_next(calendar, event, now, zone) for event in candidates], zone)
    return Found(candidates[0], None)


def _by_title(events: list[Event], masters: list[Event], reference: str) -> list[Event]:
    """The events of that title, else those whose title holds it, else those whose title holds each of its words."""
    wanted = " ".join(reference.casefold().split())
    titles = {id(event): " ".join(title_of(event).casefold().split()) for event in events}
    words = wanted.split()
    tests: list[Callable[[str], bool]] = [
        lambda title: title == wanted,
        lambda title: wanted in title,
        lambda title: all(word in title for word in words),
    ]
    for fits in tests:
        uids = {uid_of(event) for event in events if wanted and fits(titles[id(event)])}
        found = [event for event in masters if uid_of(event) in uids]
        if found:
            return found
    near = difflib.get_close_matches(wanted, sorted(set(titles.values())), n=3, cutoff=0.5)
    spelled = dict.fromkeys(title_of(event) for event in events if titles[id(event)] in near)
    hint = f"did you mean {' or '.join(map(repr, spelled))}?" if spelled else "list_events shows what there is"
    raise ToolError(f"no event is called {reference[:80]!r}; {hint}")


def _on_day(calendar: Calendar, candidates: list[Event], reference: str, day: date, zone: ZoneInfo) -> Found:
    uids = {uid_of(event): event for event in candidates}
    midnight = moment(day, zone)
    there = [
        occurrence
        for occurrence in occurrences(calendar, midnight, moment(day + timedelta(days=1), zone), zone)
        if uid_of(occurrence.event) in uids
    ]
    if not there:
        raise ToolError(f"{reference[:80]!r} does not take place on {day}; list_events shows when it does")
    if len(there) > 1:
        raise _ambiguous(reference, there, zone)
    event = uids[uid_of(there[0].event)]
    return Found(event, there[0] if is_series(event) else None)


def _occasion_of(calendar: Calendar, series: Event, name: str, zone: ZoneInfo) -> Occurrence:
    uid = uid_of(series)
    nowhere = ToolError(f"{title_of(series)!r} does not take place on {name}; list_events shows when it does")
    try:
        day = in_years(date.fromisoformat(name[:10]))
    except ValueError:
        raise nowhere from None
    moved = [
        span.start
        for event in events_of(calendar)
        if uid_of(event) == uid
        and (original := original_of(event))
        and occasion(original) == name
        and (span := span_of(event, zone))
    ]
    about = moment(moved[0] if moved else day, zone)
    for occurrence in occurrences(calendar, about - timedelta(days=2), about + timedelta(days=3), zone):
        if occurrence.original and uid_of(occurrence.event) == uid and occasion(occurrence.original) == name:
            return occurrence
    raise nowhere


def upcoming(calendar: Calendar, event: Event, now: datetime, zone: ZoneInfo) -> Occurrence | None:
    """The next time that the event takes place or the one that is under way; None when all of it is over."""
    uid = uid_of(event)
    own = Calendar()
    own.subcomponents.extend(part for part in calendar.subcomponents if part.get("UID") == uid)
    ahead = occurrences(own, now, now + LONGEST_RANGE, zone)
    if ahead or is_series(event):
        return ahead[0] if ahead else None
    span = span_of(event, zone)
    return Occurrence(event, span, None) if span and span.bounds(zone)[1] > now else None


def _upcoming(calendar: Calendar, events: Iterable[Event], now: datetime, zone: ZoneInfo) -> list[Event]:
    return [event for event in events if upcoming(calendar, event, now, zone)]


def _next(calendar: Calendar, event: Event, now: datetime, zone: ZoneInfo) -> Occurrence:
    ahead = upcoming(calendar, event, now, zone)
    if ahead is not None:
        return ahead
    span = span_of(event, zone)
    if span is None:
        raise ToolError(f"the event {title_of(event)!r} has no start, so it cannot be used")
    return Occurrence(event, span, None)


def _ambiguous(reference: str, several: list[Occurrence], zone: ZoneInfo) -> ToolError:
    lines = "; ".join(brief(occurrence, zone) for occurrence in several[:_MOST_CANDIDATES])
    more = f"; and {len(several) - _MOST_CANDIDATES} more" if len(several) > _MOST_CANDIDATES else ""
    return ToolError(f"{reference[:80]!r} may be any of {len(several)} events, so say its id: {lines}{more}")
