"""Events as a model reads them: few words, since every one of them takes room in its window."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from skill_calendar.answers import EventView
from skill_calendar.events import attendees_of
from skill_calendar.ics import text
from skill_calendar.occurrences import Occurrence, repeats_in_words
from skill_calendar.times import Span, shown

_LONGEST_NOTES = 200
_MOST_LINES = 5


def view_of(occurrence: Occurrence, zone: ZoneInfo) -> EventView:
    """Return what is worth knowing of an occurrence, its times on the clock of `zone`."""
    event = occurrence.event
    start, end = ends_shown(occurrence.span, zone)
    view = EventView(id=occurrence.id, title=occurrence.title, start=start, end=end)
    if location := text(event, "LOCATION"):
        view["location"] = location
    if attendees := attendees_of(event):
        view["attendees"] = attendees
    if notes := text(event, "DESCRIPTION"):
        view["notes"] = notes if len(notes) <= _LONGEST_NOTES else notes[: _LONGEST_NOTES - 1] + "…"
    if repeats := repeats_in_words(event):
        view["repeats"] = repeats
    return view


def some(lines: Sequence[str]) -> list[str]:
    """The first of the lines, and how many more there are."""
    more = [f"and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
    return [*lines[:_MOST_LINES], *more]


def ends_shown(span: Span, zone: ZoneInfo) -> tuple[str, str]:
    """Return start and end as text; the end of whole days is the last of them."""
    if isinstance(span.start, datetime) and isinstance(span.end, datetime):
        return shown(span.start.astimezone(zone)), shown(span.end.astimezone(zone))
    return shown(span.start), shown(max(span.start, span.end - timedelta(days=1)))


def brief(occurrence: Occurrence, zone: ZoneInfo) -> str:
    """One line: title, time, id."""
    start, end = ends_shown(occurrence.span, zone)
    return f"{occurrence.title}, {start} to {end} (id {occurrence.id})"
