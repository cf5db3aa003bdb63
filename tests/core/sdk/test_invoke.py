"""One call of a tool's function."""

import asyncio
import threading
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from skillkernel import Context, ToolError, tool
from skillkernel.errors import ArgumentsInvalid, Cancelled, ResultInvalid, UsageError
from skillkernel.sdk.invoke import call_tool


@dataclass
class Event:
    title: str
    day: date


@tool(effect="write")
def shift(event: Event, days: int = 1) -> Event:
    """Move an event by some days."""
    return Event(event.title, date.fromordinal(event.day.toordinal() + days))


@tool(effect="read")
def local(moment: datetime, context: Context) -> str:
    """Say the zone of a moment, and who asks."""
    return f"{moment.tzinfo} {context.tool}"


@tool(effect="read")
async def double(number: int) -> int:
    """Double a number, later."""
    await asyncio.sleep(0)
    return 2 * number


@tool(effect="read")
def broken(kind: str) -> Any:
    """Return what JSON cannot hold."""
    loop: list[Any] = []
    loop.append(loop)
    return {"bytes": {"deep": [b"x"]}, "loop": loop}[kind]


@tool(effect="read")
def refuses() -> None:
    """Say no."""
    raise ToolError("the calendar is read-only", hint="choose another one")


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context.for_tests(tmp_path, tool="test", time_zone="Europe/Berlin")


def test_arguments_are_decoded_and_the_result_encoded(context: Context) -> None:
    arguments = {"event": {"title": "Lunch", "day": "2026-11-30"}}
    assert call_tool(shift, arguments, context) == {"title": "Lunch", "day": "2026-12-01"}


def test_a_tool_gets_its_context_and_the_users_zone(context: Context) -> None:
    assert call_tool(local, {"moment": "2026-11-25T12:30"}, context) == "Europe/Berlin test"
    assert call_tool(local, {"moment": "2026-11-25T12:30:00Z"}, context) == "UTC test"


def test_an_async_tool_runs_to_its_end(context: Context) -> None:
    assert call_tool(double, {"number": 4}, context) == 8


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "missing event"),
    ({"event": {"title": "x", "day": "soon"}}, 'event.day: "soon" is not a date'),
    ({"event": {"title": "x", "day": "2026-01-01"}, "dayz": 1}, "dayz: there is no such field, did you mean days?"),
]


@pytest.mark.parametrize(("arguments", "problem"), WRONG)
def test_arguments_that_do_not_fit_are_named(arguments: dict[str, Any], problem: str, context: Context) -> None:
    with pytest.raises(ArgumentsInvalid) as wrong:
        call_tool(shift, arguments, context)
    assert problem in wrong.value.message


@pytest.mark.parametrize(("kind", "problem"), [("bytes", "deep[0]: bytes"), ("loop", "holds itself")])
def test_a_result_that_json_cannot_hold_is_a_named_error(kind: str, problem: str, context: Context) -> None:
    with pytest.raises(ResultInvalid) as wrong:
        call_tool(broken, {"kind": kind}, context)
    assert problem in wrong.value.message


def test_a_tools_own_error_passes_as_it_is(context: Context) -> None:
    with pytest.raises(ToolError, match="read-only"):
        call_tool(refuses, {}, context)


def test_a_plain_function_is_refused(context: Context) -> None:
    with pytest.raises(UsageError, match="is not a tool"):
        call_tool(len, {}, context)


def test_an_async_tool_is_cancelled_from_another_thread(context: Context) -> None:
    waiting = threading.Event()
    cleaned: list[bool] = []

    @tool(effect="read")
    async def sleep_on() -> None:
        """Wait for ever."""
        waiting.set()
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append(True)

    def stop() -> None:
        waiting.wait()
        context.cancel()

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(Cancelled):
        call_tool(sleep_on, {}, context)
    stopper.join()
    assert cleaned == [True]


def test_a_stop_that_comes_after_the_end_does_nothing(context: Context) -> None:
    call_tool(double, {"number": 1}, context)
    context.cancel()


def test_an_async_tool_stopped_before_it_began_does_not_run(context: Context) -> None:
    context.cancel()
    with pytest.raises(Cancelled):
        call_tool(double, {"number": 1}, context)
