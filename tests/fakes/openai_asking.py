"""Asking the OpenAI driver for replies, without its waits."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from fakes.scripted_openai import ScriptedOpenAI
from skillkernel.model.driver import Finished, Message, ModelEvent, ModelRequest, ModelSettings, TextDelta, ToolOffer
from skillkernel.model.openai_driver import OpenAIDriver

KEY = "sk-secret-0123456789"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TOOL = ToolOffer("calendar__create_event", "Create an event.", {"type": "object", "properties": {}})
ASK = ModelRequest((Message("system", "Be brief."), Message("user", "Book lunch.")), (TOOL,), NOW, "UTC")


@dataclass
class Naps:
    """Sleeps that take no time and are remembered."""

    taken: list[float] = field(default_factory=list[float])

    async def sleep(self, seconds: float) -> None:
        self.taken.append(seconds)


@asynccontextmanager
async def driver_for(
    server: ScriptedOpenAI, naps: Naps | None = None, **changes: Any
) -> AsyncGenerator[OpenAIDriver, None]:
    settings = ModelSettings(model="scripted-model", base_url=server.base_url, api_key=KEY, read_timeout=0.4)
    driver = OpenAIDriver(replace(settings, **changes), sleep=(naps or Naps()).sleep)
    try:
        yield driver
    finally:
        await driver.aclose()


async def ask(server: ScriptedOpenAI, request: ModelRequest = ASK, **changes: Any) -> list[ModelEvent]:
    async with driver_for(server, **changes) as driver:
        return [event async for event in driver.reply(request)]


def text_of(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def end_of(events: list[ModelEvent]) -> Finished:
    assert [isinstance(event, Finished) for event in events].count(True) == 1
    assert isinstance(events[-1], Finished)
    return events[-1]
