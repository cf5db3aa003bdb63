"""The calendar as a file, calendar.ics in the skill's data folder: read whole, replaced whole, never half.

A file that cannot be understood is named with its line and left as it is. What other programs wrote into it (unknown
properties, alarms, to-dos, time zones of their own) is written back as it was read.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from icalendar import Calendar

from skill_calendar.ics import empty_calendar, serialised
from skill_calendar.parsing import Damaged, parsed
from skill_calendar.store import Contents
from skill_calendar.zones import add_zones
from skillkernel import ToolError

FILE = "calendar.ics"
LARGEST_FILE = 5_000_000
"""Bytes of calendar.ics: some 20,000 events, which take seconds to read."""

_parsed: dict[Path, tuple[tuple[int, int, int], Calendar]] = {}


class FileStore:
    """The calendar of one data folder, empty as long as there is no file.

    Its methods are those of `store.Store`; they raise `ToolError` with the file and the line when the file is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = folder / "calendar.lock"

    def reading(self, first: datetime, last: datetime) -> Contents:
        """Return the whole calendar, whatever the range."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return Contents(empty_calendar())
        version = (status.st_mtime_ns, status.st_size, status.st_ino)
        known = _parsed.get(self._path)
        if known is None or known[0] != version:
            known = (version, _parse(self._path))
            _parsed[self._path] = known
        return Contents(known[1])

    @contextmanager
    def changing(
        self, now: datetime, first: datetime | None = None, last: datetime | None = None
    ) -> Generator[Contents]:
        """Hand out the whole calendar, and replace the file in one step when the block ends without an error.

        One at a time, also between processes; readers see the file of before or of after.
        """
        with self._lock.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            calendar = _parse(self._path) if self._path.exists() else empty_calendar()
            yield Contents(calendar)
            add_zones(calendar, now.year)
            _replace(self._path, serialised(calendar))


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
        return parsed(path.read_bytes())
    except Damaged as fault:
        raise ToolError(
            f"{FILE}, {fault}; nothing was changed. Mend the file or move it away, then try again"
        ) from None
