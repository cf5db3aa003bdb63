"""Weights from one address: resumable, never more bytes than were promised, hashed while they stream."""

import hashlib
import re
from pathlib import Path

import anyio
import anyio.to_thread
import httpx

from skillkernel.model.connection_failure import failure_reason
from skillkernel.model.embedded.fetching import Report, SourceFailed, WeightsProgress, WrongBytes, digest_of
from skillkernel.model.embedded.model_catalogue import ModelEntry, UrlSource

ANSWER_TIMEOUT = 5.0
"""Seconds until the answer begins, name look-up and redirects included."""
CHUNK_TIMEOUT = 30.0
CHUNK = 256 * 1024
FRUITLESS_REQUESTS = 3
"""Requests in a row that may break off without a new byte."""


async def fetch_from_url(source: UrlSource, entry: ModelEntry, partial: Path, report: Report) -> None:
    """Bring the whole file to `partial`, going on where it ends; on return its bytes are those of `entry`.

    Raises `SourceFailed` (what came stays, to be gone on with) or `WrongBytes` (what came is deleted).
    """
    download = _Download(source, entry, partial, report)
    await anyio.to_thread.run_sync(download.take_up)
    fruitless = 0
    async with _client() as client:
        while download.done < entry.size:
            before = download.done
            try:
                await download.go_on(client)
            except (httpx.RequestError, httpx.StreamError, httpx.InvalidURL) as error:
                fruitless = fruitless + 1 if download.done <= before else 0
                if download.done == 0 or fruitless == FRUITLESS_REQUESTS:
                    raise SourceFailed(_reason(error)) from error
    download.verify()


def _client() -> httpx.AsyncClient:
    try:
        return httpx.AsyncClient(follow_redirects=True, timeout=CHUNK_TIMEOUT)
    except (ValueError, ImportError, httpx.InvalidURL) as error:
        raise SourceFailed(f"the proxy variables cannot be used: {error}") from error


class _Download:
    """One download: `done` bytes are in the partial file and in the digest."""

    def __init__(self, source: UrlSource, entry: ModelEntry, partial: Path, report: Report) -> None:
        self.done = 0
        self._source = source
        self._entry = entry
        self._partial = partial
        self._tag = partial.with_name(f"{partial.name}.etag")
        self._digest = hashlib.sha256()
        self._report = report

    def take_up(self) -> None:
        """Read what an earlier run left."""
        self._digest, self.done = digest_of(self._partial)
        if self.done > self._entry.size:
            self._begin()

    async def go_on(self, client: httpx.AsyncClient) -> None:
        """One request for the bytes that are missing; raises httpx's errors when it breaks off."""
        request = client.build_request("GET", self._source.url, headers=self._headers())
        try:
            with anyio.fail_after(ANSWER_TIMEOUT):
                response = await client.send(request, stream=True)
        except TimeoutError:
            raise SourceFailed(f"did not answer within {ANSWER_TIMEOUT:.0f} s") from None
        try:
            if self._accepts(response):
                await self._read(response)
        finally:
            await response.aclose()

    def verify(self) -> None:
        """Raise `WrongBytes` when the file is not the one that was promised."""
        if self._digest.hexdigest() != self._entry.sha256:
            raise self._wrong(f"its bytes hash to {self._digest.hexdigest()[:12]}…, not {self._entry.sha256[:12]}…")
        self._tag.unlink(missing_ok=True)

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity"}
        if self.done:
            headers["Range"] = f"bytes={self.done}-"
            if self._tag.exists():
                headers["If-Range"] = self._tag.read_text(encoding="ascii")
        return headers

    def _accepts(self, response: httpx.Response) -> bool:
        """Whether the body goes on from `done`; False: ask again, from the beginning."""
        if response.status_code == 416 and self.done:
            self._begin()
            return False
        if response.status_code not in (200, 206):
            raise SourceFailed(f"answered {response.status_code} {response.reason_phrase}".rstrip())
        if response.headers.get("content-type", "").startswith("text/html"):
            raise SourceFailed("answered with a web page")
        start = self._start(response)
        length = response.headers.get("content-length", "")
        if length.isdecimal() and start + int(length) != self._entry.size:
            if start:
                self._begin()
            raise WrongBytes(f"it holds {start + int(length):,} bytes, not {self._entry.size:,}")
        if start == 0:
            self._begin()
        self._keep_tag(response.headers.get("etag", ""))
        return True

    def _start(self, response: httpx.Response) -> int:
        """Where in the file the body begins."""
        if response.status_code == 200:
            return 0
        said = re.match(r"bytes (\d+)-", response.headers.get("content-range", ""))
        if said is None or int(said[1]) != self.done:
            raise SourceFailed("answered with another range than was asked for")
        return self.done

    async def _read(self, response: httpx.Response) -> None:
        with self._partial.open("ab") as file:
            async for chunk in response.aiter_raw(CHUNK):
                if self.done + len(chunk) > self._entry.size:
                    raise self._wrong(f"it holds more than {self._entry.size:,} bytes")
                file.write(chunk)
                self._digest.update(chunk)
                self.done += len(chunk)
                self._report(WeightsProgress(self.done, self._entry.size, self._source.label))
        if self.done < self._entry.size:
            raise httpx.ReadError(f"broke off after {self.done:,} bytes", request=response.request)

    def _keep_tag(self, tag: str) -> None:
        """Remember a strong validator (RFC 9110, 8.8.1); a weak one may not stand in If-Range."""
        if re.fullmatch(r'"[!-~]*"', tag):
            self._tag.write_text(tag, encoding="ascii")
        else:
            self._tag.unlink(missing_ok=True)

    def _begin(self) -> None:
        self._partial.unlink(missing_ok=True)
        self._digest, self.done = hashlib.sha256(), 0

    def _wrong(self, problem: str) -> WrongBytes:
        self._begin()
        self._tag.unlink(missing_ok=True)
        return WrongBytes(problem)


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "stopped sending"
    return failure_reason(error)
