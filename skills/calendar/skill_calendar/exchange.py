"""HTTP with one server: bounded in bytes and in time, and nothing is ever sent to another one.

Threat: a server that never stops answering, or that sends the password elsewhere by a redirect. There is one connection,
to the server of the settings; a redirect is followed when it stays there. Proxies and cookies are not used.
"""

import base64
import http.client
import io
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

from skill_calendar.server import Server, encoded, origin_of
from skill_calendar.trouble import elsewhere, not_http, too_large, too_slow, unreachable
from skillkernel import ToolError

LONGEST = 20.0
"""Seconds for all requests of one call together: less than a call may take, so that what is said here is heard."""
LARGEST_ANSWER = 8_000_000
"""Bytes of one answer: some 9,000 events, which take 200 MB of memory when they are read."""
_CHUNK = 1 << 16
_MOST_REDIRECTS = 3
_WRITES = ("PUT", "DELETE")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status, the path that it is about after redirects, its headers in lower case, its body."""

    status: int
    path: str
    headers: Mapping[str, str]
    body: bytes


class Exchange:
    """Requests to one server, one after the other; `close` it in the end."""

    def __init__(self, server: Server, password: str = "", seconds: float = LONGEST) -> None:
        self.server = server
        self._ends = time.monotonic() + seconds
        self._headers = {"User-Agent": "skill-calendar"}
        if server.user:
            pair = f"{server.user}:{password}".encode()
            self._headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        self._connection = self._new_connection()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def request(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        """Send one request and return the answer, whatever its status; raise `ToolError` when there is none to have."""
        for _ in range(_MOST_REDIRECTS + 1):
            reply = self._once(method, path, body, headers or {})
            target = reply.headers.get("location", "")
            if reply.status not in (301, 302, 307, 308) or not target:
                return reply
            path = self.path_of(target, reply.path)
        raise ToolError(f"{self.server.place} sends the calendar skill in a circle", hint="look at the setting server")

    def path_of(self, target: str, base: str) -> str:
        """Return the path of an address that the server named; raise `ToolError` when it is on another server."""
        scheme = "https" if self.server.secure else "http"
        host = f"[{self.server.host}]" if ":" in self.server.host else self.server.host
        try:
            whole = urljoin(f"{scheme}://{host}:{self.server.port}{base}", target)
            if origin_of(whole) == self.server.origin:
                return encoded(urlsplit(whole).path or "/")
        except (ToolError, ValueError):
            pass
        raise elsewhere(self.server, target)

    def _once(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        uncertain = False
        try:
            reused = not self._connect()
            uncertain = method in _WRITES
            try:
                response = self._send(method, path, body, headers)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                # A kept connection may have been closed meanwhile; but a write could have arrived all the same.
                if not reused or uncertain:
                    raise
                self._connection.close()
                self._connect()
                response = self._send(method, path, body, headers)
            content = self._bounded(response)
        except TimeoutError:
            raise too_slow(self.server, uncertain) from None
        except OSError as error:
            raise unreachable(self.server, error, uncertain) from None
        except (http.client.HTTPException, ValueError):
            raise not_http(self.server, uncertain) from None
        found = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, path, found, content)

    def _connect(self) -> bool:
        """Connect where that is needed, and say whether it was."""
        connection = self._connection
        connection.timeout = self._left()
        if connection.sock is not None:
            return False
        connection.connect()
        connection.sock = cast(Any, _Timed(connection.sock, self._left))  # its methods are all that http.client uses
        return True

    def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        self._connection.request(method, path, body or None, {**self._headers, **headers})
        return self._connection.getresponse()

    def _bounded(self, response: http.client.HTTPResponse) -> bytes:
        parts: list[bytes] = []
        size = 0
        while chunk := response.read(_CHUNK):
            size += len(chunk)
            if size > LARGEST_ANSWER:
                self._connection.close()
                raise too_large(self.server, LARGEST_ANSWER)
            parts.append(chunk)
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        return b"".join(parts)

    def _left(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _new_connection(self) -> http.client.HTTPConnection:
        if not self.server.secure:
            return http.client.HTTPConnection(self.server.host, self.server.port)
        import ssl

        context = ssl.create_default_context()
        return http.client.HTTPSConnection(self.server.host, self.server.port, context=context)


class _Timed:
    """A socket whose every wait ends when the call's time is up, not only when the other side is silent for long."""

    def __init__(self, sock: Any, left: Callable[[], float]) -> None:
        self._sock = sock
        self._left = left

    def sendall(self, data: Any) -> None:
        """Send all of it."""
        rest = memoryview(data)
        while rest:
            self._sock.settimeout(self._left())
            rest = rest[self._sock.send(rest) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        """What is received, as a file."""
        return io.BufferedReader(_Received(self._sock, self._left))

    def close(self) -> None:
        """Close it."""
        with suppress(OSError):
            self._sock.close()


class _Received(io.RawIOBase):
    def __init__(self, sock: Any, left: Callable[[], float]) -> None:
        self._raw = sock.makefile("rb", buffering=0)
        self._sock = sock
        self._left = left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._left())
        return int(self._raw.readinto(buffer) or 0)

    def close(self) -> None:
        self._raw.close()
        super().close()
