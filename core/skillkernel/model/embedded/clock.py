"""Finds times of day in a request: `12:30`, `halb vier`, `5 de la tarde`, `from 10 to 11 am`, `in the afternoon`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time

from skillkernel.model.embedded import phrases
from skillkernel.model.embedded.durations import number_of
from skillkernel.model.embedded.time_words import DAY_PARTS

EARLIEST_BARE_HOUR = 6
"""`at 3` means the afternoon, `at 6` the morning, when nothing else is said."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day or a range of them, and where it stands; `vague` is a part of the day such as `morning`."""

    start: int
    end: int
    first: time
    last: time | None = None
    vague: bool = False


def find_clocks(text: str) -> list[Clock]:
    """Every time of day in `text`, in order, the longest reading of each place."""
    taken: list[Clock] = []
    for pattern, read in _RULES:
        for match in pattern.finditer(text):
            if any(match.start() < other.end and other.start < match.end() for other in taken):
                continue
            if clock := read(match):
                taken.append(clock)
    return sorted(taken, key=lambda clock: clock.start)


def _at(hour: float, minute: int, part: str | None, ampm: str | None, *, bare: bool) -> time | None:
    whole = int(hour)
    if whole > 24 or minute > 59 or (whole == 24 and minute):
        return None
    if ampm:
        whole = whole % 12 + (12 if ampm.lower().startswith("p") else 0)
    elif part and part.lower() != "mañana":
        whole = _within(whole, *DAY_PARTS[part.lower()])
    elif bare and not part and 0 < whole < EARLIEST_BARE_HOUR:
        whole += 12
    return time(whole % 24, minute)


def _within(hour: int, first: int, last: int) -> int:
    if first >= 12 and 1 <= hour < 12 and not (first >= 18 and hour < 5):
        return hour + 12
    return hour % 12 if first >= 18 and hour == 12 and last > 22 else hour


def _digital(match: re.Match[str]) -> Clock | None:
    part = match.groupdict()
    if re.fullmatch(r"\d+\.\d\d", match.group()):
        return None
    first = _at(int(part["hour"]), int(part.get("minute") or 0), part.get("part"), part.get("ampm"), bare=False)
    return Clock(match.start(), match.end(), first) if first else None


def _spoken(match: re.Match[str]) -> Clock | None:
    part = match.groupdict()
    minute = 30 if part.get("half") else 15 if part.get("plus") else int(part.get("minute") or 0)
    hour = int(number_of(part["hour"]))
    bare = not part.get("word")
    first = _at(hour, minute, part.get("part"), part.get("ampm"), bare=bare)
    if first and part.get("less"):
        first = time((first.hour - 1) % 24, 45)
    return Clock(match.start(), match.end(), first) if first else None


def _half_before(match: re.Match[str]) -> Clock | None:
    hour = int(number_of(match["hour"])) - 1
    first = _at(hour % 24 or 12, 30, match["part"], None, bare=True)
    return Clock(match.start(), match.end(), first) if first else None


def _half_past(match: re.Match[str]) -> Clock | None:
    first = _at(number_of(match["hour"]), 30, match["part"], match["ampm"], bare=True)
    return Clock(match.start(), match.end(), first) if first else None


def _quarter(match: re.Match[str]) -> Clock | None:
    before = match["way"].lower() in {"to", "vor", "voor"}
    whole = _at(number_of(match["hour"]), 0, match["part"], match["ampm"], bare=True)
    if whole is None:
        return None
    first = time((whole.hour - 1) % 24, 45) if before else time(whole.hour, 15)
    return Clock(match.start(), match.end(), first)


def _minutes(match: re.Match[str]) -> Clock | None:
    minutes = int(number_of(match["minutes"]))
    whole = _at(number_of(match["hour"]), 0, match["part"], match["ampm"], bare=True)
    if whole is None or not 0 < minutes < 30:
        return None
    before = match["way"].lower() in {"to", "vor", "voor"}
    first = time((whole.hour - 1) % 24, 60 - minutes) if before else time(whole.hour, minutes)
    return Clock(match.start(), match.end(), first)


def _named(match: re.Match[str]) -> Clock:
    return Clock(match.start(), match.end(), time(12) if match["noon"] else time(0))


def _range(match: re.Match[str]) -> Clock | None:
    part = match.groupdict()
    evidence = phrases.RANGE_EVIDENCE.search(match.group())
    if not evidence:
        return None
    bare = not (part["minute"] or part["minute2"] or part["word"])
    last = _at(int(part["hour2"]), int(part["minute2"] or 0), part["part"], part["ampm2"] or part["ampm"], bare=bare)
    half = part["ampm"] or part["ampm2"]
    first = _at(int(part["hour"]), int(part["minute"] or 0), part["part"], half, bare=bare)
    if first and last and first >= last and half and not part["ampm"]:
        first = _at(int(part["hour"]), int(part["minute"] or 0), None, "am", bare=False)
    if not first or not last or first >= last:
        return None
    return Clock(match.start(), match.end(), first, last)


def _part_of_day(match: re.Match[str]) -> Clock:
    first, last = DAY_PARTS[match["part"].lower()] if match["part"] else DAY_PARTS["morning"]
    return Clock(match.start(), match.end(), time(first), time(last), vague=True)


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Clock | None]], ...] = (
    (phrases.CLOCK_RANGE, _range),
    (phrases.CLOCK, _digital),
    (phrases.CLOCK_H, _digital),
    (phrases.CLOCK_AMPM, _digital),
    (phrases.CLOCK_HALF_PAST, _half_past),
    (phrases.CLOCK_HALF_BEFORE, _half_before),
    (phrases.CLOCK_QUARTER, _quarter),
    (phrases.CLOCK_MINUTES, _minutes),
    (phrases.CLOCK_WORD, _spoken),
    (phrases.CLOCK_NAMED, _named),
    (phrases.CLOCK_LINKED, _spoken),
    (phrases.DAY_PART, _part_of_day),
)
