"""When a call wants an event to be: start, end and length as the caller said them, made into one span."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from skill_calendar.times import DEFAULT_LENGTH, Span, in_years, later, on_the_clock, shown
from skillkernel import ToolError


@dataclass(frozen=True, slots=True)
class When:
    """A span, and a remark for the person when the clock made a decision necessary."""

    span: Span
    remark: str = ""


def as_said(value: date, home: str, named: str | None) -> date:
    """Return a time the way the caller wrote it: what merely carries the user's own zone becomes a bare clock time.

    The SDK puts the user's zone, `home`, on a time without an offset. A call that names another zone means that one's
    clock; an offset that was written stays.
    """
    if not isinstance(value, datetime):
        return value
    added = isinstance(value.tzinfo, ZoneInfo) or (home == "UTC" and named is not None and value.tzinfo is UTC)
    return value.replace(tzinfo=None) if added else value


def requested(start: date, end: date | None, minutes: int | None, zone: ZoneInfo) -> When:
    """Return when an event shall be; raise `ToolError` where start, end and length contradict each other.

    A `start` without a time makes an event of whole days, whose `end` is its last day.
    """
    if minutes is not None and minutes < 1:
        raise ToolError(f"duration_minutes is {minutes}: an event lasts at least one minute")
    if not isinstance(start, datetime):
        return When(_whole_days(start, end, minutes))
    return _hours(start, end, minutes, zone)


def _whole_days(start: date, end: date | None, minutes: int | None) -> Span:
    in_years(start)
    if minutes is not None and minutes % 1440:
        raise ToolError("an event of whole days cannot last part of a day: give start with a time of the day")
    if end is None:
        return Span(start, start + timedelta(minutes=minutes or 1440))
    last = end.date() if isinstance(end, datetime) else end
    if last < start:
        raise ToolError(f"end {last} is before start {start}")
    in_years(last)
    return Span(start, last + timedelta(days=1))


def _hours(start: datetime, end: date | None, minutes: int | None, zone: ZoneInfo) -> When:
    begins, remark = on_the_clock(start, zone)
    if end is None:
        length = timedelta(minutes=minutes) if minutes is not None else DEFAULT_LENGTH
        return When(Span(begins, later(begins, length, zone)), remark)
    if not isinstance(end, datetime):
        raise ToolError(f"start has a time of the day and end {end} has none: give both with a time, or both without")
    ends, of_end = on_the_clock(end, zone)
    if ends <= begins:
        raise ToolError(
            f"end {shown(ends)} is not after start {shown(begins)}: past midnight, end has the date of the next day"
        )
    if minutes is not None and ends - begins != timedelta(minutes=minutes):
        raise ToolError("end and duration_minutes contradict each other: give one of them")
    return When(Span(begins, ends), "; ".join(filter(None, (remark, of_end))))
