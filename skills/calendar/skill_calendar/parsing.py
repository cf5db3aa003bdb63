"""Text made into a calendar; text that cannot be understood is named with the line of its first fault."""

import re
from collections.abc import Iterator

from icalendar import Calendar
from icalendar.prop import vBroken

from skill_calendar.ics import every_part, held, parts_of_line

_TIMES = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")


class Damaged(ValueError):
    """A text is no calendar: the number of a line, and what is wrong there."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")


def parsed(content: bytes | str) -> Calendar:
    """Read one VCALENDAR (RFC 5545); raise `Damaged` for the first thing in it that cannot be understood."""
    text = content if isinstance(content, str) else _decoded(content)
    try:
        calendar = Calendar.from_ical(text)
    except (ValueError, KeyError, IndexError) as error:
        raise _first_fault(text, str(error)) from None
    except (AttributeError, TypeError):  # a time zone that is none, to icalendar's own surprise
        raise _first_fault(text, "it cannot be understood") from None
    if calendar.name != "VCALENDAR":
        raise Damaged(1, "it does not begin with BEGIN:VCALENDAR")
    for component in every_part(calendar):
        for name in _TIMES:
            for value in held(component, name):
                if isinstance(value, vBroken):
                    raise _broken_value(text, name, value)
    return calendar


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Damaged(content.count(b"\n", 0, error.start) + 1, "it is not UTF-8 text") from None


def _broken_value(text: str, name: str, value: vBroken) -> Damaged:
    for number, line in _unfolded(text):
        if line.upper().startswith(name) and line.endswith(str(value)):
            return Damaged(number, f"{name} has the value {str(value)[:60]!r}, which is not a time or a rule")
    return Damaged(1, f"an event's {name} is not a time or a rule")


def _first_fault(text: str, otherwise: str) -> Damaged:
    open_components: list[tuple[str, int]] = []
    ended = False
    for number, line in _unfolded(text):
        try:
            name, value = parts_of_line(line)
        except ValueError:
            return Damaged(number, f"{line[:60]!r} is not a line of an iCalendar file")
        if ended:
            return Damaged(number, "more follows after the end of the calendar; one file holds one VCALENDAR")
        if name.upper() == "BEGIN":
            open_components.append((value.upper(), number))
        elif name.upper() == "END":
            if not open_components or open_components[-1][0] != value.upper():
                return Damaged(number, f"END:{value[:40]} ends nothing that was begun")
            open_components.pop()
            ended = not open_components
    if open_components:
        name, number = open_components[-1]
        return Damaged(number, f"BEGIN:{name[:40]} is never ended; the file seems to be cut off")
    return Damaged(1, otherwise[:120] or "it is empty")


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Each content line with the number of its first physical line (RFC 5545, 3.1)."""
    first, parts = 0, list[str]()
    for number, line in enumerate(re.split(r"\r?\n", text), start=1):
        if line[:1] in (" ", "\t") and parts:
            parts.append(line[1:])
            continue
        if "".join(parts).strip():
            yield first, "".join(parts)
        first, parts = number, [line]
    if "".join(parts).strip():
        yield first, "".join(parts)
