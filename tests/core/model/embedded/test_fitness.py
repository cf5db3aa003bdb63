"""Which of two tools a request's numbers, times and options speak for."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from skillkernel.model.driver import ToolOffer
from skillkernel.model.embedded.evidence import gather
from skillkernel.model.embedded.fitness import acts_of_tool, carries, fitness
from skillkernel.model.embedded.verbs import Act

NOW = datetime(2026, 3, 10, 9, 15, tzinfo=ZoneInfo("Europe/Berlin"))
CLOCK = {"type": "string", "pattern": r"^\d{2}:\d{2}(:\d{2}(\.\d+)?)?$"}
DAY = {"type": "string", "format": "date"}
MOMENT = {"type": "string", "format": "date-time"}
NUMBER = {"type": "number"}
TEXT = {"type": "string"}


def tool(wire_name: str, required: str = "", examples: tuple[str, ...] = (), **properties: Any) -> ToolOffer:
    schema = {"type": "object", "properties": properties, "required": required.split()}
    return ToolOffer(f"some__{wire_name}", "Do it.", schema, "write", examples)


ALARM = tool("alarm", "at", at=CLOCK)
EVENT = tool("create_event", "title start", title=TEXT, start=MOMENT)
LIST = tool("list", day=DAY)
TIMER = tool("timer", "seconds", seconds={"type": "integer"})
SHARE = tool("share", "percent value", percent=NUMBER, value=NUMBER)
COMPARE = tool("compare", "base value", base=NUMBER, value=NUMBER)
TASK = tool("add", "title", title=TEXT, priority={"type": "string", "enum": ["low", "high"]})
CONTACT = tool("contact", "name", name=TEXT, phone=TEXT)
WEATHER = tool("forecast", place={"type": "string", "description": "City."}, day=DAY)


@pytest.mark.parametrize(
    ("text", "better", "worse"),
    [
        ("wake me at 7", ALARM, LIST),
        ("wake me at 7", ALARM, EVENT),
        ("physio on the 17th at 11, takes 45 minutes", EVENT, TIMER),
        ("count down 90 seconds", TIMER, LIST),
        ("what is 15% of 80", SHARE, COMPARE),
        ("what percentage of 80 is 12", COMPARE, SHARE),
        ("renew the passport, high priority", TASK, EVENT),
        ("Ed Moss, 020 7946 0991", CONTACT, TASK),
        ("rain in Manchester on Saturday?", WEATHER, LIST),
    ],
)
def test_the_tool_fits_better_that_takes_what_the_request_holds(text: str, better: ToolOffer, worse: ToolOffer) -> None:
    evidence = gather(text, NOW)
    assert fitness(better, evidence) > fitness(worse, evidence)


def test_half_a_request_carries_a_call_when_it_says_what_and_when() -> None:
    assert carries(EVENT, gather("create lunch tomorrow at 12", NOW))
    assert not carries(EVENT, gather("create lunch", NOW))
    assert not carries(EVENT, gather("create tomorrow at 12", NOW))


def test_what_a_tool_does_is_told_by_its_examples_too() -> None:
    assert Act.RUN in acts_of_tool(tool("blinds", examples=("Open the blinds",)))
