"""Looking at the calendar: what is in it, and what is free."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from skill_calendar.answers import Agenda, FreeSlot, FreeTime
from skill_calendar.events import attendees_of
from skill_calendar.free import gaps
from skill_calendar.ics import text
from skill_calendar.occurrences import Occurrence, occurrences
from skill_calendar.store import store_of
from skill_calendar.times import in_years, moment, shown, zone_of
from skill_calendar.views import some, view_of
from skillkernel import Context, ToolError

WITHOUT_DATE = timedelta(days=7)
SEARCH_AHEAD = timedelta(days=366)
MOST_EVENTS, MOST_SLOTS, MOST_DAYS = 50, 10, 62
_STEP = timedelta(minutes=15)


def listed(context: Context, day: date | None, until: date | None, query: str | None) -> Agenda:
    """Return the events of a day, of a range of days, or of what lies ahead, those that hold the words of `query`."""
    zone = zone_of(context.time_zone)
    first, last = _range(day, until, SEARCH_AHEAD if query else WITHOUT_DATE, context.now())
    opens, closes = moment(first, zone), moment(last + timedelta(days=1), zone)
    contents = store_of(context).reading(opens, closes)
    found = occurrences(contents.calendar, opens, closes, zone)
    words = (query or "").casefold().split()
    matching = [each for each in found if all(word in _searched(each) for word in words)]
    agenda = Agenda(events=[view_of(each, zone) for each in matching[:MOST_EVENTS]])
    if len(matching) > MOST_EVENTS:
        agenda["more"] = len(matching) - MOST_EVENTS
    if contents.unread:
        agenda["unread"] = some(contents.unread)
    return agenda


def free_time(
    context: Context, day: date | None, until: date | None, minutes: int, earliest: time, latest: time
) -> FreeTime:
    """Return the stretches of at least `minutes` between the two hours of each day in which nothing is booked."""
    if minutes < 1:
        raise ToolError(f"duration_minutes is {minutes}: ask for at least one minute")
    if earliest >= latest:
        raise ToolError(f"earliest {earliest:%H:%M} is not before latest {latest:%H:%M}")
    zone = zone_of(context.time_zone)
    now = context.now()
    first, last = _range(day, until, timedelta(), now)
    if (last - first).days >= MOST_DAYS:
        raise ToolError(f"free time is looked for in at most {MOST_DAYS} days: ask for a shorter range")
    opens, closes = moment(first, zone), moment(last + timedelta(days=1), zone)
    contents = store_of(context).reading(opens, closes)
    found = occurrences(contents.calendar, opens, closes, zone)
    busy = [each.span.bounds(zone) for each in found if each.busy]
    slots = [
        FreeSlot(start=shown(start), end=shown(end), minutes=int((end - start).total_seconds() // 60))
        for window in _windows(first, last, earliest, latest, now, zone)
        for start, end in gaps(window, busy, timedelta(minutes=minutes))
    ]
    answer = FreeTime(free=slots[:MOST_SLOTS])
    if len(slots) > MOST_SLOTS:
        answer["more"] = len(slots) - MOST_SLOTS
    if contents.unread:
        answer["unread"] = some(contents.unread)
    return answer


def _range(day: date | None, until: date | None, otherwise: timedelta, now: datetime) -> tuple[date, date]:
    """First and last day that a call asks about; one day when it names one, else from today on."""
    first = day or now.date()
    last = until or (first if day else first + otherwise)
    in_years(first)
    in_years(last)
    if last < first:
        raise ToolError(f"the last day {last} is before the first day {first}")
    return first, last


def _windows(
    first: date, last: date, earliest: time, latest: time, now: datetime, zone: ZoneInfo
) -> list[tuple[datetime, datetime]]:
    """The hours of each day that are asked about, without those that are over."""
    soonest = now + (datetime.min - now.replace(tzinfo=None)) % _STEP
    windows: list[tuple[datetime, datetime]] = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        opens = max(moment(datetime.combine(day, earliest), zone), soonest)
        closes = moment(datetime.combine(day, latest), zone)
        if opens < closes:
            windows.append((opens, closes))
    return windows


def _searched(occurrence: Occurrence) -> str:
    event = occurrence.event
    texts = (occurrence.title, text(event, "LOCATION"), text(event, "DESCRIPTION"), *attendees_of(event))
    return "\n".join(texts).casefold()
