"""What WebDAV and CalDAV say in XML (RFC 4918, RFC 4791): the questions as constants, the answers read with a guard.

Threat: a server's XML that fills the memory or reads files. A document type is refused, so there are no entities of its
own; depth and number of elements are bounded, the bytes are by the caller.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

DAV, CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
DEEPEST, MOST_ELEMENTS = 32, 300_000

_NAMESPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
_SLACK = timedelta(days=1)
"""Whole days and times without a zone begin elsewhere on the server's clock, so a question is asked that much wider."""

ABOUT_COLLECTION = (
    f'<?xml version="1.0" encoding="utf-8"?><D:propfind {_NAMESPACES}><D:prop><D:resourcetype/><D:displayname/>'
    "<D:current-user-principal/><C:calendar-home-set/><C:supported-calendar-component-set/></D:prop></D:propfind>"
).encode()


class NotWebDav(ValueError):
    """Bytes that are no answer of a WebDAV server; the text says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a multistatus says of one resource: a status of its own (200 when it has none), and the properties it has."""

    href: str
    status: int
    properties: dict[str, Element]

    def text(self, name: str) -> str:
        """The text of a property, empty when it is not there."""
        found = self.properties.get(name)
        return "" if found is None else (found.text or "")

    def href_in(self, name: str) -> str:
        """The address that a property holds, empty when it holds none."""
        found = self.properties.get(name)
        return "" if found is None else (found.findtext(f"{DAV}href") or "").strip()


def events_between(first: datetime | None, last: datetime | None) -> bytes:
    """The calendar-query for the events of a range, all when it has no ends (RFC 4791, 7.8)."""
    times = f'<C:time-range start="{_utc(first - _SLACK)}" end="{_utc(last + _SLACK)}"/>' if first and last else ""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><C:calendar-query {_NAMESPACES}><D:prop><D:getetag/><C:calendar-data/>'
        '</D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
        f"{times}</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
    ).encode()


def answers_in(content: bytes) -> list[Answer]:
    """Read a multistatus (RFC 4918, 14.16); raise `NotWebDav` when it is none."""
    root = _read(content)
    if root.tag != f"{DAV}multistatus":
        raise NotWebDav("it answers XML of another kind")
    return [_answer(response, href) for response in root.iter(f"{DAV}response") for href in _hrefs(response)]


def precondition_in(content: bytes) -> str:
    """The condition that a refusal names (RFC 4918, 16), such as no-uid-conflict; empty when it names none."""
    try:
        root = _read(content)
    except NotWebDav:
        return ""
    names = [child.tag.rpartition("}")[2] for child in root] if root.tag == f"{DAV}error" else []
    return names[0][:60] if names else ""


def _hrefs(response: Element) -> Iterator[str]:
    for found in response.findall(f"{DAV}href"):
        if found.text and found.text.strip():
            yield found.text.strip()


def _answer(response: Element, href: str) -> Answer:
    properties = {
        prop.tag: prop
        for propstat in response.findall(f"{DAV}propstat")
        if _status(propstat) // 100 == 2
        for prop in propstat.iterfind(f"{DAV}prop/*")
    }
    return Answer(href, _status(response), properties)


def _status(element: Element) -> int:
    """The number in a status line such as `HTTP/1.1 404 Not Found`, 200 when there is none."""
    words = (element.findtext(f"{DAV}status") or "HTTP/1.1 200").split()
    return int(words[1]) if len(words) > 1 and words[1].isascii() and words[1].isdigit() and len(words[1]) == 3 else 500


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _read(content: bytes) -> Element:
    parser = XMLParser(target=_Guard())  # noqa: S314 # the guard refuses a document type, without which no entity can be made
    try:
        parser.feed(content)
        root: Element = parser.close()
    except ParseError as error:
        raise NotWebDav(f"it answers no XML (line {error.position[0]})") from None
    except (LookupError, ValueError) as error:
        raise error if isinstance(error, NotWebDav) else NotWebDav("it answers in an unknown encoding") from None
    return root


class _Guard:
    """Builds the tree; refuses what an honest server never sends."""

    def __init__(self) -> None:
        self._builder = TreeBuilder()
        self._depth = self._elements = 0

    def start(self, tag: str, attributes: dict[str, str]) -> Element:
        """An element begins."""
        self._depth += 1
        self._elements += 1
        if self._depth > DEEPEST:
            raise NotWebDav(f"its XML is nested deeper than {DEEPEST}")
        if self._elements > MOST_ELEMENTS:
            raise NotWebDav(f"its XML has more than {MOST_ELEMENTS} elements")
        return self._builder.start(tag, attributes)

    def end(self, tag: str) -> Element:
        """An element ends."""
        self._depth -= 1
        return self._builder.end(tag)

    def data(self, text: str) -> None:
        """Text between them."""
        self._builder.data(text)

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        """A document type: the way to entities, which CalDAV does not use."""
        raise NotWebDav("its XML has a document type, which is not allowed")

    def close(self) -> Element:
        """The end."""
        return self._builder.close()
