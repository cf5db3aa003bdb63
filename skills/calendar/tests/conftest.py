"""A calendar of its own for each test, on a clock that stands still: a file, or one on a CalDAV server."""

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import skill_calendar
from fakes.radicale import Account, Radicale
from skillkernel import Context
from skillkernel.sdk.invoke import call_tool

Call = Callable[..., Any]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that does not look into the file runs twice: what the tools do is the same wherever the calendar is."""
    if "call" in metafunc.fixturenames and "folder" not in metafunc.fixturenames:
        metafunc.parametrize("kept", ["file", "server"], indirect=True)


@pytest.fixture
def kept(request: pytest.FixtureRequest) -> str:
    """Where the calendar of the test is."""
    return getattr(request, "param", "file")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The skill's data folder."""
    return tmp_path


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    """A running server."""
    with Radicale(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture
def account(radicale: Radicale) -> Account:
    """A user of the server who has no calendar yet."""
    return radicale.account()


@pytest.fixture
def call(kept: str, tmp_path: Path, request: pytest.FixtureRequest) -> Call:
    """Call a tool as the worker does: `call("create_event", title=…)`, at 10:07 on Tuesday 24 November 2026 in Berlin.

    `key` is the idempotency key, a fresh one unless given; `zone` another time zone for the user, `now` another time.
    """
    numbers = itertools.count()
    settings: dict[str, str] = {}
    secrets: dict[str, str] = {}
    if kept == "server":
        account: Account = request.getfixturevalue("account")
        settings = {"server": account.origin + account.make_calendar("Personal"), "user": account.user}
        secrets = {"password": account.password}

    def run(
        tool: str, *, key: str = "", zone: str = "Europe/Berlin", now: str = "2026-11-24T10:07", **arguments: Any
    ) -> Any:
        context = Context.for_tests(
            tmp_path,
            settings=settings,
            secrets=secrets,
            now=datetime.fromisoformat(now),
            time_zone=zone,
            tool=tool,
            idempotency_key=key or f"key-{next(numbers)}",
        )
        return call_tool(getattr(skill_calendar, tool), arguments, context)

    return run
