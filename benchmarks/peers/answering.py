"""How a peer talks to the benchmark: it reads a number of steps a line, and answers with their times as JSON.

Each peer is a process of its own, so that none pays for what another one imports, and all of them stay alive while
their rounds take turns.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from time import perf_counter

TELEMETRY_OFF = {
    "DO_NOT_TRACK": "1",
    "FASTMCP_CHECK_FOR_UPDATES": "off",
    "FASTMCP_SHOW_SERVER_BANNER": "false",
    "FASTMCP_LOG_ENABLED": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
    "OPENAI_AGENTS_DISABLE_TRACING": "1",
    "OTEL_SDK_DISABLED": "true",
    "PYDANTIC_AI_DISABLE_TELEMETRY": "1",
}
"""Set before a peer starts: nothing of it may call out while it is measured."""

Run = Callable[[int], Awaitable[list[float]]]
"""One session of so many steps: the seconds that each step took, in their order."""


def find(text: str) -> list[str]:
    """Find notes that hold a text."""
    file = Path("notes.txt")
    notes = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [note for note in notes if text.casefold() in note.casefold()]


def intervals(marks: list[float]) -> list[float]:
    """The times between the moments at which a model was asked: a step each, from one reply to the next."""
    return [later - sooner for sooner, later in pairwise(marks)]


async def answer_rounds(run: Run, *packages: str) -> None:
    """Say which versions these are, then run a session for every line of standard input until there are no more."""
    _say({"versions": {package: version(package) for package in packages}})
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        started = perf_counter()
        steps = await run(int(line))
        _say({"steps": steps, "seconds": perf_counter() - started})


def serve(run: Run, *packages: str) -> None:
    """`answer_rounds` on an event loop of its own."""
    asyncio.run(answer_rounds(run, *packages))


def _say(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
