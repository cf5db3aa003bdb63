"""What a server holds, entry by entry, and what has to be sent when the events in it are others than before. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from icalendar import Calendar, Event

from skill_calendar.ics import empty_calendar, events_in, text
from skill_calendar.occurrences import title_of, uid_of
from skill_calendar.parsing import parsed


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource of a server: an event, or a series with its changed occasions (RFC 4791, 4.1).

    `etag` names its version, empty when the server gave none. `came` are its events, each with its SEQUENCE as it came,
    `title` is what it was called then, `organised` whether somebody invites to it (ORGANIZER).
    """

    path: str
    etag: str
    calendar: Calendar
    came: tuple[tuple[Event, str], ...]
    title: str
    organised: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be sent: `calendar` None deletes; `etag` None is for an entry that is not there yet."""

    path: str
    etag: str | None
    calendar: Calendar | None
    title: str
    organised: bool


def entry_of(path: str, etag: str, content: str) -> Entry:
    """Read an entry; raise `Damaged` when it cannot be understood."""
    calendar = parsed(content)
    events = events_in(calendar)
    came = tuple((event, _version(event)) for event in events)
    title = title_of(events[0]) if events else "(no title)"
    return Entry(path, etag, calendar, came, title, any("ORGANIZER" in event for event in events))


def together(entries: Sequence[Entry]) -> Calendar:
    """All events in one calendar: the very components of the entries, so that a change of one is seen afterwards."""
    whole = Calendar()
    whole.subcomponents.extend(event for entry in entries for event, _ in entry.came)
    return whole


def changes(entries: Sequence[Entry], whole: Calendar, collection: str) -> Iterator[Change]:
    """Yield what to send so that the collection holds the events of `whole`, which began as `together(entries)`.

    An event counts as changed when its SEQUENCE is another. New events go to the entry of their UID, else to a new one.
    """
    there = {id(event): event for event in events_in(whole)}
    known = {id(event) for entry in entries for event, _ in entry.came}
    added: dict[str, list[Event]] = {}
    for number, event in there.items():
        if number not in known:
            added.setdefault(uid_of(event), []).append(event)
    for entry in entries:
        kept = [event for event, _ in entry.came if id(event) in there]
        new = [event for uid in _uids(entry) for event in added.pop(uid, [])]
        same = len(kept) == len(entry.came) and not new
        if same and all(_version(event) == version for event, version in entry.came):
            continue
        yield _replaced(entry, [*kept, *new])
    for uid, events in added.items():
        calendar = empty_calendar()
        calendar.subcomponents.extend(events)
        path = f"{collection.rstrip('/')}/{quote(uid, safe='')}.ics"
        yield Change(path, None, calendar, title_of(events[0]), False)


def _replaced(entry: Entry, events: list[Event]) -> Change:
    if not events:
        return Change(entry.path, entry.etag, None, entry.title, entry.organised)
    others = [part for part in entry.calendar.subcomponents if not isinstance(part, Event)]
    entry.calendar.subcomponents = [*others, *events]
    return Change(entry.path, entry.etag, entry.calendar, entry.title, entry.organised)


def _uids(entry: Entry) -> list[str]:
    return list(dict.fromkeys(uid_of(event) for event, _ in entry.came))


def _version(event: Event) -> str:
    return text(event, "SEQUENCE")
