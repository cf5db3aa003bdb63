"""What cannot be undone is only chosen when the request says it."""

from datetime import UTC, datetime

import pytest

from skillkernel.model.driver import ToolOffer
from skillkernel.model.embedded.evidence import Evidence, gather
from skillkernel.model.embedded.warrant import refuses, warranted

DELETE = ToolOffer("shelf__drop_box", "Drop a box.", {"type": "object", "properties": {}}, "destroy", ("Drop box 3",))
SEND = ToolOffer("post__send_card", "Send a card.", {"type": "object", "properties": {}}, "send")


def said(text: str) -> Evidence:
    return gather(text, datetime(2026, 11, 24, 16, tzinfo=UTC))


@pytest.mark.parametrize(
    "text",
    [
        "Delete box 4",
        "Could you get rid of the box?",
        "Drop the red box",
        "Lösche die Kiste",
        "Ich möchte die Kiste löschen",
        "Supprime la boîte",
        "Borra la caja",
        "删除箱子",
        "箱を削除して",
        "Don't forget to delete the box",
    ],
)
def test_a_request_that_says_so_may_destroy(text: str) -> None:
    assert warranted(DELETE, said(text))


@pytest.mark.parametrize(
    "text",
    [
        "Yoga 6:30pm today",
        "The box is heavy",
        "Delete nothing, just say hi",
        "Please don't delete the box",
        "Lösche nichts",
        "Lösch bitte nichts",
        "Lösch die Kiste nicht",
        "不要删除箱子",
        "Add 'delete the box' to my list",
    ],
)
def test_a_request_that_does_not_say_so_or_says_the_opposite_destroys_nothing(text: str) -> None:
    assert not warranted(DELETE, said(text))


def test_sending_needs_a_command_or_a_wish() -> None:
    assert warranted(SEND, said("Send Bob a card"))
    assert warranted(SEND, said("I need a card for Bob"))
    assert not warranted(SEND, said("Bob's card was lovely"))
    assert not warranted(SEND, said("Don't send the card"))


@pytest.mark.parametrize("text", ["Delete nothing, just say hi", "Don't cancel anything yet"])
def test_a_request_that_only_says_what_not_to_do_is_refused(text: str) -> None:
    assert refuses(said(text))


@pytest.mark.parametrize("text", ["Why not play some jazz?", "Don't forget to add milk", "Delete the box", "Hello"])
def test_other_requests_are_not(text: str) -> None:
    assert not refuses(said(text))
