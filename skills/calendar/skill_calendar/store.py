"""Where the calendar is kept: one small seam, with a file of the skill's own behind it or a CalDAV server."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from icalendar import Calendar

from skillkernel import Context


@dataclass(frozen=True, slots=True)
class Contents:
    """What a store holds; `unread` names, a line each, the entries that could not be understood and are left out."""

    calendar: Calendar
    unread: tuple[str, ...] = ()


class Store(Protocol):
    """A calendar that is kept somewhere."""

    def reading(self, first: datetime, last: datetime) -> Contents:
        """Return at least what takes place between the two moments; it is shared, so it must not be changed."""
        ...

    def changing(
        self, now: datetime, first: datetime | None = None, last: datetime | None = None
    ) -> AbstractContextManager[Contents]:
        """Hand out the calendar, or at least what takes place in the range, and keep what the block changed in it.

        An event counts as changed when its SEQUENCE is another (`events.touch`), or when it came or went. Nothing is
        kept when the block ends with an error.
        """
        ...


def store_of(context: Context) -> Store:
    """The store that the settings name: the server when one is set, else the file."""
    if context.settings.get("server"):
        from skill_calendar.server_store import server_store

        return server_store(context)
    from skill_calendar.ics_file import FileStore

    return FileStore(context.data)
