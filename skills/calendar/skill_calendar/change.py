"""Changing an event, a whole series, or one occasion of it."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from skill_calendar.answers import Booked
from skill_calendar.booking import booked, first_occurrence, rule_for
from skill_calendar.choices import RepeatAnew, Scope
from skill_calendar.events import Details, attendees_of, describe, single_occasion, touch
from skill_calendar.ics import events_in, put, rules_of, text
from skill_calendar.lookup import Found, find
from skill_calendar.moving import Move, move_event, move_series
from skill_calendar.occurrences import is_series, original_of, repeats_in_words, title_of, uid_of
from skill_calendar.rules import last_moment
from skill_calendar.store import store_of
from skill_calendar.times import zone_of
from skill_calendar.views import ends_shown
from skillkernel import Context, ToolError


@dataclass(frozen=True, slots=True)
class Repetition:
    """The new repetition of an event as a caller said it; None leaves what is there."""

    repeat: RepeatAnew | None = None
    rrule: str | None = None
    until: date | None = None

    @property
    def asked(self) -> bool:
        """Whether anything about the repetition changes."""
        return not (self.repeat is None and self.rrule is None and self.until is None)


def update(
    context: Context,
    reference: str,
    day: date | None,
    scope: Scope | None,
    move: Move,
    details: Details,
    repetition: Repetition,
) -> Booked:
    """Change the event that `reference` names, or one occasion of it, and return it with what it was before."""
    if not move.asked and not repetition.asked and details == Details():
        raise ToolError("nothing to change: say at least one new value, such as title or start")
    home = zone_of(context.time_zone)
    with store_of(context).changing(context.now()) as contents:
        calendar = contents.calendar
        found = find(calendar, reference, day, context.now(), home)
        event = _chosen(calendar, found, scope)
        before = _facts(event, home)
        remark = ""
        if move.asked and is_series(event):
            new_rule = repetition.repeat is not None or repetition.rrule is not None
            remark = move_series(calendar, event, found.occurrence, move, home, new_rule=new_rule)
        elif move.asked:
            remark = move_event(event, move, home)
        describe(event, details)
        if repetition.asked:
            _repeat(calendar, event, repetition, home)
        touch(event, context.now())
        answer = booked(contents, event, remark, home)
        after = _facts(event, home)
        answer["was"] = [f"{name}: {value or 'none'}" for name, value in before.items() if after[name] != value]
    return answer


def _chosen(calendar: Calendar, found: Found, scope: Scope | None) -> Event:
    """The event to change: the whole one, or one occasion, set apart from its series when it is not yet."""
    series, occurrence = found.event, found.occurrence
    if not is_series(series) or scope == "all" or (scope is None and occurrence is None):
        return series
    if occurrence is None or occurrence.original is None:
        raise ToolError(f"{title_of(series)!r} repeats: say the date of the occasion that is meant")
    for part in events_in(calendar):
        if uid_of(part) == uid_of(series) and original_of(part) == occurrence.original:
            return part
    own = single_occasion(series, occurrence.original, occurrence.span)
    calendar.add_component(own)
    return own


def _repeat(calendar: Calendar, event: Event, repetition: Repetition, home: ZoneInfo) -> None:
    if original_of(event) is not None:
        raise ToolError("one occasion of a series does not repeat by itself: say scope all to change the series")
    if repetition.repeat == "never":
        for name in ("rrule", "rdate", "exdate"):
            put(event, name)
        drop(calendar, uid_of(event), occasions_only=True)
        return
    start = first_occurrence(event, home).span.start
    if repetition.repeat is None and repetition.rrule is None and repetition.until is not None:
        rules = rules_of(event)
        if len(rules) != 1:
            raise ToolError(f"{title_of(event)!r} has no single rule that could end: say repeat too")
        rule = rules[0]
        rule.pop("COUNT", None)
        rule["UNTIL"] = [last_moment(repetition.until, start, home)]
        return
    put(event, "rrule", rule_for(repetition.repeat, repetition.rrule, repetition.until, start, home))


def drop(calendar: Calendar, uid: str, *, occasions_only: bool = False) -> None:
    """Take every event of that UID out of the calendar, or only the occasions that were changed apart."""
    for event in events_in(calendar):
        if uid_of(event) == uid and not (occasions_only and original_of(event) is None):
            remove(calendar, event)


def remove(calendar: Calendar, event: Event) -> None:
    """Take that very component out of the calendar, not one that is merely equal."""
    calendar.subcomponents = [part for part in calendar.subcomponents if part is not event]


def _facts(event: Event, home: ZoneInfo) -> dict[str, str]:
    start, end = ends_shown(first_occurrence(event, home).span, home)
    return {
        "title": title_of(event),
        "start": start,
        "end": end,
        "location": text(event, "LOCATION"),
        "attendees": ", ".join(attendees_of(event)),
        "notes": text(event, "DESCRIPTION"),
        "repeats": repeats_in_words(event) or "",
    }
