"""The driver of the embedded model: decides for each reply between a call, a second try and an answer in words."""

import json
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import anyio
import anyio.to_thread

from skillkernel.model.driver import Finished, Message, ModelEvent, ModelRequest, Notice, TextDelta, ToolCall, ToolOffer
from skillkernel.model.embedded.choice import nearest_examples, ranked
from skillkernel.model.embedded.close_call import decided
from skillkernel.model.embedded.conversation import calls_since, last_tool, leans, request_of
from skillkernel.model.embedded.embedding import Embedder
from skillkernel.model.embedded.engine import CONTEXT_TOKENS, require_engine
from skillkernel.model.embedded.evidence import Evidence, gather
from skillkernel.model.embedded.filling import Filling
from skillkernel.model.embedded.fitness import carries
from skillkernel.model.embedded.late_engine import LateEngine
from skillkernel.model.embedded.reporting import problem, report_of
from skillkernel.model.embedded.several import parts_of_request
from skillkernel.model.embedded.suggestion import mended
from skillkernel.model.embedded.talking import chat_prompt
from skillkernel.model.embedded.warrant import allowed, refuses, warranted

MOST_TALK = 200
Reason = Literal["stop", "calls", "length", "filtered"]
SURELY = 0.12
"""How far above small talk each half of a request stands that is taken for two."""
NOT_AGAIN = frozenset(("destroy", "send"))
"""Effects that a near miss must not lead to: the wrong event deleted, the wrong person written to."""
MONTH_FIRST = "America/"
Resolve = Callable[[], Awaitable[Path]]


class EmbeddedDriver:
    """A `Driver` over the GGUF file that `resolve` names on first use; `vectors` is where those of tools are kept."""

    def __init__(self, model: str, resolve: Resolve, vectors: Path | None = None) -> None:
        self._model = model
        self._resolve = resolve
        self._vectors = vectors
        self._engine: LateEngine | None = None
        self._embedder: Embedder | None = None
        self._loading = anyio.Lock()

    @property
    def name(self) -> str:
        """`embedded/MODEL`."""
        return f"embedded/{self._model}"

    @property
    def context_tokens(self) -> int:
        """The window in tokens."""
        return CONTEXT_TOKENS

    async def reply(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Ask for the next reply: see `Driver.reply`."""
        if self._engine is None:
            yield Notice(f"loading {self._model}")
        brain = await self._loaded()
        before = replace(brain.engine.spent)
        calls: tuple[ToolCall, ...] = ()
        cut = False
        done = calls_since(request.messages)
        if done:
            if again := await brain.second_try(request, done):
                calls = (again,)
            else:
                yield TextDelta(_report(request, done))
        elif first := await brain.first_calls(request):
            calls = first
        else:
            prompt = chat_prompt(request.messages)
            async with aclosing(brain.engine.stream(prompt, min(request.max_tokens, MOST_TALK))) as pieces:
                async for piece in pieces:
                    cut = cut or piece.cut
                    if piece.text:
                        yield TextDelta(piece.text)
        spent = brain.engine.spent
        if cut:  # by this driver's own limit on talk, which is no fault of the conversation
            yield TextDelta(" …")
        reason: Reason = "calls" if calls else "stop"
        yield Finished(reason, calls, spent.prompt - before.prompt, spent.completion - before.completion)

    async def aclose(self) -> None:
        """Free the model; a reply that is under way ends first."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.aclose()

    async def _loaded(self) -> "_Brain":
        async with self._loading:
            if self._engine is None:
                require_engine()
                path = await self._resolve()
                self._engine = LateEngine(path)
            if self._embedder is None:
                self._embedder = await anyio.to_thread.run_sync(Embedder, self._vectors)
            return _Brain(self._engine, self._embedder)


class _Brain:
    """The loaded parts, and the decisions that need them."""

    def __init__(self, engine: LateEngine, embedder: Embedder) -> None:
        self.engine = engine
        self._embedder = embedder

    async def first_calls(self, request: ModelRequest) -> tuple[ToolCall, ...]:
        """The calls that the last request asks for, none when it is to be answered in words."""
        if not request.tools:
            return ()
        evidence = _evidence(request)
        before = last_tool(request.messages)
        said = next((message.text for message in reversed(request.messages) if message.role == "user"), "")
        if before and leans(said) and (again := _offer(request, before)) and warranted(again, evidence):
            return (await self._call(again, evidence, request),)
        for halves in parts_of_request(evidence.text):
            if found := await self._both(halves, evidence.text, request):
                return tuple([await self._call(offer, part, request) for offer, part in found])
        offers = allowed(request.tools, evidence)
        if not offers or refuses(evidence):
            return ()
        scored, talk = await anyio.to_thread.run_sync(ranked, self._embedder, offers, evidence)
        if talk > scored[0].score:
            return ()
        best = await decided(self.engine, scored, evidence.text)
        return (await self._call(best.offer, evidence, request),)

    async def _both(
        self, halves: tuple[str, str], whole: str, request: ModelRequest
    ) -> list[tuple[ToolOffer, Evidence]]:
        """The tool of each half when both are plainly requests by themselves, else nothing."""
        found: list[tuple[ToolOffer, Evidence]] = []
        for half in halves:
            part = _evidence(request, half)
            if half not in whole and not any(moment.day or moment.timed for moment in part.moments):
                return []  # a half without a command of its own is only one by its own time
            offers = allowed(request.tools, part)
            if not offers:
                return []
            scored, talk = await anyio.to_thread.run_sync(ranked, self._embedder, offers, part)
            best = scored[0]
            if best.score < talk + SURELY or not carries(best.offer, part):
                return []
            found.append((best.offer, part))
        return found

    async def second_try(self, request: ModelRequest, done: list[tuple[ToolCall, Message]]) -> ToolCall | None:
        """The failed call once more, mended by what its error says; None when that would change nothing."""
        if len(done) != 1 or not done[0][1].failed:
            return None
        call, result = done[0]
        offer = _offer(request, call.name)
        if offer is None or offer.effect in NOT_AGAIN:
            return None
        before = _parsed(call.arguments)
        if isinstance(before, dict) and (better := mended(cast("dict[str, Any]", before), problem(result.text))):
            return _tool_call(offer, better)
        again = await self._call(offer, _evidence(request), request, complaint=result.text)
        return again if json.loads(again.arguments) != before else None

    async def _call(
        self, offer: ToolOffer, evidence: Evidence, request: ModelRequest, *, complaint: str = ""
    ) -> ToolCall:
        zone = _zone(request)
        shown = await anyio.to_thread.run_sync(nearest_examples, self._embedder, offer, evidence.text)
        filling = Filling(self.engine, offer, evidence, request.now.astimezone(zone), zone, shown)
        arguments = await filling.arguments(complaint)
        return _tool_call(offer, arguments)


def _tool_call(offer: ToolOffer, arguments: dict[str, Any]) -> ToolCall:
    return ToolCall(f"call_{uuid.uuid4().hex}", offer.name, json.dumps(arguments, ensure_ascii=False))


def _report(request: ModelRequest, done: list[tuple[ToolCall, Message]]) -> str:
    mended = {call.name for call, result in done if not result.failed}
    done = [(call, result) for call, result in done if not (result.failed and call.name in mended)]
    effects = [offer.effect for call, _ in done if (offer := _offer(request, call.name))]
    return report_of(request_of(request.messages, request.now), done, any(effect != "read" for effect in effects))


def _offer(request: ModelRequest, name: str) -> ToolOffer | None:
    return next((offer for offer in request.tools if offer.name == name), None)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _zone(request: ModelRequest) -> ZoneInfo:
    try:
        return ZoneInfo(request.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _evidence(request: ModelRequest, text: str = "") -> Evidence:
    now = request.now.astimezone(_zone(request))
    said = text or request_of(request.messages, now)
    return gather(said, now, month_first=request.time_zone.startswith(MONTH_FIRST))
