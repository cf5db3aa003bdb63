"""skillkernel itself: `call` (a read), `send`, `whole` (Kernel.call, a session row of its own each) or `session`."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from itertools import pairwise
from time import perf_counter

from benchmarks.peers.answering import Run, answer_rounds
from skillkernel import Kernel
from skillkernel.calls.desk import Desk
from skillkernel.calls.pipeline import run_call
from skillkernel.calls.types import CallRequest
from skillkernel.model.driver import Finished, ModelEvent, ModelRequest, TextDelta, ToolCall

CALLS_A_TURN = 15
"""One less than the replies that a session grants a request."""


@dataclass
class Scripted:
    """Asks for a call at a time, and answers after every `CALLS_A_TURN` of them."""

    name: str = "scripted/benchmark"
    context_tokens: int = 8000
    marks: list[list[float]] = field(default_factory=lambda: [[]])
    _number: int = 0

    async def reply(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """The next reply."""
        turn = self.marks[-1]
        turn.append(perf_counter())
        if len(turn) > CALLS_A_TURN:
            self.marks.append([])
            yield TextDelta("done")
            yield Finished("stop")
            return
        self._number += 1
        call = ToolCall(f"c{self._number}", "notes__find", f'{{"text": "milk {self._number}"}}')
        yield Finished("calls", (call,))

    async def aclose(self) -> None:
        """Nothing to free."""


def calls(kernel: Kernel, tool: str) -> Run:
    """Calls of a tool on one open session."""

    async def run(steps: int) -> list[float]:
        desk = kernel.desk(kernel.journal.begin_session("api", "benchmark", ""))
        times = [await _timed(desk, tool, number) for number in range(steps)]
        kernel.journal.end_session(desk.session, "done")
        return times

    return run


async def _timed(desk: Desk, tool: str, number: int) -> float:
    request = CallRequest(f"c{number}", tool, f'{{"text": "milk {number}"}}')
    started = perf_counter()
    outcome = await run_call(request, desk)
    spent = perf_counter() - started
    if outcome.error is not None:
        raise outcome.error
    return spent


def whole_calls(kernel: Kernel) -> Run:
    """`Kernel.call`, as a program makes it."""

    async def run(steps: int) -> list[float]:
        times: list[float] = []
        for number in range(steps):
            started = perf_counter()
            outcome = await kernel.call("notes.find", {"text": f"milk {number}"})
            times.append(perf_counter() - started)
            if outcome.error is not None:
                raise outcome.error
        return times

    return run


def session_steps(kernel: Kernel, model: Scripted) -> Run:
    """A conversation with a scripted model: each step is a reply of the model and its call."""

    async def run(steps: int) -> list[float]:
        first = len(model.marks) - 1
        async with kernel.session("chat") as session:
            for _ in range(-(-steps // CALLS_A_TURN)):
                turn = await session.turn("find milk")
                if not turn.ok:
                    raise turn.error or RuntimeError(turn.stopped)
        turns = model.marks[first:]
        return [later - sooner for marks in turns for sooner, later in pairwise(marks)][:steps]

    return run


async def main(what: str) -> None:
    """Serve rounds of one kind."""
    model = Scripted()
    async with Kernel(driver=model, allow=("notes.post",)) as kernel:
        runs = {
            "call": calls(kernel, "notes.find"),
            "send": calls(kernel, "notes.post"),
            "whole": whole_calls(kernel),
            "session": session_steps(kernel, model),
        }
        await answer_rounds(runs[what], "skillkernel")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
