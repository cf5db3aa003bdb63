"""A program's request for a connection (CONNECT, RFC 9110 section 9.3.6, RFC 9112), read strictly. Pure.

Threat: a header that this reads one way and somebody else another: two hosts, a second request behind a folded line, a
body that hides one. What is not exactly a CONNECT for one host and port is answered and not forwarded.
"""

import re
from typing import NamedTuple

END = b"\r\n\r\n"
MOST_BYTES = 8_192
_REQUEST = re.compile(r"CONNECT ([!-~]+) HTTP/1\.[01]")
_OTHER = re.compile(r"[A-Z]{1,20} [!-~]+ HTTP/1\.[01]")
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~]*)")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z._-]{1,253}):([0-9]{1,5})")


class Wanted(NamedTuple):
    """Where the program wants to be connected."""

    host: str
    port: int


class NotServed(ValueError):
    """A request that is not forwarded; `status` is its answer's code."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def read_request(head: bytes) -> Wanted:
    """The host and port of a request's head, which ends with an empty line; raise `NotServed`."""
    if len(head) > MOST_BYTES or not head.endswith(END):
        raise NotServed(431, f"a request's head has at most {MOST_BYTES} bytes")
    try:
        line, *fields = head[: -len(END)].decode("ascii").split("\r\n")
    except UnicodeDecodeError:
        raise NotServed(400, "a request's head is ASCII") from None
    found = _REQUEST.fullmatch(line)
    if found is None:
        raise _not_connect(line)
    hosts: list[str] = []
    for each in fields:
        field = _FIELD.fullmatch(each)
        if field is None:
            raise NotServed(400, "a line of the request's head is no header field")
        name = field[1].lower()
        if name in ("content-length", "transfer-encoding"):
            raise NotServed(400, "a CONNECT request has no body")
        if name == "host":
            hosts.append(field[2].strip())
    return _agreed(found[1], hosts)


def _not_connect(line: str) -> NotServed:
    if _OTHER.fullmatch(line):
        return NotServed(405, "only CONNECT is served here: use https, or the program's option for a tunnel")
    return NotServed(400, "this is no HTTP request")


def _agreed(authority: str, hosts: list[str]) -> Wanted:
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        raise NotServed(400, "CONNECT names a host and a port, as in example.org:443")
    allowed = (authority.lower(), found[1].lower())
    if len(hosts) > 1 or any(host.lower() not in allowed for host in hosts):
        raise NotServed(400, "the Host field says another host than the request")
    return Wanted(found[1], int(found[2]))
