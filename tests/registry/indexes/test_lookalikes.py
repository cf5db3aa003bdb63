"""Names that could be taken for others are found, and ordinary neighbours are left in peace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel_registry.indexes.lookalikes import lookalikes, why_alike

NAMES = st.from_regex(r"[a-z][a-z0-9-]{1,30}", fullmatch=True)

ALIKE = [
    ("calender", "calendar", "slip"),
    ("caledar", "calendar", "slip"),
    ("caelndar", "calendar", "slip"),
    ("calendarr", "calendar", "slip"),
    ("calendars", "calendar", "slip"),
    ("calculater", "calculator", "slip"),
    ("kalkulator", "calculator", "slip"),
    ("google-calender", "google-calendar", "slip"),
    ("wether", "weather", "slip"),
    ("weathee", "weather", "slip"),
    ("note", "notes", "slip"),
    ("ca1endar", "calendar", "reads"),
    ("n0tes", "notes", "reads"),
    ("rnail", "mail", "reads"),
    ("vveather", "weather", "reads"),
    ("clocs", "docs", "reads"),
    ("mall", "mail", "reads"),
    ("to-do", "todo", "hyphens"),
    ("note--taker", "note-taker", "hyphens"),
    ("notetaker", "note-taker", "hyphens"),
    ("api-weather", "weather-api", "order"),
    ("sheets-google", "google-sheets", "order"),
    ("py-calendar", "calendar", "added"),
    ("pycalendar", "calendar", "added"),
    ("calendar-skill", "calendar", "added"),
    ("skill-calendar", "calendar", "added"),
    ("calendar2", "calendar", "added"),
    ("calendar-v2", "calendar", "added"),
    ("official-notes", "notes", "added"),
]
ORDINARY = [
    ("mail", "maps"),
    ("mail", "email"),
    ("mail", "gmail"),
    ("notes", "note-taker"),
    ("notes", "votes"),
    ("note-taker", "note-maker"),
    ("file-reader", "file-header"),
    ("weather", "leather"),
    ("weather", "weather-alerts"),
    ("slack", "black"),
    ("tasks", "masks"),
    ("form", "forum"),
    ("trello", "cello"),
    ("jira", "jina"),
    ("calendar", "calculator"),
    ("calendar", "google-calendar"),
    ("github", "gitlab"),
    ("github", "github-actions"),
    ("docs", "docker"),
    ("time", "timer"),
    ("translate", "translator-pool"),
    ("units", "unzip"),
    ("photos", "phone"),
    ("music", "basic"),
    ("stock", "clock"),
    ("s3", "s4"),
    ("git", "gif"),
    ("pdf", "pdfs"),
    ("skill-tree", "tree-view"),
]


@pytest.mark.parametrize(("name", "other", "reason"), ALIKE)
def test_a_name_that_could_be_taken_for_another_is_told_with_the_reason(name: str, other: str, reason: str) -> None:
    assert reason in why_alike(name, other)
    assert reason in why_alike(other, name)


@pytest.mark.parametrize(("name", "other"), ORDINARY)
def test_ordinary_names_do_not_alarm(name: str, other: str) -> None:
    assert why_alike(name, other) == why_alike(other, name) == ""


def test_every_known_name_is_looked_at_and_itself_is_none() -> None:
    known = ["calendar", "maps", "calender", "calendar-skill"]
    assert [other for other, _ in lookalikes("calender", known)] == ["calendar"]
    assert [other for other, _ in lookalikes("calendar", known)] == ["calender", "calendar-skill"]


@given(NAMES, NAMES)
def test_it_makes_no_difference_which_name_comes_first(name: str, other: str) -> None:
    assert why_alike(name, other) == why_alike(other, name)
    assert why_alike(name, name) == ""
