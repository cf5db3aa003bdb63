"""Finds durations in a request: `an hour and a half`, `90 Minuten`, `anderhalf uur`, `1h30`."""

import re
from dataclasses import dataclass
from datetime import timedelta

from skillkernel.model.embedded.phrases import DURATION
from skillkernel.model.embedded.time_words import NUMBERS, SECONDS, UNITS


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time, and where it stands in the request."""

    start: int
    end: int
    length: timedelta


def number_of(text: str) -> float:
    """The number that digits or a word stand for; raises `ValueError` when it is neither."""
    word = text.lower().strip()
    if word == "eins":
        return 1
    if word in NUMBERS:
        return NUMBERS[word]
    if word.endswith(("'", "’")):
        return 1
    return float(word.replace(",", "."))


def length_of(number: float, unit: str) -> timedelta | None:
    """So many of a unit's word; None for months and years, whose length varies."""
    seconds = SECONDS.get(UNITS[unit.lower()])
    if seconds is None or number * seconds > timedelta.max.total_seconds() / 2:
        return None
    return timedelta(seconds=number * seconds)


def find_durations(text: str) -> list[Duration]:
    """Every duration in `text`, in order and apart from each other."""
    found = ((match, _length(match)) for match in DURATION.finditer(text))
    return [Duration(match.start(), match.end(), length) for match, length in found if length]


def _length(match: re.Match[str]) -> timedelta | None:
    part = match.groupdict()
    if part["three"]:
        return timedelta(minutes=45)
    if part["half"]:
        return timedelta(minutes=30)
    if part["quarter"]:
        return timedelta(minutes=15)
    if part["onehalf"]:
        return length_of(1.5, part["unit0"])
    if part["hours"]:
        return timedelta(hours=int(part["hours"]), minutes=int(part["minutes"]))
    length = length_of(number_of(part["number"]) + (0.5 if part["andhalf"] else 0), part["unit"])
    if length is not None and part["unit2"]:
        more = length_of(number_of(part["number2"]), part["unit2"])
        return None if more is None else length + more
    return length
