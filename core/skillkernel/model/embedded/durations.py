"""Finds durations in a request: `an hour and a half`, `90 Minuten`, `anderhalf uur`, `1h30`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from skillkernel.model.embedded.phrases import DURATION, LONG
from skillkernel.model.embedded.time_words import NUMBERS, ONE_AND_A_HALF, SECONDS, UNITS


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
    plain = [Duration(match.start(), match.end(), length) for match, length in found if length]
    return sorted([*plain, *_adjectives(text)], key=lambda each: each.start)


def _adjectives(text: str) -> Iterator[Duration]:
    for match in LONG.finditer(text):
        word = match["number"].lower().removesuffix("-")
        number = 1.5 if word in ONE_AND_A_HALF else number_of(word)
        if length := length_of(number, _UNIT_OF[match["unit"].lower()]):
            yield Duration(match.start(), match.end(), length)


_UNIT_OF = {"stündig": "stunde", "minütig": "minute", "tägig": "tag", "wöchig": "woche"}


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
