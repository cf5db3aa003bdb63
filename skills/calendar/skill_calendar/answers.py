"""What the tools answer: TypedDicts, so that a field without a value is left out of the model's window."""

from typing import NotRequired, TypedDict


class EventView(TypedDict):
    """An event; whole days are dates, `end` then being the last day. `id` names it, or its one occasion, to other tools."""

    id: str
    title: str
    start: str
    end: str
    location: NotRequired[str]
    attendees: NotRequired[list[str]]
    notes: NotRequired[str]
    repeats: NotRequired[str]


class Booked(TypedDict):
    """An event that was made or changed, `was` before, and busy events that overlap it. `unread` could not be compared."""

    event: EventView
    was: NotRequired[list[str]]
    conflicts: NotRequired[list[str]]
    remark: NotRequired[str]
    unread: NotRequired[list[str]]


class Agenda(TypedDict):
    """Events in order of time; `more` were left out, `unread` could not be understood."""

    events: list[EventView]
    more: NotRequired[int]
    unread: NotRequired[list[str]]


class FreeSlot(TypedDict):
    """A stretch of time with nothing in it."""

    start: str
    end: str
    minutes: int


class FreeTime(TypedDict):
    """Free stretches in order of time; `more` were left out, `unread` could not be understood."""

    free: list[FreeSlot]
    more: NotRequired[int]
    unread: NotRequired[list[str]]


class Deleted(TypedDict):
    """What is gone."""

    deleted: str
