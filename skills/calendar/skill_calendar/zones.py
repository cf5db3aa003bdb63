"""VTIMEZONE for a zone as other calendar programs write it: the rule by which its clocks change, in twenty lines.

icalendar lists every change one by one: seven kilobytes that each reading of the file would pay for. That is left to
the few zones that follow no such rule, such as Morocco's.
"""

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from icalendar import Calendar, Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.prop import vRecur

from skill_calendar.ics import put
from skill_calendar.times import FIRST_YEAR, LAST_YEAR

_YEARS_COMPARED = 12
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a zone's clocks: `at` is what they showed in that moment, by the old offset."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str


def add_zones(calendar: Calendar, this_year: int) -> None:
    """Add the VTIMEZONE of each zone that the calendar uses and does not describe yet."""
    for name in sorted(calendar.get_missing_tzids()):
        described = described_zone(name, this_year)
        if described is not None:
            calendar.subcomponents.insert(len(calendar.timezones), described)
    calendar.add_missing_timezones(date(FIRST_YEAR, 1, 1), date(LAST_YEAR + 1, 1, 1))


def described_zone(name: str, this_year: int) -> Timezone | None:
    """Return the zone as the rule that holds for the years to come; None when it follows none that is so simple."""
    try:
        zone = ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
    by_year = [list(_changes(zone, year)) for year in range(this_year, this_year + _YEARS_COMPARED)]
    described = Timezone()
    put(described, "tzid", name)
    if not any(by_year):
        now = datetime(this_year, 1, 1, tzinfo=zone)
        offset, shown = now.utcoffset() or timedelta(), now.tzname() or name
        described.add_component(_observance(Change(datetime(FIRST_YEAR, 1, 1), offset, offset, shown), None))
        return described
    if any(len(changes) != 2 for changes in by_year):
        return None
    for same_season in zip(*by_year, strict=True):
        rule = _rule(same_season)
        if rule is None:
            return None
        month, nth, weekday = rule
        first = datetime.combine(_day(FIRST_YEAR, month, nth, weekday), same_season[0].at.time())
        change = Change(first, same_season[0].before, same_season[0].after, same_season[0].name)
        described.add_component(_observance(change, f"FREQ=YEARLY;BYMONTH={month};BYDAY={nth}{_DAYS[weekday]}"))
    return described


def _changes(zone: ZoneInfo, year: int) -> Iterator[Change]:
    start = datetime(year, 1, 1, tzinfo=UTC)
    for earlier, later in pairwise(start + timedelta(days=day) for day in range(367)):
        before, after = _offset(earlier, zone), _offset(later, zone)
        if before == after or earlier.year != year:
            continue
        low, high = 0, 24 * 60
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (
                (middle, high) if _offset(earlier + timedelta(minutes=middle), zone) == before else (low, middle)
            )
        moment = earlier + timedelta(minutes=high)
        yield Change((moment + before).replace(tzinfo=None), before, after, moment.astimezone(zone).tzname() or "")


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _rule(changes: tuple[Change, ...]) -> tuple[int, int, int] | None:
    """Month, which one in it (-1: the last) and weekday of all these changes; None when they have none in common."""
    first = changes[0].at
    for nth in (-1, (first.day - 1) // 7 + 1):
        if all(
            _day(change.at.year, first.month, nth, first.weekday()) == change.at.date()
            and change.at.time() == first.time()
            and (change.before, change.after) == (changes[0].before, changes[0].after)
            for change in changes
        ):
            return first.month, nth, first.weekday()
    return None


def _day(year: int, month: int, nth: int, weekday: int) -> date:
    """The nth such weekday of a month; a fifth that is not there falls into the next month."""
    if nth < 0:
        last = date(year, month, months.monthrange(year, month)[1])
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _observance(change: Change, rule: str | None) -> TimezoneStandard | TimezoneDaylight:
    observance = TimezoneDaylight() if change.after > change.before else TimezoneStandard()
    put(observance, "dtstart", change.at)
    put(observance, "tzoffsetfrom", change.before)
    put(observance, "tzoffsetto", change.after)
    put(observance, "tzname", change.name)
    if rule is not None:
        put(observance, "rrule", vRecur.from_ical(rule))
    return observance
