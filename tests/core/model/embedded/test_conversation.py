"""What a reply acts on, and how it tells what came of it."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.model.driver import Message, ToolCall
from skillkernel.model.embedded.conversation import calls_since, last_tool, request_of
from skillkernel.model.embedded.reporting import language_of, report_of
from skillkernel.model.embedded.verbs import Act, acts_of, acts_of_name, asks

NOW = datetime(2026, 3, 10, 9, 15, tzinfo=ZoneInfo("Europe/Berlin"))
CALL = ToolCall("c1", "calendar__create_event", "{}")


def chat(*texts: str) -> list[Message]:
    return [Message("user", text) for text in texts]


def test_a_request_stands_for_itself() -> None:
    assert request_of(chat("What do I have on Monday?", "Add lunch on Friday"), NOW) == "Add lunch on Friday"


def test_a_follow_up_takes_the_place_of_the_time_before() -> None:
    assert request_of(chat("What do I have on Monday?", "and on Friday?"), NOW) == "What do I have on Friday?"


def test_only_the_calls_since_the_last_request_count() -> None:
    messages = [
        Message("user", "one"),
        Message("assistant", calls=(CALL,)),
        Message("tool", "old", call_id="c1"),
        Message("user", "two"),
        Message("assistant", calls=(ToolCall("c2", "x__y", "{}"),)),
        Message("tool", "new", call_id="c2"),
        Message("tool", "stray", call_id="c9"),
    ]
    assert [result.text for _, result in calls_since(messages)] == ["new"]
    assert last_tool(messages) == "x__y"


def test_a_booking_is_told_with_its_facts_in_the_language_of_the_request() -> None:
    result = {
        "event": {
            "id": "e1",
            "title": "Mittag",
            "start": "2026-03-11T12:30:00+01:00",
            "end": "2026-03-11T13:30:00+01:00",
        }
    }
    done = [(CALL, Message("tool", json.dumps(result), call_id="c1"))]
    assert report_of("Trag morgen um 12:30 Mittag ein", done, True) == "Erledigt: Mittag, 2026-03-11 12:30-13:30"


def test_a_failure_is_told_in_the_words_of_the_tool() -> None:
    done = [(CALL, Message("tool", "the end is before the start", call_id="c1", failed=True))]
    assert report_of("Book lunch", done, True) == "calendar.create_event: the end is before the start"


def test_an_empty_list_is_told() -> None:
    done = [(CALL, Message("tool", '{"events": []}', call_id="c1"))]
    assert report_of("What do I have tomorrow?", done, False) == "There is nothing."
    assert report_of("Was habe ich morgen?", done, False) == "Da ist nichts."


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_result_can_be_told(result: object) -> None:
    assert report_of("show it", [(CALL, Message("tool", json.dumps(result), call_id="c1"))], False)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Book lunch with Sam tomorrow", "en"),
        ("Was steht morgen in meinem Kalender?", "de"),
        ("Qu'est-ce que j'ai demain ?", "fr"),
        ("¿Qué tengo el lunes?", "es"),
        ("Segna riunione con il team domani", "it"),
        ("Marca consulta na sexta às 9h com o médico", "pt"),
        ("Zet morgen om half vier tandarts in mijn agenda", "nl"),
    ],
)
def test_the_language_of_a_request_is_known(text: str, language: str) -> None:
    assert language_of(text) == language


def test_verbs_say_what_is_to_be_done() -> None:
    assert acts_of("Please cancel my lunch") == {Act.REMOVE}
    assert Act.CHANGE in acts_of("Kannst du bitte verschiebe das Treffen")
    assert acts_of_name("calendar__delete_event") == {Act.REMOVE}
    assert acts_of_name("translate__text") == frozenset()
    assert asks("What do I have on Friday?")
    assert not asks("Add lunch on Friday")
