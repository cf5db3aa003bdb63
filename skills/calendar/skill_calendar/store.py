"""The file calendar.ics in the skill's data folder: read whole, replaced whole, never half.

A file that cannot be understood is named with its line and left as it is. What other programs wrote into it (unknown
properties, alarms, to-dos, time zones of their own) is written back as it was read.
"""

import fcntl
import os
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from icalendar import Calendar
from icalendar.prop import vBroken

from skill_calendar.ics import every_part, held, parts_of_line, put, serialised
from skill_calendar.zones import add_zones
from skillkernel import ToolError

FILE = "calendar.ics"
PRODUCT = "-//skillkernel//skill-calendar//EN"
LARGEST_FILE = 5_000_000
"""Bytes of calendar.ics: some 20,000 events, which take seconds to read."""

_TIMES = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
_parsed: dict[Path, tuple[tuple[int, int, int], Calendar]] = {}


def read_calendar(folder: Path) -> Calendar:
    """Return the calendar of that data folder, empty when there is none yet; it is shared, so it must not be changed.

    Raises `ToolError` with the file and the line when the file is damaged.
    """
    path = folder / FILE
    try:
        status = path.stat()
    except FileNotFoundError:
        return _empty()
    version = (status.st_mtime_ns, status.st_size, status.st_ino)
    known = _parsed.get(path)
    if known is None or known[0] != version:
        known = (version, _parse(path))
        _parsed[path] = known
    return known[1]


@contextmanager
def changing(folder: Path, now: datetime) -> Generator[Calendar]:
    """Hand out the calendar to be changed, and replace the file in one step when the block ends without an error.

    One at a time, also between processes; readers see the file of before or of after.
    """
    with (folder / "calendar.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = folder / FILE
        calendar = _parse(path) if path.exists() else _empty()
        yield calendar
        add_zones(calendar, now.year)
        _replace(path, serialised(calendar))


def _empty() -> Calendar:
    calendar = Calendar()
    put(calendar, "prodid", PRODUCT)
    put(calendar, "version", "2.0")
    return calendar


def _replace(path: Path, content: bytes) -> None:
    if len(content) > LARGEST_FILE:
        raise ToolError(f"{FILE} would grow past {LARGEST_FILE // 10**6} MB: delete events that are no longer needed")
    new = path.with_suffix(".ics.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _parse(path: Path) -> Calendar:
    if path.stat().st_size > LARGEST_FILE:
        raise ToolError(f"{FILE} is larger than {LARGEST_FILE // 10**6} MB, so it was not read")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes().count(b"\n", 0, error.start) + 1
        raise _damaged(line, "it is not UTF-8 text") from None
    try:
        calendar = Calendar.from_ical(text)
    except (ValueError, KeyError, IndexError) as error:
        raise _first_fault(text, str(error)) from None
    if calendar.name != "VCALENDAR":
        raise _damaged(1, "it does not begin with BEGIN:VCALENDAR")
    for component in every_part(calendar):
        for name in _TIMES:
            for value in held(component, name):
                if isinstance(value, vBroken):
                    raise _broken_value(text, name, value)
    return calendar


def _damaged(line: int, problem: str) -> ToolError:
    return ToolError(
        f"{FILE}, line {line}: {problem}; nothing was changed. Mend the file or move it away, then try again"
    )


def _broken_value(text: str, name: str, value: vBroken) -> ToolError:
    for number, line in _unfolded(text):
        if line.upper().startswith(name) and line.endswith(str(value)):
            return _damaged(number, f"{name} has the value {str(value)[:60]!r}, which is not a time or a rule")
    return _damaged(1, f"an event's {name} is not a time or a rule")


def _first_fault(text: str, otherwise: str) -> ToolError:
    open_components: list[tuple[str, int]] = []
    ended = False
    for number, line in _unfolded(text):
        try:
            name, value = parts_of_line(line)
        except ValueError:
            return _damaged(number, f"{line[:60]!r} is not a line of an iCalendar file")
        if ended:
            return _damaged(number, "more follows after the end of the calendar; one file holds one VCALENDAR")
        if name.upper() == "BEGIN":
            open_components.append((value.upper(), number))
        elif name.upper() == "END":
            if not open_components or open_components[-1][0] != value.upper():
                return _damaged(number, f"END:{value[:40]} ends nothing that was begun")
            open_components.pop()
            ended = not open_components
    if open_components:
        name, number = open_components[-1]
        return _damaged(number, f"BEGIN:{name[:40]} is never ended; the file seems to be cut off")
    return _damaged(1, otherwise[:120] or "it is empty")


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
