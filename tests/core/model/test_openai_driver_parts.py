"""The decisions of the driver, without a server: bytes to objects, objects to a reply, waits."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.errors import ModelReplyInvalid
from skillkernel.model.driver import TextDelta
from skillkernel.model.openai_driver.assembly import CALLS_PER_REPLY, Assembly
from skillkernel.model.openai_driver.body import Body
from skillkernel.model.openai_driver.foreign_text import SHOWN_CHARACTERS, shown, well_formed
from skillkernel.model.openai_driver.payload import without_refused
from skillkernel.model.openai_driver.refusals import refusal
from skillkernel.model.openai_driver.retry import (
    CONNECTION_RETRIES,
    LONGEST_BACKOFF,
    LONGEST_WAIT,
    Attempt,
    asked_wait,
    wait_before_retry,
)
from skillkernel.text import visible

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.sampled_from(
    [
        "choices",
        "delta",
        "message",
        "content",
        "tool_calls",
        "function",
        "name",
        "arguments",
        "id",
        "index",
        "usage",
        "finish_reason",
        "prompt_tokens",
        "refusal",
        "text",
    ]
)
CHAT_LIKE = st.recursive(
    JSON, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=20
)


def read(body: Body, *pieces: bytes) -> list[dict[str, Any]]:
    """Everything that a body gives for these pieces."""
    chunks = [chunk for piece in pieces for chunk in body.feed(piece)]
    return chunks + body.end()


@given(st.lists(st.dictionaries(st.text(max_size=5), JSON, max_size=3), min_size=1, max_size=4), st.data())
def test_events_are_the_same_however_the_network_cuts_them(objects: list[dict[str, Any]], data: st.DataObject) -> None:
    newline = data.draw(st.sampled_from([b"\n", b"\r\n"]))
    ascii_only = data.draw(st.booleans())
    events = [b"data: " + json.dumps(each, ensure_ascii=ascii_only).encode("utf-8", "replace") for each in objects]
    whole = b": hello" + newline * 2 + b"".join(event + newline * 2 for event in [*events, b"data: [DONE]"])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    pieces = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    body = Body("here")
    assert read(body, *pieces) == [json.loads(event[6:]) for event in events]
    assert body.done


@given(st.binary(max_size=200), st.integers(0, 200))
def test_any_bytes_are_objects_or_an_invalid_reply(raw: bytes, cut: int) -> None:
    with suppress(ModelReplyInvalid):
        assert all(isinstance(chunk, dict) for chunk in read(Body("here"), raw[:cut], raw[cut:]))


@given(st.lists(st.dictionaries(WORDS, CHAT_LIKE, max_size=4), max_size=5))
def test_any_objects_add_up_to_a_reply(chunks: list[dict[str, Any]]) -> None:
    reply = Assembly({"taken"})
    text = "".join(reply.add(chunk) for chunk in chunks)
    end = reply.finished()
    text.encode()
    assert end.prompt_tokens >= 0
    ids = [call.id for call in end.calls]
    assert len({*ids, "taken"}) == len(ids) + 1
    for call in end.calls:
        (call.id + call.name + call.arguments).encode()


def test_more_calls_than_anybody_means_are_refused() -> None:
    calls = [{"index": number, "function": {"name": "a__b"}} for number in range(CALLS_PER_REPLY + 1)]
    with pytest.raises(ModelReplyInvalid, match="more than 128 calls"):
        Assembly().add({"choices": [{"delta": {"tool_calls": calls}}]})


def test_text_in_parts_is_joined() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]
    assert TextDelta(Assembly().add({"choices": [{"message": {"content": parts}}]})) == TextDelta("ab")


def test_the_last_event_needs_no_empty_line() -> None:
    body = Body("here")
    assert read(body, b'data: {"choices": []}\n\ndata: [DONE]') == [{"choices": []}]
    assert body.done


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read(Body("here"), b'\xef\xbb\xbf{"choices": []}') == [{"choices": []}]
    assert read(Body("here"), b'\xef\xbb\xbfdata: {"choices": []}\n\n') == [{"choices": []}]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 0.5 ", 0.5),
        ("-3", 0.0),
        ("nan", None),
        ("inf", None),
        ("", None),
        ("soon", None),
        (format_datetime(NOW + timedelta(seconds=30), usegmt=True), 30.0),
        (format_datetime(NOW - timedelta(seconds=30), usegmt=True), 0.0),
        ("Tue, 24 Nov 2026 12:00:10", 10.0),
        ("Tue, 99 Nov 2026 12:00:10 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert asked_wait(header, NOW) == seconds


@given(st.text(max_size=40))
def test_no_retry_after_breaks_the_driver(header: str) -> None:
    waited = asked_wait(header, NOW)
    assert waited is None or waited >= 0


@given(st.integers(1, 30), st.integers(0, 10), st.floats(0, 0.999))
def test_every_wait_is_short_and_retries_end(failed: int, retries: int, jitter: float) -> None:
    wait = wait_before_retry([Attempt(503)] * failed, retries, jitter, NOW)
    assert (wait is None) == (failed > retries)
    assert wait is None or 0 < wait <= LONGEST_BACKOFF


def test_backoff_doubles() -> None:
    waits = [wait_before_retry([Attempt(503)] * failed, 10, 0.0, NOW) for failed in range(1, 7)]
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]


def test_a_longer_wait_than_the_longest_is_not_tried() -> None:
    assert wait_before_retry([Attempt(429, str(LONGEST_WAIT))], 1, 0.0, NOW) == LONGEST_WAIT
    assert wait_before_retry([Attempt(429, str(LONGEST_WAIT + 1))], 1, 0.0, NOW) is None


def test_an_endpoint_that_is_not_there_is_given_up_sooner_than_one_that_is_busy() -> None:
    assert wait_before_retry([Attempt()] * CONNECTION_RETRIES, 10, 0.0, NOW) is not None
    assert wait_before_retry([Attempt()] * (CONNECTION_RETRIES + 1), 10, 0.0, NOW) is None
    assert wait_before_retry([Attempt(503)] * 5 + [Attempt()], 10, 0.0, NOW) is not None


@given(JSON, st.integers(100, 599))
def test_any_error_body_is_read(body: Any, status: int) -> None:
    given_up = refusal(status, body)
    assert isinstance(given_up.message, str)
    assert isinstance(given_up.code, str)


def test_a_complaint_about_what_was_left_out_already_is_final() -> None:
    assert without_refused({"model": "m"}, 400, "unknown argument stream_options") is None
    assert without_refused({"stream_options": {}}, 401, "stream_options") is None


@given(st.text(alphabet=st.characters(), max_size=60), st.sampled_from(["", "secret"]))
def test_what_is_shown_is_one_printable_line(text: str, secret: str) -> None:
    line = shown(f"{text}secret\ud800\x1b[2J\u202e", secret)
    assert visible(line) == line
    assert len(line) <= SHOWN_CHARACTERS
    assert not (secret and secret in line)


def test_surrogates_are_joined_or_replaced() -> None:
    assert well_formed("a\ud83d\ude00b") == "a\U0001f600b"
    assert well_formed("a\ud83db") == "a\ufffdb"
