"""Finds days in a request: `tomorrow`, `nächsten Freitag`, `le 3 avril`, `the 15th`, `next week`."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from skillkernel.model.embedded import phrases
from skillkernel.model.embedded.time_words import COMING, DAYS_FROM_TODAY, EVENINGS, LAST, MONTHS, WEEKDAYS

_WEEKDAY_NUMBER = {word: number for number, words in enumerate(WEEKDAYS) for word in words}
_MONTH_NUMBER = {word: number for number, words in enumerate(MONTHS, start=1) for word in words}
_NEXT_WEEKS = frozenset(("next", "volgende"))
"""Before a weekday these mean the one of next week; `prochain` or `nächsten` mean the first that comes."""


@dataclass(frozen=True, slots=True)
class Days:
    """A day, or the days from `first` to `last`, and where it stands; `evening`: its word says so (`tonight`)."""

    start: int
    end: int
    first: date
    last: date | None = None
    evening: bool = False


def find_days(text: str, today: date, *, month_first: bool = False) -> list[Days]:
    """Every day in `text`, in order, the longest reading of each place; `month_first`: 3/4 is the 4th of March."""
    taken: list[Days] = []
    for pattern, read in _RULES:
        for match in pattern.finditer(text):
            if any(match.start() < other.end and other.start < match.end() for other in taken):
                continue
            if found := read(match, today, month_first):
                first, last = found
                taken.append(Days(match.start(), match.end(), first, last, match.group().lower() in EVENINGS))
    return sorted(taken, key=lambda days: days.start)


_Read = tuple[date, date | None] | None


def _on(year: str | None, month: int, day: int, today: date) -> _Read:
    try:
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), month, day), None
        for candidate in range(today.year, today.year + 5):
            if (month, day) == (2, 29) and monthrange(candidate, 2)[1] < 29:
                continue
            if (found := date(candidate, month, day)) >= today:
                return found, None
    except ValueError:
        return None
    return None


def _numbers(match: re.Match[str], today: date, month_first: bool) -> _Read:
    return _on(match["year"], int(match["month"]), int(match["day"]), today)


def _slashed(match: re.Match[str], today: date, month_first: bool) -> _Read:
    first, second = int(match["first"]), int(match["second"])
    month, day = (first, second) if (month_first and first <= 12) or second > 12 else (second, first)
    return _on(match["year"], month, day, today)


def _named(match: re.Match[str], today: date, month_first: bool) -> _Read:
    return _on(match["year"], _MONTH_NUMBER[match["month"].lower()], int(match["day"]), today)


def _days_of_month(match: re.Match[str], today: date, month_first: bool) -> _Read:
    part = match.groupdict()
    month = _MONTH_NUMBER[(part["month"] or part["month2"]).lower()]
    first = _on(part["year"], month, int(part["day"] or part["day3"]), today)
    last = _on(part["year"], month, int(part["day2"] or part["day4"]), today)
    return (first[0], last[0]) if first and last and first[0] < last[0] else None


def _day_only(match: re.Match[str], today: date, month_first: bool) -> _Read:
    day = int(next(group for group in match.groups() if group))
    year, month = today.year, today.month
    for _ in range(12):
        if day and day <= monthrange(year, month)[1] and (found := date(year, month, day)) >= today:
            return found, None
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


def _relative(match: re.Match[str], today: date, month_first: bool) -> _Read:
    return today + timedelta(days=DAYS_FROM_TODAY[match["word"].lower()]), None


def _weekday(match: re.Match[str], today: date, month_first: bool) -> _Read:
    number = _WEEKDAY_NUMBER[match["name"].lower()]
    parts = match.groupdict()
    modifier = (parts.get("before") or parts.get("after") or "").lower()
    if week := (parts.get("week") or "").lower():
        return _monday(today, week) + timedelta(days=number), None
    if modifier in LAST:
        return today - timedelta(days=(today.weekday() - number) % 7 or 7), None
    if modifier in _NEXT_WEEKS:
        return _monday(today, modifier) + timedelta(days=number), None
    return today + timedelta(days=(number - today.weekday()) % 7 or 7), None


def _week_then_day(match: re.Match[str], today: date, month_first: bool) -> _Read:
    return _monday(today, match["before"].lower()) + timedelta(days=_WEEKDAY_NUMBER[match["name"].lower()]), None


def _monday(today: date, words: str) -> date:
    monday = today - timedelta(days=today.weekday())
    for word in words.split():
        if word in LAST:
            return monday - timedelta(weeks=1)
        if word in COMING and word not in {"coming", "kommende", "kommenden", "komende"}:
            return monday
    return monday + timedelta(weeks=1)


def _week(match: re.Match[str], today: date, month_first: bool) -> _Read:
    monday = _monday(today, (match["before"] or match["after"]).lower())
    return monday, monday + timedelta(days=6)


def _weekend(match: re.Match[str], today: date, month_first: bool) -> _Read:
    modifier = (match["before"] or match["after"] or "").lower()
    saturday = today - timedelta(days=today.weekday()) + timedelta(days=5)
    if modifier in _NEXT_WEEKS:
        saturday += timedelta(weeks=1)
    elif modifier in LAST:
        saturday -= timedelta(weeks=1)
    return saturday, saturday + timedelta(days=1)


def _month_span(match: re.Match[str], today: date, month_first: bool) -> _Read:
    modifier = (match["before"] or match["after"]).lower()
    step = -1 if modifier in LAST else 0 if modifier in COMING else 1
    year, month = divmod(today.year * 12 + today.month - 1 + step, 12)
    return _whole_month(year, month + 1)


def _named_month(match: re.Match[str], today: date, month_first: bool) -> _Read:
    month = _MONTH_NUMBER[match["month"].lower()]
    return _whole_month(int(match["year"] or today.year + (month < today.month)), month)


def _whole_month(year: int, month: int) -> _Read:
    return (date(year, month, 1), date(year, month, monthrange(year, month)[1])) if 1 <= year <= 9999 else None


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date, bool], _Read]], ...] = (
    (phrases.ISO_DATE, _numbers),
    (phrases.DAY_RANGE, _days_of_month),
    (phrases.DOTTED_DATE, _numbers),
    (phrases.SLASHED_DATE, _slashed),
    (phrases.DAY_MONTH, _named),
    (phrases.MONTH_DAY, _named),
    (phrases.WEEK_THEN_DAY, _week_then_day),
    (phrases.WEEKDAY, _weekday),
    (phrases.WEEKEND, _weekend),
    (phrases.WEEK, _week),
    (phrases.MONTH_SPAN, _month_span),
    (phrases.RELATIVE_DAY, _relative),
    (phrases.DAY_ONLY, _day_only),
    (phrases.NAMED_MONTH, _named_month),
)
