"""Did you mean."""

import pytest

from skillkernel.near import nearest

TOOLS = (
    "calendar.create_event",
    "calendar.list_events",
    "calendar.delete_event",
    "calendar.find_free_time",
    "calculator.evaluate",
    "calculator.convert",
    "mail.send_message",
    "weather.forecast",
)
MANY = tuple(
    f"{skill}-{number}.{verb}_{noun}"
    for skill in ("calendar", "mail", "files", "music", "notes", "tasks", "photos", "maps", "bank", "home")
    for verb in ("create", "list", "update", "delete", "search", "send", "move", "share")
    for noun in ("event", "message", "folder", "song", "note")
    for number in range(10)
)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("calender.create_event", "calendar.create_event"),
        ("calendar__creat_event", "calendar.create_event"),
        ("calendar_create_event", "calendar.create_event"),
        ("create_event", "calendar.create_event"),
        ("createEvent", "calendar.create_event"),
        ("Calendar.Create-Event", "calendar.create_event"),
        ("google_calendar.create_event", "calendar.create_event"),
        ("calculator.evalute", "calculator.evaluate"),
        ("eval", "calculator.evaluate"),
        ("forecast", "weather.forecast"),
        ("mail.send", "mail.send_message"),
        ("calendar.event_create", "calendar.create_event"),
    ],
)
def test_the_tool_that_was_meant_comes_first(name: str, meant: str) -> None:
    assert nearest(name, TOOLS)[:1] == (meant,)


@pytest.mark.parametrize("name", ["xyzzy", "", "___", "\x1b", "translate_text", "q" * 100_000])
def test_nothing_is_near_what_is_like_nothing(name: str) -> None:
    assert nearest(name, TOOLS) == ()


@pytest.mark.parametrize(
    ("name", "meant"), [("calender", "calendar"), ("calculater", "calculator"), ("wether", "weather"), ("mial", "mail")]
)
def test_skill_names_are_found_as_well(name: str, meant: str) -> None:
    assert nearest(name, ("calendar", "calculator", "weather", "mail"))[0] == meant


def test_one_of_four_thousand_is_found() -> None:
    assert len(MANY) == 4_000
    tools = (*MANY, *TOOLS)
    assert nearest("calender.find_fre_time", tools)[0] == "calendar.find_free_time"
    assert nearest("wether.forcast", tools)[0] == "weather.forecast"


def test_no_more_than_the_limit_and_each_once() -> None:
    assert len(nearest("calendar.create_event", MANY, limit=2)) == 2
    assert nearest("mail", ["mail", "mail"]) == ("mail",)


def test_names_in_any_script_are_compared() -> None:
    assert nearest("カレンダ", ("カレンダー", "メール")) == ("カレンダー",)
