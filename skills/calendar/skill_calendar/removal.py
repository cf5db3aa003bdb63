"""Deleting an event, a whole series, or one occasion of it: what is deleted is gone."""

from datetime import date

from skill_calendar.answers import Deleted
from skill_calendar.booking import first_occurrence
from skill_calendar.change import drop, remove
from skill_calendar.choices import Scope
from skill_calendar.events import skip, touch
from skill_calendar.ics import events_in
from skill_calendar.lookup import find
from skill_calendar.occurrences import is_series, original_of, repeats_in_words, title_of, uid_of
from skill_calendar.store import store_of
from skill_calendar.times import zone_of
from skill_calendar.views import brief
from skillkernel import Context, ToolError


def delete(context: Context, reference: str, day: date | None, scope: Scope | None) -> Deleted:
    """Remove the event that `reference` names, or one occasion of it; a whole series only when `scope` says so."""
    home = zone_of(context.time_zone)
    with store_of(context).changing(context.now()) as contents:
        calendar = contents.calendar
        found = find(calendar, reference, day, context.now(), home)
        event, uid = found.event, uid_of(found.event)
        if not is_series(event) or scope == "all":
            line = brief(first_occurrence(event, home), home)
            drop(calendar, uid)
            return Deleted(deleted=f"the whole series {line}" if is_series(event) else line)
        occasion = found.occurrence
        if occasion is None or occasion.original is None:
            raise ToolError(
                f"{title_of(event)!r} repeats ({repeats_in_words(event)}): "
                "say the date of one occasion, or scope all for the whole series"
            )
        skip(event, occasion.original)
        touch(event, context.now())
        for part in events_in(calendar):
            if uid_of(part) == uid and original_of(part) == occasion.original:
                remove(calendar, part)
        return Deleted(deleted=f"one occasion: {brief(occasion, home)}")
