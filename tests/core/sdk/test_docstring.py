"""Docstrings in the three styles that people write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.sdk.docstring import parse_docstring

GOOGLE = """Book an event in
    the calendar.

    It may be all day long.

    Args:
        title: What it is,
            in a few words.
        start (datetime, optional): When: the first moment.
        *others: Not a tool's.

    Returns:
        id: The event's id.

    Raises:
        ToolError: When it clashes.
    """

NUMPY = """Book an event in the calendar.

    It may be all day long.

    Parameters
    ----------
    title : str
        What it is,
        in a few words.
    start, end : datetime, optional
        When.

    Returns
    -------
    id : str
        The event's id.
    """

REST = """Book an event in the calendar.

    It may be all day long.

    :param title: What it is,
        in a few words.
    :param datetime start: When: the first moment.
    :type title: str
    :returns: the id
    :raises ToolError: when it clashes
    """


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        (
            GOOGLE,
            {
                "title": "What it is, in a few words.",
                "start": "When: the first moment.",
                "others": "Not a tool's.",
            },
        ),
        (NUMPY, {"title": "What it is, in a few words.", "start": "When.", "end": "When."}),
        (REST, {"title": "What it is, in a few words.", "start": "When: the first moment."}),
    ],
    ids=["Google", "NumPy", "reST"],
)
def test_each_style_gives_description_and_parameters(text: str, parameters: dict[str, str]) -> None:
    said = parse_docstring(text)
    assert said.description == "Book an event in the calendar.\n\nIt may be all day long."
    assert said.parameters == parameters


def test_a_plain_docstring_is_a_description() -> None:
    assert parse_docstring("Add two numbers.\n").description == "Add two numbers."
    assert parse_docstring("").description == ""


def test_a_sentence_with_a_colon_is_no_section() -> None:
    said = parse_docstring("List events.\n\nTwo orders: by time, by name.\n\nArgs:\n    by: The order.\n")
    assert said.description == "List events.\n\nTwo orders: by time, by name."
    assert said.parameters == {"by": "The order."}


def test_a_parameter_without_words_is_not_described() -> None:
    assert parse_docstring("Do.\n\nArgs:\n    x:\n").parameters == {}


@given(st.text(alphabet=st.sampled_from("Args:\n -paramx()Returns\t*"), max_size=80))
def test_no_docstring_breaks_the_parser(text: str) -> None:
    said = parse_docstring(text)
    assert all(value and "\n" not in value for value in said.parameters.values())
