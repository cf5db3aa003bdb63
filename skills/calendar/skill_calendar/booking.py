"""Putting a new event into the calendar, and saying what it collides with."""

from datetime import date, datetime, timedelta
from typing import cast
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event
from icalendar.prop import vRecur

from skill_calendar.answers import Booked
from skill_calendar.choices import Repeat
from skill_calendar.events import Details, new_event
from skill_calendar.occurrences import Occurrence, events_of, is_series, occurrences, original_of, span_of, uid_of
from skill_calendar.rules import rule_from_text, rule_of
from skill_calendar.store import Contents, store_of
from skill_calendar.times import Span, zone_of
from skill_calendar.views import brief, some, view_of
from skill_calendar.when import When
from skillkernel import Context, ToolError

_NAMESPACE = UUID("6f3c5d0e-3a55-4a63-9c63-0d0c7f0a8f5b")
_LOOK_AHEAD = timedelta(days=92)
"""How far the occasions of a series are compared with the rest of the calendar."""


def rule_for(
    repeat: Repeat | None, rrule: str | None, until: date | None, start: date, zone: ZoneInfo
) -> vRecur | None:
    """Return the rule that a call asks for, None for an event that does not repeat; raise `ToolError` for both at once."""
    if repeat is not None and rrule is not None:
        raise ToolError("repeat and rrule contradict each other: give one of them")
    if rrule is not None:
        rule = rule_from_text(rrule, until, start, zone)
    elif repeat is not None:
        rule = rule_of(repeat, until, start, zone)
    else:
        if until is not None:
            raise ToolError("repeat_until says when to stop, but not how often it repeats: give repeat too")
        return None
    if isinstance(start, datetime) and start.fold:
        raise ToolError("a repeating event cannot begin in the second pass of an hour that comes twice")
    return rule


def book(context: Context, when: When, details: Details, rule: vRecur | None) -> Booked:
    """Add the event, once for one idempotency key, and return it with what it collides with."""
    home = zone_of(context.time_zone)
    uid = str(uuid5(_NAMESPACE, context.idempotency_key) if context.idempotency_key else uuid4())
    start, end = when.span.bounds(home)
    with store_of(context).changing(context.now(), start, max(end, start + _LOOK_AHEAD) if rule else end) as contents:
        calendar = contents.calendar
        already = [event for event in events_of(calendar) if uid_of(event) == uid]
        event = already[0] if already else new_event(uid, when.span, details, rule, context.now())
        if not already:
            calendar.add_component(event)
        return booked(contents, event, when.remark, home)


def booked(contents: Contents, event: Event, remark: str, home: ZoneInfo) -> Booked:
    """The answer to a call that made or changed an event."""
    answer = Booked(event=view_of(first_occurrence(event, home), home))
    if conflicts := conflicts_of(contents.calendar, event, home):
        answer["conflicts"] = some(conflicts)
    if contents.unread:
        answer["unread"] = some(contents.unread)
    if remark:
        answer["remark"] = remark
    return answer


def first_occurrence(event: Event, zone: ZoneInfo) -> Occurrence:
    """The event itself as an occurrence; of a series, the one that it starts with but under the id of the whole."""
    span = span_of(event, zone)
    if span is None:
        raise ToolError("the event has no start")
    return Occurrence(event, span, original_of(event))


def conflicts_of(calendar: Calendar, event: Event, zone: ZoneInfo) -> list[str]:
    """A line for each other busy event that overlaps this one, a series over its next three months."""
    span = cast(Span, span_of(event, zone))
    start, end = span.bounds(zone)
    if is_series(event):
        end = max(end, start + _LOOK_AHEAD)
    uid = uid_of(event)
    around = [each for each in occurrences(calendar, start, end, zone) if each.busy]
    mine = [each.span.bounds(zone) for each in around if uid_of(each.event) == uid]
    others = [each for each in around if uid_of(each.event) != uid]
    return [brief(each, zone) for each in others if _overlaps(each, mine, zone)]


def _overlaps(other: Occurrence, spans: list[tuple[datetime, datetime]], zone: ZoneInfo) -> bool:
    start, end = other.span.bounds(zone)
    return any(start < until and end > since for since, until in spans)
