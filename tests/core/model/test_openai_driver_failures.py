"""The driver against a real server on the loopback interface: what goes wrong, and how it is said."""

import json
import socket
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from fakes.bad_replies import BAD_REPLIES
from fakes.openai_asking import ASK, KEY, Naps, ask, driver_for, end_of, text_of
from fakes.scripted_openai import Reply, ScriptedOpenAI
from skillkernel.errors import (
    ModelAuthRefused,
    ModelBusy,
    ModelError,
    ModelMissing,
    ModelReplyInvalid,
    ModelUnknown,
    ModelUnreachable,
    UsageError,
)
from skillkernel.model.driver import (
    Finished,
    ModelEvent,
    ModelSettings,
    Notice,
    TextDelta,
)
from skillkernel.model.openai_driver import OpenAIDriver, skillkernel_driver


async def test_a_busy_endpoint_is_asked_again_after_the_wait_that_it_asks_for(scripted_openai: ScriptedOpenAI) -> None:
    busy = Reply(status=429, text="slow down", headers=(("Retry-After", "7"),))
    scripted_openai.play([busy, Reply(status=503), Reply(text="Here.")])
    naps = Naps()
    events = await ask(scripted_openai, naps=naps)
    assert text_of(events) == "Here."
    assert naps.taken[0] == 7
    assert 0.75 <= naps.taken[1] <= 1
    notices = [event.text for event in events if isinstance(event, Notice)]
    assert "429" in notices[0]
    assert "asking again in 7.0 s" in notices[0]


async def test_a_wait_until_a_date_is_obeyed(scripted_openai: ScriptedOpenAI) -> None:
    past = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)
    scripted_openai.play([Reply(status=429, headers=(("Retry-After", past),)), Reply(text="Here.")])
    naps = Naps()
    assert text_of(await ask(scripted_openai, naps=naps)) == "Here."
    assert naps.taken == [0]


async def test_an_endpoint_that_asks_for_an_hour_is_not_waited_for(scripted_openai: ScriptedOpenAI) -> None:
    scripted_openai.play(BAD_REPLIES["429 for an hour"])
    with pytest.raises(ModelBusy) as refused:
        await ask(scripted_openai)
    assert "3600" in refused.value.hint
    assert len(scripted_openai.chats) == 1


async def test_retries_end(scripted_openai: ScriptedOpenAI) -> None:
    scripted_openai.play([Reply(status=500, text="it broke")])
    with pytest.raises(ModelBusy, match=r"500.*it broke"):
        await ask(scripted_openai, retries=3)
    assert len(scripted_openai.chats) == 4


async def test_a_used_up_quota_is_not_asked_again(scripted_openai: ScriptedOpenAI) -> None:
    body = json.dumps({"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}).encode()
    scripted_openai.play([Reply(status=429, body=body)])
    with pytest.raises(ModelError, match="quota"):
        await ask(scripted_openai)
    assert len(scripted_openai.chats) == 1


async def test_nothing_is_asked_again_once_text_was_shown(scripted_openai: ScriptedOpenAI) -> None:
    scripted_openai.play([Reply(text="The event is booked.", fragment=4, cut=700), Reply(text="again")])
    seen: list[ModelEvent] = []

    async def look_on() -> None:
        async with driver_for(scripted_openai) as driver:
            async for event in driver.reply(ASK):
                seen.append(event)

    with pytest.raises(ModelReplyInvalid, match="cut in the middle"):
        await look_on()
    assert text_of(seen).startswith("The ")
    assert len(scripted_openai.chats) == 1


async def test_a_refused_key_names_the_endpoint_and_never_shows_the_key(scripted_openai: ScriptedOpenAI) -> None:
    scripted_openai.play([Reply(status=401, text=f"Incorrect API key provided: {KEY}.")])
    with pytest.raises(ModelAuthRefused) as refused:
        await ask(scripted_openai)
    assert scripted_openai.base_url in refused.value.message
    assert "OPENAI_API_KEY" in refused.value.hint
    assert KEY not in repr(refused.value) + refused.value.hint


async def test_an_unknown_model_is_named_with_those_that_are_near() -> None:
    models = ["gpt-large", "scripted-model", "whisper"]
    with (
        ScriptedOpenAI(BAD_REPLIES["404"], models=models) as server,
        pytest.raises(ModelUnknown, match="scripted-modle") as unknown,
    ):
        await ask(server, model="scripted-modle")
    assert "scripted-model" in unknown.value.hint
    assert "whisper" not in unknown.value.hint


async def test_an_address_without_chat_completions_is_named() -> None:
    with (
        ScriptedOpenAI([Reply(status=404, body=b"404 page not found")], models=None) as server,
        pytest.raises(ModelUnreachable) as wrong,
    ):
        await ask(server)
    assert "OPENAI_BASE_URL" in wrong.value.hint


async def test_without_a_model_name_the_error_lists_what_the_endpoint_offers(scripted_openai: ScriptedOpenAI) -> None:
    with pytest.raises(ModelMissing) as missing:
        await ask(scripted_openai, model="")
    assert "SKILL_MODEL" in missing.value.hint
    assert "scripted-model" in missing.value.hint
    assert scripted_openai.chats == []


async def test_a_conversation_that_is_too_long_is_said_to_be(scripted_openai: ScriptedOpenAI) -> None:
    message = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."
    body = json.dumps({"error": {"message": message, "code": "context_length_exceeded", "param": "messages"}}).encode()
    scripted_openai.play([Reply(status=400, body=body)])
    with pytest.raises(ModelError, match="longer than the window"):
        await ask(scripted_openai)


@pytest.mark.parametrize(
    ("complaint", "left_out", "notices"),
    [
        ("Unrecognized request argument supplied: stream_options", "stream_options", 0),
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "max_tokens", 0),
        ("registry/tiny does not support tools", "tools", 1),
    ],
)
async def test_what_the_endpoint_does_not_take_is_left_out(
    scripted_openai: ScriptedOpenAI, complaint: str, left_out: str, notices: int
) -> None:
    scripted_openai.play(lambda sent: Reply(status=400, text=complaint) if left_out in sent else Reply(text="Fine."))
    events = await ask(scripted_openai)
    assert text_of(events) == "Fine."
    assert len([event for event in events if isinstance(event, Notice)]) == notices
    assert len(scripted_openai.chats) == 2


async def test_a_schema_that_is_refused_does_not_silently_cost_the_tools(scripted_openai: ScriptedOpenAI) -> None:
    scripted_openai.play([Reply(status=400, text="Invalid schema for tools[0].function.parameters: not supported")])
    with pytest.raises(ModelError, match="Invalid schema"):
        await ask(scripted_openai)


async def test_a_redirect_is_not_followed(scripted_openai: ScriptedOpenAI) -> None:
    with ScriptedOpenAI([Reply(text="I have your key.")]) as thief:
        scripted_openai.play([Reply(status=307, headers=(("Location", f"{thief.base_url}/chat/completions"),))])
        with pytest.raises(ModelUnreachable, match="sends elsewhere") as error:
            await ask(scripted_openai)
        assert thief.received == []
        assert thief.base_url in error.value.message


async def test_a_port_where_nobody_listens_is_unreachable_after_few_tries(scripted_openai: ScriptedOpenAI) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        naps = Naps()
        with pytest.raises(ModelUnreachable, match=r"no answer from http://127.*: Connection refused"):
            await ask(scripted_openai, naps=naps, base_url=f"http://127.0.0.1:{unused.getsockname()[1]}/v1")
    assert len(naps.taken) == 2


async def test_the_next_reply_comes_over_the_same_connection(scripted_openai: ScriptedOpenAI) -> None:
    async with driver_for(scripted_openai) as driver:
        for _ in range(3):
            assert end_of([event async for event in driver.reply(ASK)]).reason == "stop"
    assert len({request.client_port for request in scripted_openai.received}) == 1


async def test_closing_the_reply_early_hangs_up(scripted_openai: ScriptedOpenAI) -> None:
    scripted_openai.play([Reply(text="abcdefgh", fragment=2, cut=700, hang=True)])
    async with driver_for(scripted_openai, read_timeout=60) as driver:
        reply = driver.reply(ASK)
        assert isinstance(await anext(reply), TextDelta)
        await reply.aclose()
    assert scripted_openai.hung_up.wait(10)


async def test_an_endless_error_page_ends(scripted_openai: ScriptedOpenAI) -> None:
    scripted_openai.play([Reply(status=400, body=b"x" * (2 * 1024 * 1024))])
    with pytest.raises(ModelUnreachable, match="longer than 1 MB"):
        await ask(scripted_openai, retries=0)


async def test_an_endless_reply_ends(scripted_openai: ScriptedOpenAI) -> None:
    scripted_openai.play([Reply(body=b"data: " + b"x" * (17 * 1024 * 1024), content_type="text/event-stream")])
    with pytest.raises(ModelReplyInvalid, match="longer than 16 MB"):
        await ask(scripted_openai, read_timeout=20)


NO_CALLS = {"empty reply", "null content", "no choices"}


async def outcome(server: ScriptedOpenAI) -> Finished | ModelError:
    try:
        return end_of(await ask(server, retries=1))
    except ModelError as error:
        return error


@pytest.mark.parametrize("name", BAD_REPLIES)
async def test_every_bad_reply_is_a_reply_or_a_named_error(scripted_openai: ScriptedOpenAI, name: str) -> None:
    scripted_openai.play(BAD_REPLIES[name])
    end = await outcome(scripted_openai)
    if isinstance(end, ModelError):
        assert end.message.isprintable()
        assert len(end.message) < 500
        assert KEY not in end.message + end.hint
    else:
        assert bool(end.calls) == (name not in NO_CALLS)
        assert len({call.id for call in end.calls}) == len(end.calls)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("HTML", ModelReplyInvalid),
        ("plain text", ModelReplyInvalid),
        ("truncated JSON", ModelReplyInvalid),
        ("other JSON", ModelReplyInvalid),
        ("JSON 100,000 deep", ModelReplyInvalid),
        ("broken event", ModelReplyInvalid),
        ("empty body", ModelReplyInvalid),
        ("bytes", ModelReplyInvalid),
        ("cut in the text", ModelReplyInvalid),
        ("cut in the text, connection closed", ModelReplyInvalid),
        ("cut in a call", ModelReplyInvalid),
        ("ends without an end", ModelReplyInvalid),
        ("hangs in the text", ModelReplyInvalid),
        ("cut before the first byte", ModelUnreachable),
        ("hangs at once", ModelUnreachable),
        ("hangs after the headers", ModelUnreachable),
        ("error in the stream", ModelError),
        ("500 in HTML", ModelBusy),
        ("403", ModelAuthRefused),
    ],
)
async def test_a_bad_reply_has_its_own_error(
    scripted_openai: ScriptedOpenAI, name: str, kind: type[ModelError]
) -> None:
    scripted_openai.play(BAD_REPLIES[name])
    with pytest.raises(ModelError) as error:
        await ask(scripted_openai, retries=1)
    assert type(error.value) is kind


@pytest.mark.parametrize(
    "address",
    [
        "localhost:8080/v1",
        "ftp://host/v1",
        "http://",
        "http://[::1",
        "http://h:port/v1",
        "http://h\n/v1",
        "https://h/v1/chat/completions",
    ],
)
def test_an_address_that_cannot_be_one_is_named(address: str) -> None:
    with pytest.raises(UsageError, match="the model's address") as wrong:
        OpenAIDriver(ModelSettings(base_url=address))
    assert "OPENAI_BASE_URL" in wrong.value.hint


@pytest.mark.parametrize("key", ["sk-a\nb", "sk-ü", "sk a"])
def test_a_key_that_cannot_be_one_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(UsageError, match="no key has") as wrong:
        OpenAIDriver(ModelSettings(api_key=key))
    assert key not in repr(wrong.value)


def test_a_password_in_the_address_is_not_shown() -> None:
    driver = OpenAIDriver(ModelSettings(base_url="http://user:hunter2@127.0.0.1:1/v1", model="m"))
    assert driver.name == "openai/m"
    assert driver.context_tokens > 0


TAKES: list[tuple[ModelSettings, bool]] = [
    (ModelSettings(), False),
    (ModelSettings(model="m"), False),
    (ModelSettings(driver="openai"), False),
    (ModelSettings(api_key="k"), True),
    (ModelSettings(base_url="http://h/v1"), True),
    (ModelSettings(driver="openai", api_key="k"), True),
    (ModelSettings(driver="embedded", api_key="k"), False),
]


@pytest.mark.parametrize(("settings", "takes"), TAKES)
def test_the_hook_takes_settings_with_an_address_or_a_key(settings: ModelSettings, takes: bool) -> None:
    assert (skillkernel_driver(settings) is not None) == takes
