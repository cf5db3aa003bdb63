"""Answers made of a tool's result."""

import json
from typing import Any

from skillkernel.model.driver import Message, ToolCall
from skillkernel.model.embedded.reporting import report_of

EVENT = {
    "id": "ab12",
    "title": "Lunch",
    "start": "2026-11-25T12:30:00+01:00",
    "end": "2026-11-25T13:30:00+01:00",
    "attendees": ["Sam", "Eva"],
}


def told(request: str, result: Any, *, changing: bool = False) -> str:
    return report_of(request, [(ToolCall("1", "some__tool", "{}"), Message("tool", json.dumps(result)))], changing)


def test_a_value_is_said_with_its_unit_and_without_endless_decimals() -> None:
    assert told("how far", {"value": "6.21371192237334", "unit": "mile", "exact": False}) == "6.21371 mile"
    assert told("how much", {"value": "1/3", "approximately": "0.333333333333333"}) == "1/3 ≈ 0.333333"


def test_names_belong_to_the_line_of_their_event_and_labels_are_left_out_where_english_is_not_spoken() -> None:
    line = "Lunch, 2026-11-25 12:30-13:30, attendees Sam, Eva"
    assert told("what do I have", {"events": [EVENT], "more": 0}) == line
    assert (
        told("Trag das bitte ein", {"event": EVENT, "was": []}, changing=True)
        == f"Erledigt: {line.replace('attendees ', '')}"
    )


def test_what_follows_the_first_record_is_labelled() -> None:
    report = told("add it", {"event": EVENT, "conflicts": [{"title": "Yoga"}]}, changing=True)
    assert report.splitlines()[1] == "conflicts: Yoga"


def test_an_empty_list_is_nothing_whatever_is_counted_beside_it() -> None:
    assert told("was habe ich heute", {"events": [], "more": 0}) == "Da ist nichts."
    assert told("what is it", {"value": 0}) == "0"
