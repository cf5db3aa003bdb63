"""Asking an OpenAI-compatible endpoint for a reply: when to ask again, when to go on with less, when to give up.

Nothing is asked again once the reply has begun: the person may have read a part of it. The key goes to the one
address that the person named, and into no message.
"""

import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import anyio

from skillkernel.errors import ModelError, ModelMissing, ModelUnreachable
from skillkernel.model.driver import ModelEvent, ModelRequest, ModelSettings, Notice, TextDelta
from skillkernel.model.openai_driver.assembly import Assembly
from skillkernel.model.openai_driver.body import Body, Chunk
from skillkernel.model.openai_driver.endpoint import endpoint
from skillkernel.model.openai_driver.foreign_text import shown
from skillkernel.model.openai_driver.payload import Parameters, payload, without_refused
from skillkernel.model.openai_driver.refusals import Refusal, models_hint, refusal, refused, unknown_model
from skillkernel.model.openai_driver.retry import Attempt, wait_before_retry

if TYPE_CHECKING:
    from skillkernel.model.openai_driver.connection import Connection

CONTEXT_TOKENS = 32_768
"""The window that is assumed of an endpoint: none of them says it in a way that can be relied on."""
AFTER_FINISH = 2.0
"""Seconds that an endpoint has to add the token count once it has said why the reply ended."""
DRAIN = 0.2
"""Seconds that an endpoint has to end the body after `[DONE]`."""


class OpenAIDriver:
    """`Driver` for one model at one endpoint; raises `UsageError` for an address or key that cannot be one."""

    def __init__(self, settings: ModelSettings, *, sleep: Callable[[float], Awaitable[None]] = anyio.sleep) -> None:
        self._settings = settings
        self._where = endpoint(settings.base_url, settings.api_key)
        self._sleep = sleep
        self._connection: Connection | None = None

    @property
    def name(self) -> str:
        """`openai/MODEL`."""
        return f"openai/{self._settings.model}"

    @property
    def context_tokens(self) -> int:
        """The window as config.toml says it, else a cautious guess."""
        return self._settings.context_tokens or CONTEXT_TOKENS

    async def aclose(self) -> None:
        """Close the connections."""
        if self._connection is not None:
            await self._connection.aclose()
            self._connection = None

    async def reply(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Ask for the next reply; see `Driver`."""
        from skillkernel.model.openai_driver.connection import NoAnswer, RequestRefused

        connection = await self._opened()
        parameters = payload(request, self._settings.model)
        taken = {call.id for message in request.messages for call in message.calls}
        attempts: list[Attempt] = []
        while True:
            try:
                async with aclosing(self._attempt(connection, parameters, taken)) as events:
                    async for event in events:
                        yield event
                return
            except RequestRefused as error:
                less = without_refused(parameters, error.given.status, error.given.message)
                if less is not None:
                    parameters, notice = less
                    if notice:
                        yield Notice(notice)
                    continue
                failed = await self._refused(connection, error.given)
            except NoAnswer as error:
                failed = self._unanswered(error.reason, slow=error.slow)
            attempts.append(failed.attempt)
            wait = self._wait(attempts) if failed.passing else None
            if wait is None:
                raise failed.error
            yield Notice(f"{failed.error.message}; asking again in {wait:.1f} s")
            await self._sleep(wait)

    async def _attempt(
        self, connection: "Connection", parameters: Parameters, taken: Collection[str]
    ) -> AsyncGenerator[ModelEvent, None]:
        """One request and its reply; raises `RequestRefused` and `NoAnswer` only before the reply begins."""
        from skillkernel.model.openai_driver.connection import NoAnswer

        body, reply = Body(self._where.shown, self._where.secret), Assembly(taken)
        async with connection.completion(parameters) as pieces:
            try:
                while not body.done:
                    piece = await _next(pieces, AFTER_FINISH if reply.finish else None)
                    if piece is None:
                        break
                    for text in self._texts(body.feed(piece), reply):
                        yield TextDelta(text)
            except NoAnswer as error:
                if not body.begun:
                    raise
                if not reply.finish:
                    raise body.invalid(f"was cut in the middle ({error.reason})") from error
            for text in self._texts(body.end(), reply):
                yield TextDelta(text)
            if body.done:
                # A body that was read to its end leaves the connection open for the next reply.
                await _next(pieces, DRAIN)
        if not reply.recognised:
            raise body.invalid("is not a chat completion")
        if not (reply.finish or body.done):
            raise body.invalid("was cut in the middle")
        yield reply.finished()

    def _texts(self, chunks: Iterable[Chunk], reply: Assembly) -> Iterator[str]:
        for chunk in chunks:
            if chunk.get("error") or chunk.get("object") == "error":
                given = refusal(0, chunk)
                said = shown(given.message, self._where.secret)
                raise ModelError(f"{self._where.shown} reported an error: {said}", hint="try again")
            if text := reply.add(chunk):
                yield text

    async def _opened(self) -> "Connection":
        if self._connection is None:
            from skillkernel.model.openai_driver.connection import Connection

            self._connection = Connection(self._where, self._settings)
        if not self._settings.model:
            known = await self._connection.models()
            raise ModelMissing(f"no model is named for {self._where.shown}", hint=models_hint("", known or ()))
        return self._connection

    async def _refused(self, connection: "Connection", given: Refusal) -> "_Failed":
        model = self._settings.model
        if given.unknown_model:
            known = await connection.models()
            return _Failed(unknown_model(given, self._where, model, known), Attempt(given.status), passing=False)
        attempt = Attempt(given.status, given.retry_after)
        return _Failed(refused(given, self._where, model), attempt, passing=given.passing)

    def _unanswered(self, reason: str, *, slow: bool) -> "_Failed":
        hint = "is the server running, and is OPENAI_BASE_URL right?"
        if slow:
            hint = f"a slow model needs more than [model] read_timeout = {self._settings.read_timeout:g} in config.toml"
        error = ModelUnreachable(f"no answer from {self._where.shown}: {shown(reason, self._where.secret)}", hint=hint)
        return _Failed(error, Attempt(), passing=not slow)

    def _wait(self, attempts: Sequence[Attempt]) -> float | None:
        jitter = random.random()  # noqa: S311 # spreads retries, guards nothing
        return wait_before_retry(attempts, self._settings.retries, jitter, datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class _Failed:
    """An attempt that came to nothing; `passing`: another one may fare better."""

    error: ModelError
    attempt: Attempt
    passing: bool


async def _next(pieces: AsyncIterator[bytes], patience: float | None) -> bytes | None:
    """The next bytes, or None at the end or when `patience` (seconds) is over."""
    with anyio.move_on_after(patience):
        return await anext(pieces, None)
    return None
