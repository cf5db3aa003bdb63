"""Which calendar of a server is meant: the one at its address, else one of those that belong to the user (RFC 6764)."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from skill_calendar.dav_xml import ABOUT_COLLECTION, CALDAV, DAV, Answer, NotWebDav, answers_in
from skill_calendar.exchange import Exchange, Reply
from skill_calendar.server import Server
from skill_calendar.trouble import failed, forbidden, no_caldav, wrong_password
from skillkernel import ToolError

XML = {"Content-Type": "application/xml; charset=utf-8"}
_WELL_KNOWN = "/.well-known/caldav"
_MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class Place:
    """What a server says of one of its collections; `principal` and `homes` are addresses, as they were written."""

    path: str
    name: str
    holds_events: bool
    principal: str
    home: str


def calendar_path(exchange: Exchange) -> str:
    """Return the path of the calendar that the settings mean; raise `ToolError` when it is none or one of several."""
    server = exchange.server
    here = _start(exchange)
    if itself := [place for place in here if place.holds_events]:
        return chosen(itself, server)
    home = _home(exchange, here)
    found = [place for place in _look(exchange, home, "1") if place.holds_events]
    return chosen(found, server)


def chosen(places: Sequence[Place], server: Server) -> str:
    """Return the path of the calendar that the setting `calendar` names, or of the only one there is."""
    wanted = server.calendar.casefold()
    fitting = [
        place for place in places if not wanted or wanted in (place.name.casefold(), _last(place.path).casefold())
    ]
    if len(fitting) == 1:
        return fitting[0].path
    if not places:
        raise ToolError(
            f"{server.place} has no calendar for {server.user or 'everybody'}",
            hint="write the address of a calendar into the setting server",
        )
    names = ", ".join(repr(place.name[:60]) for place in places[:_MOST_NAMES])
    if not fitting:
        raise ToolError(
            f"{server.place} has no calendar {server.calendar[:60]!r}, but {names}",
            hint="choose one with `skill config calendar calendar=NAME`",
        )
    raise ToolError(
        f"{server.place} has {len(fitting)} calendars that fit: {names}",
        hint="choose one with `skill config calendar calendar=NAME`, or write its address into the setting server",
    )


def refuse_status(server: Server, reply: Reply) -> None:
    """Raise `ToolError` for an answer that says no."""
    if reply.status == 401:
        raise wrong_password(server, reply.headers.get("www-authenticate", ""))
    if reply.status == 403:
        raise forbidden(server)
    if reply.status // 100 != 2:
        raise failed(server, reply.status)


def multistatus(server: Server, reply: Reply) -> list[Answer]:
    """Return what the answer says of each resource; raise `ToolError` when it says no, or is of another kind."""
    refuse_status(server, reply)
    if reply.status != 207:
        kind = reply.headers.get("content-type", "nothing").partition(";")[0]
        raise no_caldav(server, f"it gives {kind[:60]!r}")
    try:
        return answers_in(reply.body)
    except NotWebDav as fault:
        raise no_caldav(server, str(fault)) from None


def _start(exchange: Exchange) -> list[Place]:
    """What is at the address of the settings, or where the server's front door leads to."""
    server = exchange.server
    reply = exchange.request("PROPFIND", server.path, ABOUT_COLLECTION, {"Depth": "0", **XML})
    if server.path == "/" and reply.status not in (207, 401):
        reply = exchange.request("PROPFIND", _WELL_KNOWN, ABOUT_COLLECTION, {"Depth": "0", **XML})
    return _places(exchange, reply)


def _home(exchange: Exchange, here: list[Place]) -> str:
    """Where the user's calendars are: named there or by the user's principal, else the address itself."""
    for place in here:
        if place.home:
            return exchange.path_of(place.home, place.path)
    for place in here:
        if place.principal:
            principal = exchange.path_of(place.principal, place.path)
            for other in _look(exchange, principal, "0"):
                if other.home:
                    return exchange.path_of(other.home, principal)
    return here[0].path if here else exchange.server.path


def _look(exchange: Exchange, path: str, depth: str) -> list[Place]:
    return _places(exchange, exchange.request("PROPFIND", path, ABOUT_COLLECTION, {"Depth": depth, **XML}))


def _places(exchange: Exchange, reply: Reply) -> list[Place]:
    return [
        _place(exchange.path_of(answer.href, reply.path), answer)
        for answer in multistatus(exchange.server, reply)
        if answer.status // 100 == 2
    ]


def _place(path: str, answer: Answer) -> Place:
    kinds = answer.properties.get(f"{DAV}resourcetype")
    holds = answer.properties.get(f"{CALDAV}supported-calendar-component-set")
    names = None if holds is None else {str(part.get("name")).upper() for part in holds}
    return Place(
        path=path,
        name=answer.text(f"{DAV}displayname").strip() or _last(path),
        holds_events=kinds is not None
        and kinds.find(f"{CALDAV}calendar") is not None
        and "VEVENT" in (names or "VEVENT"),
        principal=answer.href_in(f"{DAV}current-user-principal"),
        home=answer.href_in(f"{CALDAV}calendar-home-set"),
    )


def _last(path: str) -> str:
    """The last part of a path, as people read it."""
    return unquote(path.rstrip("/").rpartition("/")[2])
