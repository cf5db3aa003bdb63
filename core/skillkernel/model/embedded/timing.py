"""Decides which property of a tool gets which moment or duration of the request, and writes it as its format asks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from skillkernel.model.embedded.evidence import Evidence
from skillkernel.model.embedded.moments import Moment
from skillkernel.model.embedded.properties import MOMENTS, Kind, Property

_NEW = re.compile(r"\bnew\b|\bnext\b", re.IGNORECASE)
_CURRENT = re.compile(r"\bnow\b|\bcurrent|\bold\b|\btell it from\b|\bfrom\b", re.IGNORECASE)
_UP_TO = re.compile(
    r"\b(?:until|till|by|before|up to|bis|jusqu'à|jusqu'au|hasta|fino a|até|tot)\s+(?:the\s+|le\s+)?$", re.IGNORECASE
)
_PAST = re.compile(
    r"(?:^|_)(?:\w{2,}(?:ed|en|nt)|ate|slept)_(?:at|on)\b|\b(?:was|were|happened|took place)\b", re.IGNORECASE
)
"""What such a property says has been: a time without a day is the last there was, not the next."""
_REPEATING = re.compile(r"repeat|recur|rrule", re.IGNORECASE)


@dataclass(slots=True)
class Timing:
    """Values by property name, and the places of the request (start, end) that they were made of."""

    values: dict[str, Any] = field(default_factory=dict[str, Any])
    used: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])


def timing_of(properties: Sequence[Property], evidence: Evidence, now: datetime, zone: ZoneInfo, effect: str) -> Timing:
    """Place the request's moments and durations; `now` is aware and in `zone`, `effect` the tool's."""
    timing = Timing()
    own = [each for each in properties if each.kind in MOMENTS and not _REPEATING.search(each.name)]
    writer = _Writer(timing, evidence, now, zone, looks=effect == "read")
    if own and evidence.moments:
        writer.place(own)
    writer.lengths([each for each in properties if each.kind is Kind.LENGTH], own)
    for each in own:
        if each.required and each.kind is not Kind.TIME and each.name not in timing.values and not evidence.moments:
            writer.write(each, Moment(0, 0, day=now.date()))
    return timing


@dataclass(slots=True)
class _Writer:
    timing: Timing
    evidence: Evidence
    now: datetime
    zone: ZoneInfo
    looks: bool

    def place(self, own: list[Property]) -> None:
        moments = sorted(self.evidence.moments, key=lambda moment: moment.start)
        clocks = [each for each in own if each.kind is Kind.TIME]
        points = [each for each in own if each.kind is not Kind.TIME]
        opening = [each for each in points if not each.closing]
        closing = [each for each in points if each.closing]
        if len(moments) > 1 and len(opening) > 1:
            for each, moment in zip(_by_newness(opening)[-len(moments) :], moments[-len(opening) :], strict=False):
                self.write(each, moment)
            return
        if len(moments) > 1 and opening and closing and not any(moment.ranged for moment in moments):
            self.write(opening[0], moments[0])
            self.write(closing[0], moments[1], closing=True)
            return
        moment = _telling(moments)
        self._mark_all(moments)
        if moment.ranged and closing and (self.looks or not moment.vague):
            self._span(moment, opening, closing)
        elif opening and not (closing and _UP_TO.search(self.evidence.text[: moment.start])):
            self.write(_best(opening, moment), moment)
        elif closing:
            self.write(closing[0], moment, closing=True)
        if clocks and moment.clock:
            self._clocks(moment, clocks)

    def _mark_all(self, moments: list[Moment]) -> None:
        self.timing.used.extend((moment.start, moment.end) for moment in moments)

    def _span(self, moment: Moment, opening: list[Property], closing: list[Property]) -> None:
        instants = [each for each in opening if each.kind is not Kind.DATE]
        dates = [each for each in opening if each.kind is Kind.DATE]
        first = (instants if moment.timed or closing[0].kind is not Kind.DATE else dates)[:1] or opening[:1]
        days_only = moment.timed and moment.last_day is None and first and first[0].kind is Kind.DATE
        if first:
            self.write(first[0], moment)
        if not days_only:
            self.write(closing[0], moment, closing=True)

    def _clocks(self, moment: Moment, clocks: list[Property]) -> None:
        opening = [each for each in clocks if not each.closing]
        closing = [each for each in clocks if each.closing]
        if opening and moment.clock:
            self._clock(opening[0], moment.clock)
        if closing and moment.last_clock:
            self._clock(closing[0], moment.last_clock)

    def _clock(self, each: Property, clock: time) -> None:
        whole = datetime.combine(self.now.date(), clock, self.zone).timetz()
        self.timing.values[each.name] = whole.isoformat() if each.schema.get("format") else f"{clock:%H:%M}"

    def write(self, each: Property, moment: Moment, *, closing: bool = False) -> None:
        self.timing.used.append((moment.start, moment.end))
        self.timing.values[each.name] = self._text(each, moment, closing)

    def _text(self, each: Property, moment: Moment, closing: bool) -> str:
        if _PAST.search(f"{each.name} {each.description}") and moment.clock and not moment.day:
            last = self.now.date() - timedelta(days=moment.clock > self.now.time())
            moment = replace(moment, day=last)
        day = (moment.last_day if closing and moment.last_day else None) or moment.first_day(self.now)
        if each.kind is Kind.DATE or (each.kind is Kind.DATE_OR_TIME and not moment.timed):
            return day.isoformat()
        instant = moment.last(self.now, self.zone) if closing else moment.first(self.now, self.zone)
        if each.kind is Kind.TIME:
            return instant.timetz().isoformat()
        return instant.isoformat(timespec="seconds")

    def lengths(self, wanted: list[Property], own: list[Property]) -> None:
        lengths = [(each.start, each.end, each.length) for each in self.evidence.durations]
        if own:
            ahead = [(each.start, each.end) for each in self.evidence.moments if each.ahead is not None]
            lengths = [each for each in lengths if not any(each[0] < end and start < each[1] for start, end in ahead)]
        for each, (start, end, length) in zip(wanted, lengths, strict=False):
            self.timing.used.append((start, end))
            self.timing.values[each.name] = _in_units(length, each)
        if lengths and not wanted:
            self._end_after(own, lengths[0])
        if wanted and not lengths:
            self._length_of_span(wanted[0], own)

    def _end_after(self, own: list[Property], length: tuple[int, int, timedelta]) -> None:
        closing = [each for each in own if each.closing and each.kind in {Kind.DATE_TIME, Kind.DATE_OR_TIME}]
        timed = next((moment for moment in self.evidence.moments if moment.timed and not moment.ranged), None)
        if closing and timed and closing[0].name not in self.timing.values:
            self.timing.used.append(length[:2])
            last = timed.first(self.now, self.zone) + length[2]
            self.timing.values[closing[0].name] = last.astimezone(self.zone).isoformat(timespec="seconds")

    def _length_of_span(self, each: Property, own: list[Property]) -> None:
        span = next((moment for moment in self.evidence.moments if moment.last_clock and not moment.vague), None)
        if span and own and not any(other.closing and other.name in self.timing.values for other in own):
            length = span.last(self.now, self.zone) - span.first(self.now, self.zone)
            self.timing.values[each.name] = _in_units(length, each)


def _telling(moments: list[Moment]) -> Moment:
    """Of several moments, the last that says a time, or the last of all (`from Monday to Friday at 4`)."""
    return next((moment for moment in reversed(moments) if moment.timed), moments[-1])


def _by_newness(points: list[Property]) -> list[Property]:
    return sorted(points, key=lambda each: (_is_new(each), not _is_current(each)))


def _best(opening: list[Property], moment: Moment) -> Property:
    def score(each: Property) -> tuple[bool, bool, bool]:
        fits = each.kind is not Kind.DATE if moment.timed else each.kind is not Kind.DATE_TIME
        return _is_new(each), fits, each.kind is Kind.DATE and not _is_current(each)

    return max(opening, key=score)


def _is_new(each: Property) -> bool:
    return bool(_NEW.search(each.name.replace("_", " ")) or _NEW.search(each.description))


def _is_current(each: Property) -> bool:
    return bool(_CURRENT.search(each.description))


def _in_units(length: timedelta, each: Property) -> int | float:
    number = length / (each.unit or timedelta(seconds=1))
    return round(number) if each.schema.get("type") == "integer" or number == int(number) else round(number, 4)
