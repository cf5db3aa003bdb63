"""Which connections a skill may have: its granted rows with the person's settings filled in, compared whole.

Threat: a grant that fits more than it says (a wildcard, an empty host, port 0), or a name that was granted and an
address behind it that was not.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from skillkernel.manifest.permission_form import filled, settings_in
from skillkernel.permissions.network_address import reach_of
from skillkernel.permissions.network_host import BadHost, canonical_host

_PORTS = {
    "http": 80,
    "https": 443,
    "ws": 80,
    "wss": 443,
    "ftp": 21,
    "ftps": 990,
    "smtp": 25,
    "submission": 587,
    "smtps": 465,
    "imap": 143,
    "imaps": 993,
    "pop3": 110,
    "pop3s": 995,
    "ldap": 389,
    "ldaps": 636,
}
"""What a URL means that names no port."""


class BadEndpoint(ValueError):
    """A text that is no host and port; the message says why."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host in its canonical form (`network_host`) and a port from 1 to 65535."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def endpoint(host: str, port: int) -> Endpoint:
    """That host and port; raise `BadEndpoint`."""
    if not 1 <= port <= 65_535:
        raise BadEndpoint(f"{port} is not a port")
    try:
        return Endpoint(canonical_host(host), port)
    except BadHost as problem:
        raise BadEndpoint(str(problem)) from None


def read_endpoint(text: str) -> Endpoint:
    """`host:port`, or a URL whose scheme says the port when it names none; raise `BadEndpoint`."""
    if "://" in text:
        return _of_url(text)
    host, colon, port = text.rpartition(":")
    if not colon:
        raise BadEndpoint(f"{text!r} names no port, as in example.org:443")
    return endpoint(host, _port(port))


def row_for(wanted: Endpoint, rows: Iterable[str], settings: Mapping[str, Any]) -> str | None:
    """The `network` value among `rows`, as it is written there, that stands for `wanted`."""
    return next((row for row in rows if wanted in granted_endpoints((row,), settings)), None)


def granted_endpoints(rows: Iterable[str], settings: Mapping[str, Any]) -> frozenset[Endpoint]:
    """What the granted `network` values stand for; one whose setting is empty or no host stands for nothing."""
    found: set[Endpoint] = set()
    for row in rows:
        try:
            found.add(read_endpoint(_meant(row, settings)))
        except BadEndpoint:
            continue
    return frozenset(found)


def address_problem(
    address: str, wanted: Endpoint, granted: Collection[Endpoint], private: Collection[str] = ()
) -> str:
    """Why a connection to `wanted`, which was granted, may not go to this address of it; empty when it may.

    `private` are the canonical hosts that the person's config.toml allows to be in a private network.
    """
    try:
        canonical = canonical_host(address)
        reach = reach_of(address)
    except ValueError:
        return f"{address} is no address"
    if reach == "public" or (reach != "never" and Endpoint(canonical, wanted.port) in granted):
        return ""
    if reach == "never":
        return f"{wanted.host} leads to {address}, where no server can be"
    if reach == "loopback" and wanted.host == "localhost":
        return ""
    if reach == "link-local":
        return f"{wanted.host} leads to {address}, which is {reach}: only a grant of that very address reaches it"
    if wanted.host in private:
        return ""
    allow = f'`[network] private = ["{wanted.host}"]` in config.toml allows it'
    return f"{wanted.host} leads to {address}, which is {reach}: {allow}"


def _meant(row: str, settings: Mapping[str, Any]) -> str:
    if settings_in(row) == (row[1:-1],):
        return _filled(row, settings)
    host, _, port = row.rpartition(":")
    meant = _filled(host, settings)
    if ":" in meant and not meant.startswith("["):
        meant = f"[{meant}]"
    return f"{meant}:{_filled(port, settings)}"


def _filled(part: str, settings: Mapping[str, Any]) -> str:
    meant = (filled(part, settings) or "").strip()
    if not meant:
        raise BadEndpoint(f"{part}: the setting is not set")
    return meant


def _of_url(text: str) -> Endpoint:
    """By the rules of RFC 3986, strictly: what browsers mend (a tab, a backslash) or hide (a user's name) is refused."""
    scheme, _, rest = text.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    host, colon, port = authority.rpartition(":")
    if not colon or "]" in port:
        host, port = authority, ""
    if port:
        return endpoint(host, _port(port))
    known = _PORTS.get(scheme.lower())
    if known is None:
        raise BadEndpoint(f"{text!r} names no port")
    return endpoint(host, known)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and not text.startswith("0")):
        raise BadEndpoint(f"{text!r} is not a port")
    return int(text)
