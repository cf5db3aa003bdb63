"""Finds the moments that a request speaks of and works out when they are, seen from `now`, in seven languages."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from skillkernel.model.embedded.clock import Clock, find_clocks
from skillkernel.model.embedded.days import Days, find_days
from skillkernel.model.embedded.durations import length_of, number_of
from skillkernel.model.embedded.phrases import AHEAD, BEHIND, DAY_RANGE, JOINTS
from skillkernel.model.embedded.time_words import UNITS

EVENING = (time(18), time(22))


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, a time or both, or the span from there to a last day or time, and where it stands in the request.

    `exact` is an instant that is counted from now (`in 20 minutes`), `ahead` how far away that is. `vague` times are
    parts of a day. A time without a day has `day` None.
    """

    start: int
    end: int
    day: date | None = None
    last_day: date | None = None
    clock: time | None = None
    last_clock: time | None = None
    vague: bool = False
    exact: datetime | None = None
    ahead: timedelta | None = None

    @property
    def timed(self) -> bool:
        """Whether it says a time of day, not only a day."""
        return self.clock is not None or self.exact is not None

    @property
    def ranged(self) -> bool:
        """Whether it says an end as well."""
        return self.last_day is not None or self.last_clock is not None

    def first_day(self, now: datetime) -> date:
        """The day it begins; a time that has passed today means tomorrow's."""
        if self.exact:
            return self.exact.date()
        if self.day:
            return self.day
        passed = self.clock is not None and (self.last_clock or self.clock) <= now.time()
        return now.date() + timedelta(days=1 if passed else 0)

    def first(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The instant it begins, aware; a day begins at midnight."""
        if self.exact:
            return self.exact.astimezone(zone)
        return datetime.combine(self.first_day(now), self.clock or time(0), zone)

    def last(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The instant it ends, aware; a day ends at the next midnight, a time without an end when it begins."""
        day = self.last_day or self.first_day(now)
        if self.last_clock:
            return datetime.combine(day, self.last_clock, zone)
        if self.timed:
            return self.first(now, zone) if not self.last_day else datetime.combine(day, self.clock or time(0), zone)
        return datetime.combine(day + timedelta(days=1), time(0), zone)


def find_moments(text: str, now: datetime, *, month_first: bool = False) -> list[Moment]:
    """Every moment in `text`, in order; `now` is aware and in the user's time zone."""
    counted = _counted(text, now)
    spans = [(match.start(), match.end()) for match in DAY_RANGE.finditer(text)]
    clocks = [
        clock
        for clock in find_clocks(text)
        if not _inside(clock, counted) and not any(clock.start < end and start < clock.end for start, end in spans)
    ]
    days = [
        day
        for day in find_days(text, now.date(), month_first=month_first)
        if not _inside(day, counted) and not any(_overlap(day, clock) for clock in clocks)
    ]
    loose: list[Moment] = [*counted, *map(_of_clock, clocks), *map(_of_days, days)]
    return _ranges(text, _joined(text, sorted(loose, key=lambda moment: moment.start)))


def _inside(place: Clock | Days, moments: list[Moment]) -> bool:
    return any(_overlap(place, moment) for moment in moments)


def _overlap(one: Clock | Days | Moment, other: Clock | Days | Moment) -> bool:
    return one.start < other.end and other.start < one.end


def _of_clock(clock: Clock) -> Moment:
    return Moment(clock.start, clock.end, clock=clock.first, last_clock=clock.last, vague=clock.vague)


def _of_days(days: Days) -> Moment:
    first, last = EVENING if days.evening else (None, None)
    return Moment(days.start, days.end, days.first, days.last, first, last, vague=days.evening)


def _counted(text: str, now: datetime) -> list[Moment]:
    found: list[Moment] = []
    for pattern, sign in ((AHEAD, 1), (BEHIND, -1)):
        for match in pattern.finditer(text):
            if moment := _counted_from(match, now, sign):
                found.append(moment)
    return found


def _counted_from(match: re.Match[str], now: datetime, sign: int) -> Moment | None:
    part = match.groupdict()
    if part.get("half") or part.get("quarter"):
        ahead = timedelta(minutes=30 if part["half"] else 15)
        return Moment(match.start(), match.end(), exact=now + ahead, ahead=ahead)
    number = number_of(part["number"] or part["number2"]) * sign
    word = (part["unit"] or part["unit2"]).lower()
    try:
        if UNITS[word] in {"month", "year"}:
            months = int(number) * (1 if UNITS[word] == "month" else 12)
            return Moment(match.start(), match.end(), day=_months_on(now.date(), months))
        length = length_of(number, word)
        if length is None:
            return None
        if UNITS[word] in {"day", "week"}:
            return Moment(match.start(), match.end(), day=now.date() + length, ahead=length)
        return Moment(match.start(), match.end(), exact=_to_the_second(now + length), ahead=length)
    except (OverflowError, ValueError):
        return None


def _to_the_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            if not 1 <= year <= 9999:
                raise
    return date(year, month + 1, min(day.day, 28))


def _joined(text: str, loose: list[Moment]) -> list[Moment]:
    """Bring a day and a time that stand side by side together."""
    done: list[Moment] = []
    for moment in loose:
        before = done[-1] if done else None
        if before and JOINTS.fullmatch(text[before.end : moment.start]) and (both := _merged(before, moment)):
            done[-1] = both
        else:
            done.append(moment)
    return _shared_day(done)


def _merged(one: Moment, other: Moment) -> Moment | None:
    if one.exact or other.exact:
        return None
    if one.day and other.day:
        return None
    timed = other if other.clock else one
    if one.clock and other.clock:
        if one.vague == other.vague:
            return None
        exact, part = (other, one) if one.vague else (one, other)
        return _made(one, other, clock=_toward(exact.clock, part), last_clock=_toward(exact.last_clock, part))
    return _made(one, other, clock=timed.clock, last_clock=timed.last_clock, vague=timed.vague)


def _toward(clock: time | None, part: Moment) -> time | None:
    afternoon = part.clock is not None and part.clock.hour >= 12
    return clock.replace(hour=clock.hour + 12) if clock and afternoon and 1 <= clock.hour < 12 else clock


def _made(one: Moment, other: Moment, *, clock: time | None, last_clock: time | None, vague: bool = False) -> Moment:
    dated = one if one.day else other
    return Moment(one.start, other.end, dated.day, dated.last_day, clock, last_clock, vague)


def _shared_day(moments: list[Moment]) -> list[Moment]:
    """Give a time that has no day the day of the request's only other moment (`tomorrow, lunch at 12:30`)."""
    days = [moment for moment in moments if moment.day and not moment.timed and not moment.ranged]
    times = [moment for moment in moments if moment.clock and not moment.day]
    if len(days) != 1 or len(times) != 1 or len(moments) != 2:
        return moments
    clock = times[0]
    return [
        Moment(clock.start, clock.end, days[0].day, None, clock.clock, clock.last_clock, clock.vague),
        Moment(days[0].start, days[0].end, days[0].day),
    ]


_TO = re.compile(
    r"\s*(?:to|until|till|through|and|bis(?:\s+zum)?|und|à|a|al|au|jusqu'à|hasta(?:\s+el)?|até|fino\s+a|tot|en|et|y|e|-|–|—)"
    r"\s*(?:the|on|am|le|el|il)?\s*",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"(?:\b(?:from|between|von|vom|zwischen|de|du|del|desde|dal|da|dalle|van|tussen|entre)\s+(?:the|le|el|il)?\s*)$",
    re.IGNORECASE,
)


def _ranges(text: str, moments: list[Moment]) -> list[Moment]:
    """Read two moments around `to`, `bis`, `à` … as one span, when both are days or both have times."""
    done: list[Moment] = []
    for moment in moments:
        before = done[-1] if done else None
        if before and _TO.fullmatch(text[before.end : moment.start]) and (span := _span(text, before, moment)):
            done[-1] = span
        else:
            done.append(moment)
    return done


def _span(text: str, one: Moment, other: Moment) -> Moment | None:
    if one.exact or other.exact or one.ranged or other.ranged or one.timed != other.timed:
        return None
    introduced = _FROM.search(text[: one.start])
    start = introduced.start() if introduced else one.start
    if not one.timed:
        if not one.day or not other.day:
            return None
        last = other.day + timedelta(days=7) if 0 < (one.day - other.day).days < 7 else other.day
        return Moment(start, other.end, one.day, last) if one.day < last else None
    if one.day == other.day or other.day is None:
        return Moment(start, other.end, one.day, None, one.clock, other.clock) if _later(one, other) else None
    return Moment(start, other.end, one.day, other.day, one.clock, other.clock) if one.day else None


def _later(one: Moment, other: Moment) -> bool:
    return one.clock is not None and other.clock is not None and one.clock < other.clock
