"""What a date and an hour mean on a person's own clock: zones, days, clock changes. Pure functions over values."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from skillkernel import ToolError

FIRST_YEAR, LAST_YEAR = 1970, 2099
"""The years that the calendar accepts; the time zones written beside the events cover the same ones."""

DEFAULT_LENGTH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to, not including, `end`: two aware datetimes, or two dates for an event of whole days."""

    start: date
    end: date

    @property
    def all_day(self) -> bool:
        """Whether it is made of whole days."""
        return not isinstance(self.start, datetime)

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The two moments that it begins and ends at, for somebody in that zone."""
        return moment(self.start, zone), moment(self.end, zone)


def zone_of(name: str) -> ZoneInfo:
    """Return the IANA time zone of that name; raise `ToolError` with the names that are near when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        near = _near_zones(name)
        hint = f"did you mean {' or '.join(near)}?" if near else "use an IANA name such as Europe/Berlin"
        raise ToolError(f"there is no time zone {name[:60]!r}; {hint}") from None


def _near_zones(name: str) -> Sequence[str]:
    zones = sorted(available_timezones())
    wanted = name.strip().replace(" ", "_").casefold()
    cities = {zone.rpartition("/")[2].casefold(): zone for zone in zones}
    if wanted in cities:
        return (cities[wanted],)
    spelled = {zone.casefold(): zone for zone in zones}
    near = difflib.get_close_matches(wanted, [*spelled, *cities], n=3, cutoff=0.6)
    return tuple(dict.fromkeys(spelled.get(word) or cities[word] for word in near))


def moment(value: date, zone: ZoneInfo) -> datetime:
    """Return the moment that a date (its midnight), a wall-clock time or an aware datetime names in that zone."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return value.replace(tzinfo=zone) if value.tzinfo is None else value.astimezone(zone)


def on_the_clock(value: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    """Return `value` as a time that the clocks of `zone` really show, and a remark when that needed a decision.

    A time without an offset is one of that zone's clock. An hour that the clocks skip is counted from before the
    change (RFC 5545, 3.3.5), so it reads an hour later; of an hour that comes twice the first is meant.
    """
    in_years(value)
    if value.tzinfo is not None:
        return value.astimezone(zone), ""
    aware = value.replace(tzinfo=zone, fold=0)
    real = aware.astimezone(UTC).astimezone(zone)
    if real.replace(tzinfo=None) != value:
        return real, f"{value:%H:%M} does not exist on {value:%Y-%m-%d} in {zone.key}, so it is {real:%H:%M}"
    if aware.utcoffset() != aware.replace(fold=1).utcoffset():
        return aware, f"{value:%H:%M} comes twice on {value:%Y-%m-%d} in {zone.key}: the first is meant"
    return aware, ""


def in_years(value: date) -> date:
    """Return `value`; raise `ToolError` when its year is outside the calendar's."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ToolError(f"the year {value.year} is outside this calendar: use {FIRST_YEAR} to {LAST_YEAR}")
    return value


def later(start: datetime, length: timedelta, zone: ZoneInfo) -> datetime:
    """Return the moment that much real time after `start`, also across a change of the clocks."""
    try:
        end = (start.astimezone(UTC) + length).astimezone(zone)
    except OverflowError:
        raise ToolError("the event would end after the last year of the calendar") from None
    in_years(end)
    return end


def wall_clock_length(span: Span) -> timedelta:
    """How long the span looks on the clock, which is what a repeated event keeps."""
    if isinstance(span.start, datetime) and isinstance(span.end, datetime):
        return span.end.replace(tzinfo=None) - span.start.replace(tzinfo=None)
    return span.end - span.start


def shown(value: date) -> str:
    """Return a date or a time as a model and a person read it: 2026-11-25 or 2026-11-25T12:30+01:00."""
    return value.isoformat(timespec="minutes") if isinstance(value, datetime) else value.isoformat()
