"""Options, flags and languages that a request names in its own words."""

from typing import Any

import pytest

from skillkernel.model.driver import ToolOffer
from skillkernel.model.embedded.choosing import choosing_of
from skillkernel.model.embedded.option_words import room_in
from skillkernel.model.embedded.properties import properties_of


def chosen(text: str, *, required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    offer = ToolOffer("things__set", "Set it.", schema, "write")
    return choosing_of(properties_of(offer), text).values


ROOM = {"type": "string", "enum": ["living_room", "kitchen", "bathroom"]}
MODE = {"type": "string", "enum": ["walking", "cycling", "driving", "transit"]}


@pytest.mark.parametrize(
    ("text", "room"),
    [
        ("it is dark in the living room", "living_room"),
        ("Mach das Licht in der Küche an", "kitchen"),
        ("Éteins la salle de bain", "bathroom"),
        ("Accendi la luce in soggiorno", "living_room"),
        ("Apaga la luz de la cocina", "kitchen"),
        ("Doe het licht in de badkamer uit", "bathroom"),
    ],
)
def test_an_option_is_known_by_its_word_in_any_language(text: str, room: str) -> None:
    assert chosen(text, required=("room",), room=ROOM) == {"room": room}


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("how do I walk to the castle", "walking"),
        ("mit dem Fahrrad zum Park", "cycling"),
        ("aller en voiture", "driving"),
    ],
)
def test_an_option_is_known_by_another_form_of_its_word(text: str, mode: str) -> None:
    assert chosen(text, mode=MODE) == {"mode": mode}


def test_options_of_one_family_stay_apart() -> None:
    by = {"type": "string", "enum": ["bus", "train"]}
    assert chosen("Fährt ein Zug nach Ulm?", by=by) == {"by": "train"}


def test_an_option_that_is_not_named_is_left_out() -> None:
    assert chosen("turn it up", mode=MODE, room=ROOM) == {}


def test_a_little_word_is_no_optional_option() -> None:
    assert chosen("all of this", scope={"type": "string", "enum": ["this", "all"]}) == {}


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("turn the lamp off", False),
        ("kill the lights", False),
        ("lights on please", True),
        ("Mach das Licht aus", False),
        ("Mach das Licht an", True),
        ("Allume la lampe", True),
        ("Desliga a luz", False),
        ("dim the lamp", True),
    ],
)
def test_a_required_switch_is_on_unless_it_is_said_to_be_off(text: str, on: bool) -> None:
    assert chosen(text, required=("on",), on={"type": "boolean"}) == {"on": on}
    state = {"type": "string", "enum": ["off", "on"]}
    assert chosen(text, required=("state",), state=state) == {"state": "on" if on else "off"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("open the blinds", True),
        ("close the blinds", False),
        ("Ferme les stores", False),
        ("Mach das Fenster zu", False),
    ],
)
def test_a_required_flag_is_false_when_its_opposite_is_said(text: str, value: bool) -> None:
    assert chosen(text, required=("open",), open={"type": "boolean"}) == {"open": value}


@pytest.mark.parametrize(
    "text", ["play jazz on shuffle", "Pon flamenco en aleatorio", "Spiel Jazz in zufälliger Reihenfolge"]
)
def test_an_optional_flag_is_set_when_it_is_named(text: str) -> None:
    assert chosen(text, shuffle={"type": "boolean", "default": False}) == {"shuffle": True}
    assert chosen("play jazz", shuffle={"type": "boolean", "default": False}) == {}


LANGUAGE = {"type": "string", "description": "Language to translate into."}
ORIGIN = {"type": "string", "description": "Language of the text."}


def test_the_language_after_into_is_the_target_and_the_one_after_from_the_source() -> None:
    text = "translate from German to English: Guten Tag"
    assert chosen(text, target_language=LANGUAGE, source_language=ORIGIN) == {
        "target_language": "English",
        "source_language": "German",
    }


def test_a_language_in_quotes_is_not_asked_for() -> None:
    text = "Translate 'I speak German' into French"
    assert chosen(text, required=("target_language",), target_language=LANGUAGE) == {"target_language": "French"}


def test_a_language_code_is_found_by_the_name_of_the_language() -> None:
    codes = {"type": "string", "enum": ["en", "de", "fr"], "description": "Language wanted."}
    assert chosen("Was heißt Hund auf Französisch?", required=("lang",), lang=codes) == {"lang": "fr"}


def test_a_rename_does_not_read_options_into_the_new_name() -> None:
    repeat = {"type": ["string", "null"], "enum": ["daily", "weekly", None]}
    assert chosen("rename the meeting to weekly sync", repeat=repeat) == {}


@pytest.mark.parametrize(
    ("text", "room"), [("the bedroom lamp", "bedroom"), ("im Schlafzimmer", "Schlafzimmer"), ("here", "")]
)
def test_a_room_is_found_among_other_words(text: str, room: str) -> None:
    assert room_in(text) == room
