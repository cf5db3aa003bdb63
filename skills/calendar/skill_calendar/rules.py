"""How an event repeats: words for people, RRULE (RFC 5545, 3.3.10) for the file, and what is too much to expand."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from icalendar.prop import vRecur

from skill_calendar.choices import Repeat
from skill_calendar.ics import parsed_rule, rule_part, rule_parts, written_rule
from skill_calendar.times import in_years, shown
from skillkernel import ToolError

_WORKDAYS = ["MO", "TU", "WE", "TH", "FR"]
_WORDS: dict[Repeat, dict[str, Any]] = {
    "daily": {"FREQ": "DAILY"},
    "weekdays": {"FREQ": "WEEKLY", "BYDAY": _WORKDAYS},
    "weekly": {"FREQ": "WEEKLY"},
    "every_two_weeks": {"FREQ": "WEEKLY", "INTERVAL": 2},
    "monthly": {"FREQ": "MONTHLY"},
    "yearly": {"FREQ": "YEARLY"},
}
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_TOO_FINE = ("BYHOUR", "BYMINUTE", "BYSECOND")
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MOST = 1000
"""The largest INTERVAL that is believed."""


def rule_of(repeat: Repeat, until: date | None, start: date, zone: ZoneInfo) -> vRecur:
    """Return the rule for a word, up to and including the day `until`; raise `ToolError` when it cannot begin there."""
    if repeat == "weekdays" and start.weekday() > 4:
        raise ToolError(f"{shown(start)[:10]} is not a weekday: start on a day from Monday to Friday")
    rule = vRecur(_WORDS[repeat])
    if until is not None:
        rule["UNTIL"] = [last_moment(until, start, zone)]
    return rule


def rule_from_text(text: str, until: date | None, start: date, zone: ZoneInfo) -> vRecur:
    """Read an RRULE such as `FREQ=WEEKLY;BYDAY=MO,WE`; raise `ToolError` with what is wrong with it."""
    bare = text.strip().upper().removeprefix("RRULE:")
    try:
        rule = parsed_rule(bare)
    except (ValueError, KeyError) as error:
        raise ToolError(
            f"{text[:80]!r} is not a recurrence rule ({error}): write it like FREQ=WEEKLY;BYDAY=MO,WE"
        ) from None
    problem = problem_of(rule) or _refusal(bare)
    if problem:
        raise ToolError(f"{text[:80]!r} cannot be used as a recurrence rule: {problem}")
    if until is not None:
        rule.pop("COUNT", None)
        rule["UNTIL"] = [last_moment(until, start, zone)]
    elif "UNTIL" in rule and "COUNT" in rule:
        raise ToolError("a recurrence rule ends by COUNT or by UNTIL, not by both: leave one out")
    elif "UNTIL" in rule:
        rule["UNTIL"] = [_as_start(value, start, zone) for value in rule_part(rule, "UNTIL")]
    return rule


def last_moment(until: date, start: date, zone: ZoneInfo) -> date:
    """Return UNTIL for a series whose last day is `until`: a date for whole days, else UTC as the RFC demands."""
    day = in_years(until.date() if isinstance(until, datetime) else until)
    if day < (start.date() if isinstance(start, datetime) else start):
        raise ToolError(f"the repetition would end on {day}, before the event begins on {shown(start)[:10]}")
    if not isinstance(start, datetime):
        return day
    return datetime.combine(day, time(23, 59, 59), tzinfo=zone).astimezone(UTC)


def _as_start(value: date, start: date, zone: ZoneInfo) -> date:
    if isinstance(value, datetime) and isinstance(start, datetime):
        return value.replace(tzinfo=value.tzinfo or zone).astimezone(UTC)
    return last_moment(value, start, zone)


def problem_of(rule: Mapping[str, Any]) -> str:
    """Why occurrences of this rule must not be counted out, empty when they may.

    One by the second or with an interval of zero would never come to an end.
    """
    frequency = "".join(str(value) for value in rule_part(rule, "FREQ")).upper()
    if frequency not in _FREQUENCIES:
        return f"FREQ is {frequency or 'missing'}, and only {', '.join(_FREQUENCIES)} can be"
    if fine := [part for part in _TOO_FINE if rule_part(rule, part)]:
        return f"{fine[0]} repeats within a day, which events here do not"
    for part, most in (("INTERVAL", _MOST), ("COUNT", _MOST * _MOST)):
        if any(not 1 <= value <= most for value in rule_part(rule, part)):
            return f"{part} must be from 1 to {most}"
    days = rule_part(rule, "BYMONTHDAY")
    among = rule_part(rule, "BYMONTH") or range(1, 13)
    if days and not any(abs(day) <= _LENGTHS[month - 1] for day in days for month in among if 1 <= month <= 12):
        return "no month has such a day"
    return ""


def _refusal(written: str) -> str:
    """What the library that counts occasions out says against the rule, empty when it takes it."""
    from dateutil.rrule import rrulestr

    try:
        rrulestr(";".join(part for part in written.split(";") if not part.startswith("UNTIL=")))
    except (ValueError, KeyError, TypeError) as error:
        return str(error) or "it is not one"
    return ""


def in_words(rule: vRecur) -> str:
    """Say the rule in a word where one fits (`weekly until 2026-12-31`), else as it stands in the file."""
    rest = rule_parts(rule)
    until = rest.pop("UNTIL", [])
    rest.pop("WKST", None)
    for word, parts in _WORDS.items():
        if rest == rule_parts(vRecur(parts)):
            return f"{word} until {shown(until[0])[:10]}" if until else word
    return written_rule(rule)
