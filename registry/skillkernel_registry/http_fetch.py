"""An index on a web server.

Redirects stay on the scheme, host and port of the index, or under an address that the index itself declares.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import unquote, urljoin, urlsplit

import httpx

from skillkernel.errors import IntegrityError
from skillkernel_registry.errors import IndexUnreachable
from skillkernel_registry.fetch import Fetcher, NotThere, inside

_TIMEOUT = httpx.Timeout(20.0, connect=10.0)
_REDIRECTS = 5
_HEADERS = {"User-Agent": "skillkernel", "Accept-Encoding": "gzip"}
_ENCODINGS = {"", "identity", "gzip"}
"""One layer of gzip at most: what stacks or packs tighter grows a thousandfold before its length can be counted."""


class HttpFetcher(Fetcher):
    """An index on a web server."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._allowed: tuple[str, ...] = ()
        self._client = httpx.AsyncClient(timeout=_TIMEOUT, headers=_HEADERS)

    def place(self, path: str) -> str:
        return urljoin(self._base, inside(path, self._base))

    def allow(self, bases: tuple[str, ...]) -> None:
        self._allowed = bases

    async def aclose(self) -> None:
        await self._client.aclose()

    @asynccontextmanager
    async def stream(self, path: str) -> AsyncGenerator[AsyncIterator[bytes]]:
        url = self.place(path)
        for _ in range(_REDIRECTS + 1):
            response = await self._open(url)
            try:
                if response.is_redirect:
                    url = self._next(url, response.headers.get("location", ""))
                    continue
                self._check_status(url, path, response)
                yield self._body(url, response)
            finally:
                await response.aclose()
            return
        raise IndexUnreachable(
            f"{self.place(path)} redirects more than {_REDIRECTS} times", hint="tell whoever runs the index"
        )

    async def _open(self, url: str) -> httpx.Response:
        try:
            return await self._client.send(self._client.build_request("GET", url), stream=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unreachable(url, error) from error

    def _next(self, url: str, to: str) -> str:
        target = urljoin(url, to)
        here, there = urlsplit(url), urlsplit(target)
        same = (here.scheme, here.netloc) == (there.scheme, there.netloc)
        climbs = ".." in unquote(there.path).split("/")
        if same or (not climbs and any(target.startswith(base) for base in self._allowed)):
            return target
        raise IntegrityError(
            f"{url} redirects to {target}, which the index does not declare",
            hint="use the index's final address, or ask its operator to list that address under `bases`",
        )

    def _check_status(self, url: str, path: str, response: httpx.Response) -> None:
        if response.status_code in {404, 410}:
            raise NotThere(path)
        if response.status_code != 200:
            raise IndexUnreachable(
                f"{url} answered {response.status_code} {response.reason_phrase}".rstrip(),
                hint="try again later, or another --index",
                status=response.status_code,
            )
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in _ENCODINGS:
            raise IntegrityError(f"{url} is packed as {encoding!r}, not as gzip", hint="tell whoever runs the index")

    async def _body(self, url: str, response: httpx.Response) -> AsyncIterator[bytes]:
        try:
            async for piece in response.aiter_bytes():
                yield piece
        except httpx.HTTPError as error:
            raise _unreachable(url, error) from error


def _unreachable(url: str, error: Exception) -> IndexUnreachable:
    reason = "it did not answer in time" if isinstance(error, httpx.TimeoutException) else str(error)
    return IndexUnreachable(
        f"{url} cannot be read: {reason or type(error).__name__}",
        hint="look at the address and the network; a folder works as --index too",
    )
