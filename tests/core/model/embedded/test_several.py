"""Requests that hold two commands."""

import pytest

from skillkernel.model.embedded.several import parts_of_request


@pytest.mark.parametrize(
    ("text", "halves"),
    [
        ("turn off the lights and play jazz", ("turn off the lights", "play jazz")),
        ("Add lunch at 12 and dentist on Friday at 9", ("Add lunch at 12", "Add dentist on Friday at 9")),
        ("Lösch den Termin und trag Yoga ein", ("Lösch den Termin", "trag Yoga ein")),
        ("Éteins la lampe et mets du jazz", ("Éteins la lampe", "mets du jazz")),
    ],
)
def test_a_request_is_cut_between_two_commands(text: str, halves: tuple[str, str]) -> None:
    assert parts_of_request(text) == [halves]


@pytest.mark.parametrize(
    "text",
    [
        "remind me to buy milk and call mum",
        "note that eggs are out and add nothing",
        "what is 3 and 4",
        "do I have time and money",
        "play rock",
        "hello there and good morning",
    ],
)
def test_what_is_no_pair_of_commands_stays_whole(text: str) -> None:
    assert parts_of_request(text) == []
