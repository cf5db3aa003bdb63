"""Names that went through their check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.errors import InvalidName
from skillkernel.names import ToolId, sha256, skill_name, tool_id, tool_name


@pytest.mark.parametrize("text", ["ab", "calendar", "a-b", "x1", "a" * 31])
def test_a_skill_name(text: str) -> None:
    assert skill_name(text) == text


@pytest.mark.parametrize(
    "text", ["", "a", "A", "Calendar", "1a", "-a", "a_b", "a.b", "a b", "a" * 32, "ab\n", "кот", "../x"]
)
def test_what_is_no_skill_name(text: str) -> None:
    with pytest.raises(InvalidName, match="is not a skill name"):
        skill_name(text)


@pytest.mark.parametrize("text", ["a", "list_events", "a1", "a_", "x" * 60])
def test_a_tool_name(text: str) -> None:
    assert tool_name(text) == text


@pytest.mark.parametrize("text", ["", "_a", "a__b", "A", "a-b", "a.b", "a\n", "1"])
def test_what_is_no_tool_name(text: str) -> None:
    with pytest.raises(InvalidName, match="is not a tool name"):
        tool_name(text)


def test_a_tool_has_a_name_for_people_and_one_for_models() -> None:
    tool = tool_id("my-notes.add_note")
    assert str(tool) == "my-notes.add_note"
    assert tool.wire == "my_notes__add_note"
    assert tool == ToolId(skill_name("my-notes"), tool_name("add_note"))


@pytest.mark.parametrize(
    "text", ["calendar", "calendar.", ".list", "calendar.list.x", "Calendar.list", "calendar__list"]
)
def test_what_names_no_tool(text: str) -> None:
    with pytest.raises(InvalidName):
        tool_id(text)


def test_a_digest_has_64_lower_case_digits() -> None:
    assert sha256("0f" * 32) == "0f" * 32
    for text in ("0F" * 32, "0f" * 31, "0g" * 32, "0f" * 32 + "\n"):
        with pytest.raises(InvalidName):
            sha256(text)


@given(st.text().map(lambda text: f"{text} "))
def test_an_error_stays_on_one_short_line(text: str) -> None:
    with pytest.raises(InvalidName) as wrong:
        skill_name(text)
    assert len(wrong.value.message) < 700
    assert "\n" not in wrong.value.message
    assert wrong.value.hint


@given(
    st.from_regex(r"[a-z][a-z0-9-]{1,30}", fullmatch=True),
    st.from_regex(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", fullmatch=True),
)
def test_people_and_parser_agree(skill: str, tool: str) -> None:
    assert str(tool_id(f"{skill}.{tool}")) == f"{skill}.{tool}"
