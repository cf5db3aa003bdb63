"""Arguments that are found in a request without the model: by kind of property, never made up."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.model.driver import ToolOffer
from skillkernel.model.embedded.engine import Completion, Prompt
from skillkernel.model.embedded.evidence import gather
from skillkernel.model.embedded.filling import Filling
from skillkernel.model.embedded.properties import Kind, properties_of

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 10, 9, 15, tzinfo=BERLIN)
MOMENT = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}


class Obedient:
    """An engine that writes the first thing that its grammar allows, and remembers what it was asked."""

    def __init__(self, answer: str = "null") -> None:
        self.answer = answer
        self.asked: list[tuple[Prompt, str]] = []

    async def complete(
        self, prompt: Prompt, *, grammar: str = "", schema: Any = None, max_tokens: int = 64, rivals: int = 0
    ) -> Completion:
        self.asked.append((prompt, grammar))
        return Completion(self.answer, {})


def tool(
    description: str = "Do it.", *, required: tuple[str, ...] = (), effect: str = "write", **properties: Any
) -> ToolOffer:
    schema = {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
    return ToolOffer("things__add", description, schema, effect)


async def filled(offer: ToolOffer, text: str, complaint: str = "", engine: Obedient | None = None) -> dict[str, Any]:
    return await Filling(engine or Obedient(), offer, gather(text, NOW), NOW, BERLIN).arguments(complaint)


EVENT = tool(
    "Put an event into the calendar.",
    required=("title", "start"),
    title={"type": "string", "description": "What it is."},
    start=MOMENT,
    end={"anyOf": [*MOMENT["anyOf"], {"type": "null"}], "default": None},
    duration_minutes={"type": ["integer", "null"], "minimum": 1},
    location={"type": ["string", "null"], "description": "Where it is."},
    attendees={"type": ["array", "null"], "items": {"type": "string"}, "description": "Mail addresses."},
    repeat={"type": ["string", "null"], "enum": ["daily", "weekly", "monthly", "yearly", None]},
    busy={"type": ["boolean", "null"]},
)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        (
            "Book lunch with Sam tomorrow at 12:30 for an hour",
            {"title": "lunch with Sam", "start": "2026-03-11T12:30:00+01:00", "duration_minutes": 60},
        ),
        (
            "Please schedule a review on Friday from 2 to 3 pm in room 4",
            {
                "title": "review",
                "start": "2026-03-13T14:00:00+01:00",
                "end": "2026-03-13T15:00:00+01:00",
                "location": "room 4",
            },
        ),
        ("Trag übermorgen um 15 Uhr Zahnarzt ein", {"title": "Zahnarzt", "start": "2026-03-12T15:00:00+01:00"}),
        ("Ajoute pique-nique le 3 avril", {"title": "pique-nique", "start": "2026-04-03"}),
        (
            "Add team meeting every Monday at 9",
            {"title": "team meeting", "start": "2026-03-16T09:00:00+01:00", "repeat": "weekly"},
        ),
        (
            "Invite kim@example.net to dinner on 29 March at 19:00",
            {"title": "dinner", "start": "2026-03-29T19:00:00+02:00", "attendees": ["kim@example.net"]},
        ),
    ],
)
async def test_an_event_is_filled_in_without_asking_the_model(text: str, arguments: dict[str, Any]) -> None:
    engine = Obedient()
    assert await filled(EVENT, text, engine=engine) == arguments
    assert engine.asked == []


async def test_an_end_is_worked_out_when_the_tool_wants_no_length() -> None:
    offer = tool(
        required=("start",),
        start={"type": "string", "format": "date-time"},
        end={"type": "string", "format": "date-time"},
    )
    assert await filled(offer, "tomorrow at 12:30 for 45 minutes") == {
        "start": "2026-03-11T12:30:00+01:00",
        "end": "2026-03-11T13:15:00+01:00",
    }


async def test_a_range_goes_into_both_ends_of_a_search() -> None:
    offer = tool(effect="read", date={"type": "string", "format": "date"}, until={"type": "string", "format": "date"})
    assert await filled(offer, "What do I have next week?") == {"date": "2026-03-16", "until": "2026-03-22"}
    assert await filled(offer, "What do I have on Friday?") == {"date": "2026-03-13"}
    assert await filled(offer, "What do I have?") == {}


async def test_a_move_takes_the_later_moment() -> None:
    offer = tool(required=("event",), event={"type": "string"}, new_start=MOMENT)
    assert await filled(offer, "Move the review from Wednesday to Friday at 4 pm") == {
        "event": "review",
        "new_start": "2026-03-13T16:00:00+01:00",
    }


@pytest.mark.parametrize(
    ("name", "schema", "value"),
    [
        ("seconds", {"type": "integer"}, 90),
        ("minutes", {"type": "number"}, 1.5),
        ("length", {"type": "integer", "description": "How long, in seconds."}, 90),
    ],
)
async def test_a_length_comes_in_the_unit_that_the_property_names(name: str, schema: Any, value: float) -> None:
    assert await filled(tool(required=(name,), **{name: schema}), "Start a 90 second timer") == {name: value}


async def test_a_number_outside_of_its_bounds_is_not_used() -> None:
    offer = tool(level={"type": "integer", "minimum": 0, "maximum": 100})
    assert await filled(offer, "set the level to 30") == {"level": 30}
    assert await filled(offer, "set the level to 300") == {}


async def test_what_the_request_does_not_say_is_left_out() -> None:
    offer = tool(
        required=("text",),
        text={"type": "string"},
        place={"type": "string"},
        count={"type": "integer"},
        colour={"type": "string", "enum": ["red", "blue"]},
        when={"type": "string", "format": "date"},
        loud={"type": "boolean"},
    )
    assert await filled(offer, "Note that the key is under the pot") == {"text": "the key is under the pot"}


async def test_a_choice_that_is_named_is_taken() -> None:
    offer = tool(colour={"type": "string", "enum": ["red", "dark_blue"]})
    assert await filled(offer, "make it dark blue") == {"colour": "dark_blue"}


async def test_a_required_choice_that_is_not_named_is_asked_of_the_model_within_its_grammar() -> None:
    engine = Obedient('"red"')
    offer = tool(required=("colour",), colour={"type": "string", "enum": ["red", "blue"]})
    assert await filled(offer, "make it warm", engine=engine) == {"colour": "red"}
    assert engine.asked[0][1] == 'root ::= "\\"red\\"" | "\\"blue\\""'


async def test_the_argument_that_an_error_blames_is_left_out_of_the_second_try() -> None:
    text = "Book lunch tomorrow at 12:30 for an hour"
    arguments = await filled(EVENT, text, "duration_minutes: must be at least 90")
    assert "duration_minutes" not in arguments
    assert arguments["title"] == "lunch"


async def test_two_texts_go_by_the_little_words_in_front_of_them() -> None:
    offer = tool(required=("recipient", "message"), recipient={"type": "string"}, message={"type": "string"})
    assert await filled(offer, "Tell Marco that the meeting is cancelled") == {
        "recipient": "Marco",
        "message": "the meeting is cancelled",
    }


NAMES = st.sampled_from(["title", "start", "end", "duration_minutes", "to", "query", "count", "x", "unit"])
SCHEMAS: st.SearchStrategy[Any] = st.sampled_from(
    [
        {"type": "string"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "email"},
        {"type": "integer"},
        {"type": ["number", "null"], "minimum": 3},
        {"type": "boolean"},
        {"enum": ["a", 1, None]},
        {"$ref": "#/$defs/missing"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "object"},
        {},
        MOMENT,
    ]
)


@given(st.dictionaries(NAMES, SCHEMAS), st.booleans(), st.text(max_size=60))
async def test_any_schema_and_any_request_give_arguments_that_json_can_hold(
    properties: dict[str, Any], all_required: bool, text: str
) -> None:
    offer = tool(required=tuple(properties) if all_required else (), **properties)
    arguments = await filled(offer, text + " tomorrow at 5 for 2 hours, 7 apples")
    assert set(json.loads(json.dumps(arguments))) <= set(properties)


@pytest.mark.parametrize(
    ("name", "schema", "kind"),
    [
        ("day", {"type": "string", "format": "date"}, Kind.DATE),
        ("at", {"type": ["string", "null"], "format": "date-time"}, Kind.DATE_TIME),
        ("start", MOMENT, Kind.DATE_OR_TIME),
        ("time", {"type": "string", "pattern": r"^\d{2}:\d{2}$"}, Kind.TIME),
        ("time", {"type": "string", "description": "Time of day as HH:MM."}, Kind.TIME),
        ("duration_minutes", {"type": "integer"}, Kind.LENGTH),
        ("timeout", {"type": "number", "description": "Timeout in seconds."}, Kind.LENGTH),
        ("count", {"type": "integer"}, Kind.NUMBER),
        ("to", {"type": "array", "items": {"type": "string", "format": "email"}}, Kind.EMAILS),
        ("tags", {"type": "array", "items": {"type": "string"}}, Kind.TEXTS),
        ("expression", {"type": "string"}, Kind.EXPRESSION),
        ("from_unit", {"type": "string"}, Kind.UNIT),
        ("colour", {"enum": ["red"]}, Kind.CHOICE),
        ("colour", {"$ref": "#/$defs/Colour"}, Kind.CHOICE),
        ("nested", {"type": "object"}, Kind.OTHER),
    ],
)
def test_the_kind_of_a_property_is_read_from_its_schema(name: str, schema: Any, kind: Kind) -> None:
    offer = tool(**{name: schema})
    offer.input_schema["$defs"] = {"Colour": {"type": "string", "enum": ["red", "blue"]}}
    assert [each.kind for each in properties_of(offer)] == [kind]


MESSAGE = tool(
    "Send a message.",
    required=("recipient", "text"),
    recipient={"type": "string", "description": "Name of the person."},
    text={"type": "string", "description": "What to tell them."},
)


@pytest.mark.parametrize(
    ("text", "recipient", "said"),
    [
        ("tell mum I'll be home by eight", "mum", "I'll be home by eight"),
        ("text Oliver: are we still on?", "Oliver", "are we still on?"),
        ("Sag Katrin, dass der Bus kommt", "Katrin", "der Bus kommt"),
        ("Envía un mensaje a Lucía diciendo que llego tarde", "Lucía", "que llego tarde"),
    ],
)
async def test_a_message_goes_to_whom_it_names_and_says_what_follows(text: str, recipient: str, said: str) -> None:
    arguments = await filled(MESSAGE, text)
    assert arguments["recipient"] == recipient
    assert arguments["text"].strip("?") in {said.strip("?"), said.removeprefix("que ")}


TASK = tool("Add a task.", required=("title",), title={"type": "string"}, due={"type": "string", "format": "date"})


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("New task: water the plants", "water the plants"),
        ("I still need to pick up the parcel", "pick up the parcel"),
        ("Ich muss bis Freitag die Steuererklärung abgeben, setz das auf die Liste", "Steuererklärung abgeben"),
        ("renew the passport, please add it to my list", "passport"),
        ("den Schrank aufbauen", "Schrank aufbauen"),
    ],
)
async def test_a_title_is_what_is_to_be_done_and_not_the_words_around_it(text: str, title: str) -> None:
    assert (await filled(TASK, text))["title"] == title


async def test_a_phone_number_goes_to_its_property_and_not_into_the_name() -> None:
    offer = tool(
        required=("name",), name={"type": "string", "description": "Full name of the person."}, phone={"type": "string"}
    )
    assert await filled(offer, "New contact: Ed Moss, 020 7946 0991") == {"name": "Ed Moss", "phone": "020 7946 0991"}


async def test_a_required_list_takes_the_items_enumerated() -> None:
    offer = tool(
        required=("items",), items={"type": "array", "items": {"type": "string"}, "description": "Things to buy."}
    )
    assert await filled(offer, "we're out of toothpaste, coffee and rice") == {
        "items": ["toothpaste", "coffee", "rice"]
    }


async def test_a_song_is_split_from_its_artist() -> None:
    offer = tool(required=("title",), title={"type": "string"}, artist={"type": ["string", "null"]})
    assert await filled(offer, "play Yesterday by the Beatles") == {"title": "Yesterday", "artist": "Beatles"}
    assert await filled(offer, "Mets La vie en rose d'Édith Piaf") == {
        "title": "La vie en rose",
        "artist": "Édith Piaf",
    }


async def test_a_new_name_is_what_comes_last() -> None:
    offer = tool(
        required=("event",),
        event={"type": "string"},
        title={"type": ["string", "null"], "description": "The new title."},
    )
    assert await filled(offer, "rename the team meeting to weekly sync") == {
        "event": "team meeting",
        "title": "weekly sync",
    }


async def test_labels_give_each_text_its_own() -> None:
    offer = tool(
        required=("to", "body"),
        to={"type": "string", "format": "email"},
        body={"type": "string"},
        subject={"type": "string"},
    )
    assert await filled(offer, "email lena@web.de, subject Invoice, text: please find it attached") == {
        "to": "lena@web.de",
        "subject": "Invoice",
        "body": "please find it attached",
    }


async def test_a_search_without_dates_takes_the_words_that_are_left() -> None:
    offer = tool(
        effect="read",
        query={"type": ["string", "null"], "description": "Words to look for."},
        day={"type": "string", "format": "date"},
    )
    assert await filled(offer, "When is my dentist appointment?") == {"query": "dentist appointment"}
