"""The calendar on a CalDAV server (RFC 4791): read by a query, written entry by entry.

Every write says which version of the entry it replaces (its etag), so that nobody else's change is ever overwritten.
Entries that cannot be understood are named and left as they are.
"""

from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import datetime

from skill_calendar.dav_xml import CALDAV, DAV, Answer, events_between, precondition_in
from skill_calendar.discovery import XML, calendar_path, multistatus, refuse_status
from skill_calendar.entries import Change, Entry, changes, entry_of, together
from skill_calendar.exchange import Exchange, Reply
from skill_calendar.ics import serialised
from skill_calendar.parsing import Damaged
from skill_calendar.server import Server, server_from
from skill_calendar.store import Contents
from skill_calendar.trouble import failed
from skill_calendar.zones import add_zones
from skillkernel import Context, ToolError
from skillkernel.errors import SecretMissing

SECRET = "password"  # noqa: S105 # the name of the secret, not its value
_DATA, _ETAG = f"{CALDAV}calendar-data", f"{DAV}getetag"

_paths: dict[Server, str] = {}
"""Where each server's calendar was found."""


def server_store(context: Context) -> "ServerStore":
    """The store on the server of the settings; raise `ToolError` when they name none, or the password is missing."""
    server = server_from(context.settings)
    return ServerStore(server, _password(context, server) if server.user else "")


class ServerStore:
    """One calendar of a server; its methods are those of `store.Store`."""

    def __init__(self, server: Server, password: str) -> None:
        self._server = server
        self._password = password

    def reading(self, first: datetime, last: datetime) -> Contents:
        """Return what takes place in the range, by the server's own reckoning."""
        with closing(Exchange(self._server, self._password)) as exchange:
            _, entries, unread = _entries(exchange, first, last)
        return Contents(together(entries), unread)

    @contextmanager
    def changing(
        self, now: datetime, first: datetime | None = None, last: datetime | None = None
    ) -> Generator[Contents]:
        """Hand out the calendar, or what takes place in the range, and send what the block changed.

        Raises `ToolError` when an entry was changed elsewhere meanwhile; it then stays as it is there.
        """
        with closing(Exchange(self._server, self._password)) as exchange:
            collection, entries, unread = _entries(exchange, first, last)
            whole = together(entries)
            yield Contents(whole, unread)
            for change in changes(entries, whole, collection):
                _send(exchange, collection, change, now)


def _password(context: Context, server: Server) -> str:
    try:
        return context.secret(SECRET)
    except SecretMissing:
        raise SecretMissing(
            f"there is no password for {server.user} at {server.place}",
            hint="`skill secret set calendar password`, then `skill grant calendar`",
        ) from None


def _entries(
    exchange: Exchange, first: datetime | None, last: datetime | None
) -> tuple[str, list[Entry], tuple[str, ...]]:
    """The calendar's path, its entries in the range, and a line for each that cannot be understood."""
    server = exchange.server
    known = _paths.get(server)
    collection = known or calendar_path(exchange)
    reply = exchange.request("REPORT", collection, events_between(first, last), {"Depth": "1", **XML})
    if known and reply.status in (404, 410):
        _paths.pop(server, None)
        return _entries(exchange, first, last)
    answers = multistatus(server, reply)
    _paths[server] = collection
    entries: list[Entry] = []
    unread: list[str] = []
    for answer in answers:
        if answer.status == 507:
            raise ToolError(
                f"{server.place} gives only some of so many events", hint="ask for fewer days, or delete old events"
            )
        if _DATA not in answer.properties:
            continue
        try:
            entries.append(_entry(exchange.path_of(answer.href, reply.path), answer))
        except Damaged as fault:
            unread.append(f"{answer.href[-100:]}, {fault}")
    return collection, entries, tuple(unread)


def _entry(path: str, answer: Answer) -> Entry:
    return entry_of(path, answer.text(_ETAG).strip(), answer.text(_DATA))


def _send(exchange: Exchange, collection: str, change: Change, now: datetime) -> None:
    if change.etag == "":
        raise ToolError(
            f"{exchange.server.place} does not say which version of {change.title!r} it has, "
            "so another's change could be lost; nothing was changed"
        )
    if change.organised:
        _refuse_mail(exchange, collection, change)
    condition = {"If-None-Match": "*"} if change.etag is None else {"If-Match": change.etag}
    if change.calendar is None:
        reply = exchange.request("DELETE", change.path, headers=condition)
    else:
        add_zones(change.calendar, now.year)
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
        reply = exchange.request("PUT", change.path, serialised(change.calendar), headers)
    _refuse_write(exchange.server, change, reply)


def _refuse_mail(exchange: Exchange, collection: str, change: Change) -> None:
    """Raise `ToolError` where the server would write to people (RFC 6638), which no tool here is approved for."""
    offers = exchange.request("OPTIONS", collection).headers.get("dav", "")
    if "calendar-auto-schedule" in offers:
        raise ToolError(
            f"{exchange.server.place} would write to the people of {change.title!r}, so it was not changed",
            hint="change it in a calendar program",
        )


def _refuse_write(server: Server, change: Change, reply: Reply) -> None:
    if reply.status == 412 or (reply.status in (404, 410) and change.calendar is None):
        raise ToolError(
            f"{change.title!r} was changed elsewhere meanwhile; nothing was overwritten",
            hint="look at it with list_events, then try again",
        )
    if reply.status in (401, 429, 503) or reply.status // 100 == 2:
        refuse_status(server, reply)
        return
    if reason := precondition_in(reply.body):
        raise ToolError(f"{server.place} does not take {change.title!r}: {reason} ({reply.status})")
    if reply.status == 403:
        refuse_status(server, reply)
    raise failed(server, reply.status, uncertain=reply.status >= 500)
