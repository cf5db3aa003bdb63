"""An index on a web server that takes PUT and DELETE: WebDAV, a repository manager, an object store's own gateway.

The token is sent to that server alone: no redirect is followed, and it is in no address, message or log.
"""

import os
import time
import weakref
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import httpx

from skillkernel.errors import UsageError
from skillkernel_registry.errors import IndexUnreachable
from skillkernel_registry.index_format import WHEEL_LIMIT
from skillkernel_registry.publishing.kinds_of_files import cache_control, media_type
from skillkernel_registry.publishing.remote_files import Condition, NotAsExpected, RemoteFiles, Stored

TOKEN = "SKILL_PUBLISH_TOKEN"  # noqa: S105 # the name of the variable that holds it
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_TRIES = 4
_WAIT = 0.5
_AGAIN = {408, 425, 429, 500, 502, 503, 504}


class PutFiles(RemoteFiles):
    """The files under `base`, which ends in `/`; who may write there says SKILL_PUBLISH_TOKEN, else ~/.netrc."""

    def __init__(self, base: str, *, pause: Callable[[float], None] = time.sleep) -> None:
        super().__init__(base)
        self._pause = pause
        token = os.environ.get(TOKEN, "").strip()
        self._client = httpx.Client(
            timeout=_TIMEOUT,
            headers={"User-Agent": "skillkernel", "Accept-Encoding": "identity"}
            | ({"Authorization": f"Bearer {token}"} if token else {}),
            auth=None if token else _netrc(),
            trust_env=not token,
        )
        weakref.finalize(self, self._client.close)

    def paths(self, under: str) -> Iterator[str]:
        raise UsageError(
            f"a web server does not say which files are in {self.place(under)}",
            hint="do it on the folder that it serves, or on a copy of the index",
        )

    def _get(self, path: str) -> Stored | None:
        response, data = self._ask("GET", path)
        if response.status_code in {404, 410}:
            return None
        self._check(response, path, "read")
        return Stored(data, _strong(response), _age(response))

    def _put(self, path: str, data: bytes, condition: Condition) -> str:
        headers = {"Content-Type": media_type(path), "Cache-Control": cache_control(path)}
        if condition.absent:
            headers["If-None-Match"] = "*"
        elif condition.tag:
            headers["If-Match"] = condition.tag
        response, _ = self._ask("PUT", path, data, headers)
        if response.status_code == 409 and self._make_folders(path):
            response, _ = self._ask("PUT", path, data, headers)
        if response.status_code == 412:
            raise NotAsExpected(path)
        self._check(response, path, "written")
        return _strong(response)

    def _delete(self, path: str) -> None:
        response, _ = self._ask("DELETE", path)
        if response.status_code not in {404, 410}:
            self._check(response, path, "removed")

    def _make_folders(self, path: str) -> bool:
        """WebDAV answers 409 to a PUT into a folder that is not there (RFC 4918, 9.7.1); others have no MKCOL."""
        made = False
        folders = path.split("/")[:-1]
        for depth in range(1, len(folders) + 1):
            response, _ = self._ask("MKCOL", "/".join(folders[:depth]) + "/")
            made |= response.status_code == 201
        return made

    def _ask(
        self, method: str, path: str, data: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[httpx.Response, bytes]:
        """One request, again when it failed in a way that passes: each method used here may be repeated."""
        url = self._where + quote(path)
        for attempt in range(_TRIES):
            last = attempt == _TRIES - 1
            try:
                response, body = self._once(method, url, data, headers)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                if last or isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
                    raise _unreachable(url, error) from error
            else:
                if response.status_code not in _AGAIN or last:
                    return response, body
            self._pause(_WAIT * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    def _once(
        self, method: str, url: str, data: bytes | None, headers: dict[str, str] | None
    ) -> tuple[httpx.Response, bytes]:
        with self._client.stream(method, url, content=data, headers=headers) as response:
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > WHEEL_LIMIT:
                    raise IndexUnreachable(f"{url} is longer than {WHEEL_LIMIT} bytes", hint="is it part of an index?")
            return response, bytes(body)

    def _check(self, response: httpx.Response, path: str, done: str) -> None:
        status = response.status_code
        if 200 <= status < 300:
            return
        hint = "try again later"
        if status in {401, 403}:
            hint = f"put a token that may write there into {TOKEN}, or a login into ~/.netrc"
        elif status in {404, 405, 409, 501}:
            hint = "does that server take PUT under this address?"
        elif 300 <= status < 400:
            hint = "use the final address: what is published goes nowhere else"
        elif status in {413, 507}:
            hint = "ask whoever runs the server for more room"
        raise IndexUnreachable(
            f"{self.place(path)} cannot be {done}: the server answered {status} {response.reason_phrase}".rstrip(),
            hint=hint,
        )


def _netrc() -> httpx.Auth | None:
    try:
        return httpx.NetRCAuth()
    except FileNotFoundError:
        return None
    except (OSError, SyntaxError) as error:  # netrc.NetrcParseError is a SyntaxError
        raise UsageError(f"~/.netrc cannot be read: {error}", hint=f"mend it, or use {TOKEN}") from error


def _strong(response: httpx.Response) -> str:
    """The ETag, if it stands for the bytes: a weak one never matches (RFC 9110, 13.1.1)."""
    tag: str = response.headers.get("etag", "")
    return tag if tag.startswith('"') else ""


def _age(response: httpx.Response) -> float:
    """Seconds since the file was written, by the server's own clock; 0 when it does not say."""
    try:
        now = parsedate_to_datetime(response.headers["date"])
        return (now - parsedate_to_datetime(response.headers["last-modified"])).total_seconds()
    except (KeyError, ValueError, TypeError):
        return 0.0


def _unreachable(url: str, error: Exception) -> IndexUnreachable:
    reason = "it did not answer in time" if isinstance(error, httpx.TimeoutException) else str(error)
    return IndexUnreachable(
        f"{url} cannot be reached: {reason or type(error).__name__}", hint="look at the address and the network"
    )
