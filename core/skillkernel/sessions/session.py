"""A conversation: request, model, calls, results, answer, over as many steps as it takes."""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import anyio

from skillkernel.calls.desk import Admitted, Desk
from skillkernel.calls.pipeline import run_call
from skillkernel.calls.types import CallRequest, Outcome
from skillkernel.errors import LoopDetected, SkillKernelError
from skillkernel.manifest.types import Effect
from skillkernel.model.driver import (
    Driver,
    Finished,
    Message,
    ModelRequest,
    Notice,
    TextDelta,
    ToolCall,
    ToolOffer,
)
from skillkernel.sessions.batches import batches
from skillkernel.sessions.events import (
    Answered,
    CallEnded,
    CallPassed,
    Failed,
    ModelAsked,
    Requested,
    SessionEvent,
    Stopped,
    TextPiece,
    ToolProgress,
)
from skillkernel.sessions.offers import offers
from skillkernel.sessions.prompt import system_prompt
from skillkernel.sessions.replies import MAX_CALLS_A_REPLY, distinct_calls
from skillkernel.worker.seam import Progress

Listener = Callable[[SessionEvent], None]
MAX_REPLIES_A_TURN = 16
_CUT = {
    "length": "the model's answer was cut off at its limit of tokens",
    "filtered": "the endpoint held the reply back",
}
_TOO_MANY = f'{{"error": "at most {MAX_CALLS_A_REPLY} calls in one reply; this one was not run"}}'
_EMPTY_REPLY = "Your last reply was empty. Answer the user, or call a tool."


@dataclass(frozen=True, slots=True)
class Turn:
    """How one request ended: `answer` is None where the session stopped or failed."""

    answer: str | None
    outcomes: tuple[Outcome, ...]
    stopped: str | None = None
    error: SkillKernelError | None = None

    @property
    def ok(self) -> bool:
        """Whether there is an answer."""
        return self.answer is not None


@dataclass(slots=True)
class Session:
    """One conversation with its budget and its place in the journal; used by one task at a time."""

    desk: Desk
    driver: Driver
    listener: Listener = lambda event: None
    clock: Callable[[str], datetime] = lambda zone: datetime.now(ZoneInfo(zone))
    _messages: list[Message] = field(default_factory=list[Message])
    _offers: tuple[ToolOffer, ...] = ()
    _written: int = 0
    _ids: set[str] = field(default_factory=set[str])

    async def turn(self, text: str) -> Turn:
        """Take up one request and see it through.

        Errors of the model or the kernel end the turn and are in its `error`; cancellation passes through with the
        journal closed behind it.
        """
        self.desk.on_admitted = self._admitted
        self.desk.on_progress = self._progressed
        self.desk.answers.refused.clear()  # the user speaks anew, and may have thought better of a no
        self.listener(Requested(self.desk.session, text))
        self._say(Message("user", text))
        self._offers = offers(self.desk.tools.targets(), text)
        outcomes: list[Outcome] = []
        try:
            turn = await self._steps(outcomes)
        except SkillKernelError as error:
            self.listener(Failed(error))
            turn = Turn(None, tuple(outcomes), error=error)
        self.settle()
        return turn

    async def _steps(self, outcomes: list[Outcome]) -> Turn:
        looped = empty = False
        for _ in range(MAX_REPLIES_A_TURN):
            self.desk.guard.check_budget()
            text, finished = await self._reply()
            calls = distinct_calls(finished.calls, self._ids)
            if not calls and finished.reason in _CUT:
                return self._stop(f"{_CUT[finished.reason]}: {text.strip() or 'nothing came'}", outcomes)
            if not calls:
                if text.strip():
                    self._say(Message("assistant", text))
                    self.listener(Answered(text.strip()))
                    return Turn(text.strip(), tuple(outcomes))
                if empty:
                    return self._stop("the model gave an empty reply twice", outcomes)
                empty = True
                self._say(Message("user", _EMPTY_REPLY))
                continue
            self._say(Message("assistant", text, calls))
            ended = await self._call_all(calls[:MAX_CALLS_A_REPLY])
            for call in calls[MAX_CALLS_A_REPLY:]:
                self._say(Message("tool", _TOO_MANY, call_id=call.id, failed=True))
            outcomes += ended
            loops = [outcome.error for outcome in ended if isinstance(outcome.error, LoopDetected)]
            if loops and looped:
                return self._stop(loops[0].message, outcomes)
            looped = looped or bool(loops)
        return self._stop(f"there was no answer after {MAX_REPLIES_A_TURN} replies of the model", outcomes)

    async def _reply(self) -> tuple[str, Finished]:
        self.listener(ModelAsked(self.driver.name))
        now = self.clock(self.desk.time_zone)
        system = Message("system", system_prompt(now.isoformat(timespec="minutes"), self.desk.time_zone, ()))
        request = ModelRequest((system, *self._messages), self._offers, now, self.desk.time_zone)
        pieces: list[str] = []
        shown = self.desk.journal.masking.stream()
        finished = Finished("stop")
        async with aclosing(self.driver.reply(request)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    pieces.append(event.text)
                    self._show(shown.feed(event.text))
                elif isinstance(event, Notice):
                    self.listener(ModelAsked(self.driver.name, event.text))
                else:
                    finished = event
        self._show(shown.end())
        self.desk.guard.tokens += finished.prompt_tokens + finished.completion_tokens
        return self.desk.journal.masking.text("".join(pieces)), finished

    def _show(self, text: str) -> None:
        if text:
            self.listener(TextPiece(text))

    async def _call_all(self, calls: tuple[ToolCall, ...]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for batch in batches(calls, self._is_read):
            self.desk.guard.loops.begin_batch()
            ended = await self._side_by_side(batch) if len(batch) > 1 else [await self._call(batch[0])]
            for outcome in ended:
                self._say(Message("tool", outcome.window, call_id=outcome.request.id, failed=not outcome.ok))
            outcomes += ended
        return outcomes

    async def _side_by_side(self, batch: list[ToolCall]) -> list[Outcome]:
        ended: dict[str, Outcome] = {}

        async def one(call: ToolCall) -> None:
            ended[call.id] = await self._call(call)

        try:
            async with anyio.create_task_group() as tasks:
                for call in batch:
                    tasks.start_soon(one, call)
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None  # as it would come from one call
        return [ended[call.id] for call in batch]

    async def _call(self, call: ToolCall) -> Outcome:
        outcome = await run_call(CallRequest(call.id, call.name, call.arguments), self.desk)
        self.listener(CallEnded(outcome))
        return outcome

    def _is_read(self, name: str) -> bool:
        try:
            return self.desk.tools.resolve(name).tool.effect is Effect.READ
        except SkillKernelError:
            return False

    def _stop(self, reason: str, outcomes: list[Outcome]) -> Turn:
        self.listener(Stopped(reason))
        return Turn(None, tuple(outcomes), stopped=reason)

    def _say(self, message: Message) -> None:
        self._messages.append(message)
        content: dict[str, Any] = {"text": message.text}
        if message.calls:
            content["calls"] = [
                {"id": call.id, "name": call.name, "arguments": call.arguments} for call in message.calls
            ]
        if message.call_id:
            content["call_id"] = message.call_id
        self._written += 1
        self.desk.journal.message(self.desk.session, self._written, message.role, content)

    def settle(self) -> None:
        """Answer every call that has no answer, so that the conversation can go on after an interruption."""
        answered = {message.call_id for message in self._messages if message.role == "tool"}
        for message in list(self._messages):
            for call in message.calls:
                if call.id not in answered:
                    self._say(Message("tool", '{"error": "interrupted"}', call_id=call.id, failed=True))

    def _admitted(self, call: Admitted) -> None:
        self.listener(CallPassed(call.id, call.tool, call.arguments, call.shown, call.verdicts))

    def _progressed(self, tool: str, progress: Progress) -> None:
        self.listener(ToolProgress(tool, progress.fraction, progress.text))
