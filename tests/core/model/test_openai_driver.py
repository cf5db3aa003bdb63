"""The driver against a real server on the loopback interface: replies."""

import json
from dataclasses import replace
from typing import Any

import pytest

from fakes.openai_asking import ASK, KEY, ask, end_of, text_of
from fakes.scripted_openai import Call, Reply, ScriptedOpenAI
from skillkernel.model.driver import (
    Finished,
    Message,
    TextDelta,
    ToolCall,
)


async def test_text_streams_in_pieces_and_ends_with_its_cost(scripted_openai: ScriptedOpenAI) -> None:
    scripted_openai.play([Reply(text="The lunch is booked.", fragment=5)])
    events = await ask(scripted_openai)
    assert [event.text for event in events if isinstance(event, TextDelta)] == ["The l", "unch ", "is bo", "oked."]
    assert end_of(events) == Finished("stop", (), prompt_tokens=11, completion_tokens=7)


async def test_the_request_carries_model_messages_tools_and_key(scripted_openai: ScriptedOpenAI) -> None:
    call = ToolCall("call_9", "calendar__create_event", '{"title": "Lunch"}')
    history = (*ASK.messages, Message("assistant", calls=(call,)), Message("tool", "made", call_id="call_9"))
    await ask(scripted_openai, replace(ASK, messages=history))
    sent = scripted_openai.chats[0]
    assert sent["model"] == "scripted-model"
    assert sent["max_tokens"] == 1024
    assert sent["tools"][0]["function"]["name"] == "calendar__create_event"
    assert sent["messages"][2]["tool_calls"][0]["function"]["arguments"] == '{"title": "Lunch"}'
    assert sent["messages"][3] == {"role": "tool", "tool_call_id": "call_9", "content": "made"}
    headers = {name.lower(): value for name, value in scripted_openai.received[0].headers.items()}
    assert headers["authorization"] == f"Bearer {KEY}"


async def test_a_history_of_broken_calls_is_sent_in_a_form_that_endpoints_read(
    scripted_openai: ScriptedOpenAI,
) -> None:
    call = ToolCall("call_9", "calendar.\x00book\ud800", '{"title": "Lun')
    history = (
        Message("user", "hi \udcff"),
        Message("assistant", calls=(call,)),
        Message("tool", "?", call_id="call_9"),
    )
    await ask(scripted_openai, replace(ASK, messages=history))
    function = scripted_openai.chats[0]["messages"][1]["tool_calls"][0]["function"]
    assert function["name"] == "calendar__book_"
    assert json.loads(function["arguments"]) == {"unreadable": '{"title": "Lun'}


async def test_without_a_key_a_placeholder_is_sent(scripted_openai: ScriptedOpenAI) -> None:
    await ask(scripted_openai, api_key="")
    headers = {name.lower(): value for name, value in scripted_openai.received[0].headers.items()}
    assert headers["authorization"] == "Bearer no-key"


@pytest.mark.parametrize("fragment", [0, 1, 7])
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("index", [-1, None])
async def test_calls_come_whole_however_they_are_written(
    scripted_openai: ScriptedOpenAI, fragment: int, stream: bool, index: int | None
) -> None:
    calls = (Call("a__b", '{"x": 1}', id="call_1", index=index), Call("c__d", '{"y": "z"}', id="call_2", index=index))
    scripted_openai.play([Reply(text="Two things.", calls=calls, stream=stream, fragment=fragment)])
    events = await ask(scripted_openai)
    assert text_of(events) == "Two things."
    assert end_of(events).reason == "calls"
    assert end_of(events).calls == (ToolCall("call_1", "a__b", '{"x": 1}'), ToolCall("call_2", "c__d", '{"y": "z"}'))


async def test_whole_calls_that_are_all_numbered_nought_stay_apart(scripted_openai: ScriptedOpenAI) -> None:
    calls = (Call("a__b", "{}", id="call_1", index=0), Call("c__d", "{}", id="call_2", index=0))
    scripted_openai.play([Reply(calls=calls)])
    assert [call.name for call in end_of(await ask(scripted_openai)).calls] == ["a__b", "c__d"]


async def test_ids_that_are_missing_twice_there_or_used_before_become_different_ones(
    scripted_openai: ScriptedOpenAI,
) -> None:
    calls = (Call("a__b", id="one"), Call("a__b", id="one"), Call("a__b", id=None), Call("a__b", id="old"))
    scripted_openai.play([Reply(calls=calls)])
    old = Message("assistant", calls=(ToolCall("old", "a__b", "{}"),))
    events = await ask(scripted_openai, replace(ASK, messages=(*ASK.messages, old)))
    ids = [call.id for call in end_of(events).calls]
    assert ids[0] == "one"
    assert len({*ids, "old", ""}) == 6


@pytest.mark.parametrize(("given", "text"), [({"x": [1]}, '{"x": [1]}'), (None, "{}"), ("", "{}"), ("{'x'", "{'x'")])
async def test_arguments_come_as_text_and_unchecked(scripted_openai: ScriptedOpenAI, given: Any, text: str) -> None:
    scripted_openai.play([Reply(calls=(Call("a__b", given),))])
    assert end_of(await ask(scripted_openai)).calls[0].arguments == text


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(text="x", finish="length"), "length"),
        (Reply(text="x", finish="content_filter"), "filtered"),
        (Reply(text="x", finish=None), "stop"),
        (Reply(text="x", finish=None, stream=False), "stop"),
        (Reply(calls=(Call("a__b"),), finish="stop"), "calls"),
        (Reply(text="x", done=False), "stop"),
        (Reply(text="x", finish="stop", done=False, hang=True), "stop"),
        (Reply(text="", finish="stop"), "stop"),
        (Reply(text=None, stream=False), "stop"),
    ],
)
async def test_the_reason_of_the_end(scripted_openai: ScriptedOpenAI, reply: Reply, reason: str) -> None:
    scripted_openai.play([reply])
    assert end_of(await ask(scripted_openai)).reason == reason


async def test_a_character_that_is_cut_between_two_events_comes_whole(scripted_openai: ScriptedOpenAI) -> None:
    halves = [rb'"a\ud83d"', rb'"\ude00b"', rb'"\ud83d"']
    events = b"".join(b'data: {"choices": [{"delta": {"content": ' + half + b"}}]}\n\n" for half in halves)
    scripted_openai.play([Reply(body=events + b"data: [DONE]\n\n", content_type="text/event-stream")])
    assert text_of(await ask(scripted_openai)) == "a\U0001f600b"
