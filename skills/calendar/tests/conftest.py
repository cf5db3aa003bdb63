"""A calendar of its own for each test, on a clock that stands still."""

import itertools
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import skill_calendar
from skillkernel import Context
from skillkernel.sdk.invoke import call_tool

Call = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The skill's data folder."""
    return tmp_path


@pytest.fixture
def call(folder: Path) -> Call:
    """Call a tool as the worker does: `call("create_event", title=…)`, at 10:07 on Tuesday 24 November 2026 in Berlin.

    `key` is the idempotency key, a fresh one unless given; `zone` another time zone for the user, `now` another time.
    """
    numbers = itertools.count()

    def run(
        tool: str, *, key: str = "", zone: str = "Europe/Berlin", now: str = "2026-11-24T10:07", **arguments: Any
    ) -> Any:
        context = Context.for_tests(
            folder,
            now=datetime.fromisoformat(now),
            time_zone=zone,
            tool=tool,
            idempotency_key=key or f"key-{next(numbers)}",
        )
        return call_tool(getattr(skill_calendar, tool), arguments, context)

    return run
