"""The new time of an event: what stays when only a part of it is said, and what a whole series does when it moves."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from skill_calendar.events import place, shift_exceptions
from skill_calendar.ics import events_in, rules_of
from skill_calendar.ics import when as date_in
from skill_calendar.occurrences import Occurrence, occurrences, span_of, title_of, uid_of
from skill_calendar.times import Span, moment, on_the_clock, wall_clock_length
from skill_calendar.when import When, requested
from skillkernel import ToolError

_NEAR = timedelta(days=366)
_BOUND_TO_DAYS = ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS")


@dataclass(frozen=True, slots=True)
class Move:
    """The new time of an event as a caller said it; None leaves what is there."""

    start: date | None = None
    end: date | None = None
    minutes: int | None = None

    @property
    def asked(self) -> bool:
        """Whether anything about the time changes."""
        return not (self.start is None and self.end is None and self.minutes is None)


def moved(span: Span, move: Move, zone: ZoneInfo) -> When:
    """Return the span after the move: a date alone keeps the time of the day, a new start keeps the length."""
    start: date = span.start if move.start is None else move.start
    if isinstance(span.start, datetime) and not isinstance(start, datetime):
        start = datetime.combine(start, span.start.astimezone(zone).time())
    end, minutes = move.end, move.minutes
    if end is None and minutes is None and isinstance(start, datetime) != span.all_day:
        minutes = max(1, round((span.end - span.start).total_seconds() / 60))
    if isinstance(start, datetime) and isinstance(span.end, datetime) and end and not isinstance(end, datetime):
        end = datetime.combine(end, span.end.astimezone(zone).time())
    return requested(start, end, minutes, zone)


def move_event(event: Event, move: Move, home: ZoneInfo) -> str:
    """Move a single event or one occasion; return a remark when the clock made a decision necessary."""
    when = moved(_span(event, home), move, home)
    place(event, _in_zone(when.span, _own_zone(event, home)))
    return when.remark


def move_series(
    calendar: Calendar, series: Event, occasion: Occurrence | None, move: Move, home: ZoneInfo, *, new_rule: bool
) -> str:
    """Move all occasions by as much as `occasion` moves, without one by as much as the occasion next to the new start.

    Raises `ToolError` where the series is bound to days that the move leaves; with `new_rule` it gets new ones anyway.
    """
    zone = _own_zone(series, home)
    reference = occasion.span if occasion else _nearest(calendar, series, move, home)
    when = moved(reference, move, home)
    if when.span.all_day != _span(series, home).all_day:
        raise ToolError("a series cannot change between whole days and hours: delete it and create it anew")
    old, new = _in_zone(reference, zone), _in_zone(when.span, zone)
    if not new_rule and _day(old.start) != _day(new.start) and _bound_to_days(series):
        raise ToolError(
            f"{title_of(series)!r} is bound to days by its rule, so it cannot move to {_day(new.start)}: "
            "say repeat or rrule too, or the date of one occasion"
        )
    by = _wall(new.start) - _wall(old.start)
    first = _in_zone(_span(series, home), zone).start
    try:
        place(series, _from_wall(_wall(first) + by, wall_clock_length(new), zone, whole_days=new.all_day))
    except OverflowError:
        raise ToolError(f"{title_of(series)!r} would begin before the first year of the calendar") from None
    if by:
        for part in events_in(calendar):
            if uid_of(part) == uid_of(series):
                shift_exceptions(part, by)
    return when.remark


def _nearest(calendar: Calendar, series: Event, move: Move, home: ZoneInfo) -> Span:
    """The occasion that the caller most likely looks at: the one nearest to the new start, else the first."""
    own = _span(series, home)
    if move.start is None:
        return own
    target = moment(move.start, home)
    around = occurrences(calendar, target - _NEAR, target + _NEAR, home)
    mine = [each.span for each in around if uid_of(each.event) == uid_of(series)]
    return min(mine, key=lambda span: abs(span.bounds(home)[0] - target), default=own)


def _span(event: Event, home: ZoneInfo) -> Span:
    span = span_of(event, home)
    if span is None:
        raise ToolError(f"the event {title_of(event)!r} has no start, so it cannot be moved")
    return span


def _own_zone(event: Event, home: ZoneInfo) -> ZoneInfo:
    """The zone that the event is kept in, where it is an IANA one, else the user's."""
    start = date_in(event, "DTSTART")
    zone = start.tzinfo if isinstance(start, datetime) else None
    return zone if isinstance(zone, ZoneInfo) and zone.key != "UTC" else home


def _in_zone(span: Span, zone: ZoneInfo) -> Span:
    if isinstance(span.start, datetime) and isinstance(span.end, datetime):
        return Span(span.start.astimezone(zone), span.end.astimezone(zone))
    return span


def _wall(value: date) -> datetime:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else datetime(value.year, value.month, value.day)


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _from_wall(start: datetime, length: timedelta, zone: ZoneInfo, *, whole_days: bool) -> Span:
    if whole_days:
        return Span(start.date(), start.date() + length)
    return Span(on_the_clock(start, zone)[0], on_the_clock(start + length, zone)[0])


def _bound_to_days(series: Event) -> bool:
    return any(part in rule for rule in rules_of(series) for part in _BOUND_TO_DAYS)
