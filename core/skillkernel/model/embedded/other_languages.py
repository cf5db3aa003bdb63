"""Moments in requests of languages that have no rules of their own here, by dateparser.

Measured on ten phrases of the seven languages that do have rules, dateparser alone found five (`alle 18`, `a las 5 de
la tarde`, `halb zehn` and `übermorgen um 15 Uhr` were lost or wrong), so it only stands in where there is nothing better. Its Japanese put a meeting
on the wrong day, so Japanese, Chinese and Korean are not asked of it.
"""

import re
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from typing import Any

from skillkernel.model.embedded.engine import engine_missing
from skillkernel.model.embedded.moments import Moment

_SCRIPTS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"[іїєґ]", re.IGNORECASE), ("uk",)),
    (re.compile(r"[\u0400-\u04ff]"), ("ru",)),
    (re.compile(r"[\u0370-\u03ff]"), ("el",)),
    (re.compile(r"[\u0600-\u06ff]"), ("ar", "fa")),
    (re.compile(r"[\u0590-\u05ff]"), ("he",)),
    (re.compile(r"[\u0900-\u097f]"), ("hi",)),
    (re.compile(r"[łśźżćńąę]", re.IGNORECASE), ("pl",)),
    (re.compile(r"[ğışİ]"), ("tr",)),
    (re.compile(r"[řěůž]", re.IGNORECASE), ("cs",)),
    (re.compile(r"[åøæ]|\b(?:och|jag|på|imorgon|kl)\b", re.IGNORECASE), ("sv", "da", "nb")),
    (re.compile(r"\b(?:jutro|dzisiaj|dodaj|godzin\w*)\b", re.IGNORECASE), ("pl",)),
)
_HAS_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}|\b(?:o|kl\.?|в|о|saat)\s+\d{1,2}\b", re.IGNORECASE)


def languages_of(text: str) -> tuple[str, ...]:
    """The languages to look for, by script and letters; empty when the text may be one of those with rules."""
    return next((languages for pattern, languages in _SCRIPTS if pattern.search(text)), ())


def moments_by_library(text: str, now: datetime) -> list[Moment]:
    """The moments that dateparser finds in `text`, seen from `now` (aware, in the user's time zone)."""
    languages = languages_of(text)
    if not languages:
        return []
    try:
        search: Any = import_module("dateparser.search")  # its types are partly unknown
    except ImportError as error:
        raise engine_missing() from error
    settings = {"RELATIVE_BASE": now.replace(tzinfo=None), "PREFER_DATES_FROM": "future"}
    found: list[tuple[str, datetime]] = search.search_dates(text, languages=list(languages), settings=settings) or []
    moments: list[Moment] = []
    after = 0
    for words, moment in found:
        start = text.find(words, after)
        if start < 0 or not re.search(r"\w{2}|\d", words):
            continue
        after = start + len(words)
        clock = moment.time().replace(microsecond=0) if _HAS_CLOCK.search(words) else None
        moments.append(Moment(start, after, moment.date(), None, clock))
    return _with_day(moments, now)


def _with_day(moments: list[Moment], now: datetime) -> list[Moment]:
    """Give a lone time the lone day that was found apart from it."""
    days = [moment for moment in moments if moment.clock is None]
    times = [moment for moment in moments if moment.clock is not None and moment.day == now.date()]
    if len(days) != 1 or len(times) != 1 or len(moments) != 2:
        return moments
    return [replace(times[0], day=days[0].day), days[0]]
