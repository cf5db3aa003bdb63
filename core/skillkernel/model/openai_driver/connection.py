"""The HTTP side of the driver: the openai client, told to retry nothing and to follow nothing.

Imported on the first reply only, since the client takes half a second to import.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx2
import openai

from skillkernel.errors import UsageError
from skillkernel.model.connection_failure import failure_reason
from skillkernel.model.driver import ModelSettings
from skillkernel.model.openai_driver.body import REPLY_BYTES
from skillkernel.model.openai_driver.endpoint import Endpoint
from skillkernel.model.openai_driver.payload import Parameters
from skillkernel.model.openai_driver.refusals import Refusal, refusal

POOL_TIMEOUT = 5.0
LISTED_MODELS = 1000
LIST_TIMEOUT = 5.0
"""Seconds: the list of models only makes a hint better."""
ERROR_BYTES = 1024 * 1024
"""An error page is read whole by the client; a reply is bounded once more where it is taken apart."""


class RequestRefused(Exception):
    """The endpoint answered, but not with a reply."""

    def __init__(self, given: Refusal) -> None:
        super().__init__(given.message)
        self.given = given


class NoAnswer(Exception):
    """No answer came; `slow`: the request was taken, but the answer did not come in time."""

    def __init__(self, reason: str, *, slow: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.slow = slow


class Connection:
    """One client for one endpoint, kept open between replies."""

    def __init__(self, where: Endpoint, settings: ModelSettings) -> None:
        timeout = httpx2.Timeout(
            connect=settings.connect_timeout,
            read=settings.read_timeout,
            write=settings.read_timeout,
            pool=POOL_TIMEOUT,
        )
        try:
            http = httpx2.AsyncClient(
                timeout=timeout,
                follow_redirects=False,
                headers={"Accept-Encoding": "identity"},
                event_hooks={"response": [_bound]},
            )
            self._client = openai.AsyncOpenAI(
                api_key=where.key, base_url=where.url, timeout=timeout, max_retries=0, http_client=http
            )
        except (ValueError, ImportError, httpx2.InvalidURL, openai.OpenAIError) as error:
            raise UsageError(
                f"the model's endpoint cannot be set up: {error}", hint="check OPENAI_BASE_URL and the proxy variables"
            ) from error

    @asynccontextmanager
    async def completion(self, parameters: Parameters) -> AsyncGenerator[AsyncIterator[bytes], None]:
        """Ask for a chat completion; gives the bytes of the answer as they come.

        Raises `RequestRefused` or `NoAnswer`, from the request as from reading the bytes.
        """
        create = cast("Any", self._client.chat.completions.with_streaming_response.create)
        try:
            async with create(**parameters) as response:
                yield _pieces(response.iter_bytes())
        except openai.APIStatusError as error:
            raise RequestRefused(_refusal(error)) from None
        except openai.APIConnectionError as error:
            raise _no_answer(error.__cause__ or error) from None
        except httpx2.HTTPError as error:
            raise _no_answer(error) from None

    async def models(self) -> list[str] | None:
        """The names that the endpoint offers; None when it does not say."""
        try:
            page = await self._client.models.list(timeout=LIST_TIMEOUT)
            return [str(model.id) for model in page.data[:LISTED_MODELS]]
        except (openai.OpenAIError, httpx2.HTTPError, ValueError, TypeError, AttributeError):
            return None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()


async def _pieces(read: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    try:
        async for piece in read:
            yield piece
    except httpx2.HTTPError as error:
        raise _no_answer(error) from None


def _refusal(error: openai.APIStatusError) -> Refusal:
    headers = error.response.headers
    return refusal(
        error.status_code,
        error.body,
        retry_after=headers.get("retry-after", ""),
        location=headers.get("location", ""),
    )


def _no_answer(error: BaseException) -> NoAnswer:
    if isinstance(error, httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return NoAnswer("it did not answer in time", slow=False)
    if isinstance(error, httpx2.TimeoutException):
        return NoAnswer("it took the request and did not go on in time", slow=True)
    return NoAnswer(failure_reason(error), slow=False)


class _Bounded(httpx2.AsyncByteStream):
    """A body that ends in an error once it is longer than `limit` bytes."""

    def __init__(self, stream: httpx2.AsyncByteStream, limit: int) -> None:
        self._stream = stream
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._stream:
            size += len(piece)
            if size > self._limit:
                raise httpx2.ReadError(f"its answer is longer than {self._limit // 1024 // 1024} MB")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _bound(response: httpx2.Response) -> None:
    if isinstance(response.stream, httpx2.AsyncByteStream):
        limit = 2 * REPLY_BYTES if response.is_success else ERROR_BYTES
        response.stream = _Bounded(response.stream, limit)
