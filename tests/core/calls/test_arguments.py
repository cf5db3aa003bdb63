"""From a model's text to a JSON object, or to an error that names the place."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.calls.arguments import MAX_BYTES, MAX_DEPTH, ParsedArguments, parse_arguments
from skillkernel.errors import ArgumentsInvalid

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
)
OBJECTS = st.dictionaries(TEXT, JSON, max_size=5)
CARELESS = st.lists(
    st.sampled_from(
        [
            *"{}[],:\"'\\/#*` \n\t",
            "\\u",
            "d800",
            "True",
            "None",
            "NaN",
            "null",
            "1",
            "-",
            "e9",
            "a",
            "```",
            "/*",
            "//",
            "é",
            "😀",
        ]
    )
).map("".join)


def refused(text: str, *, repair: bool = True) -> str:
    with pytest.raises(ArgumentsInvalid) as caught:
        parse_arguments(text, repair=repair)
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value.message


@given(OBJECTS, st.sampled_from([None, 2]), st.booleans(), st.booleans())
def test_every_json_object_is_read_as_it_stands(
    value: dict[str, Any], indent: int | None, ascii_only: bool, repair: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert parse_arguments(text, repair=repair) == ParsedArguments(value)


@given(st.text() | CARELESS | CARELESS.map(lambda text: "{" + text), st.booleans())
def test_no_text_raises_anything_else(text: str, repair: bool) -> None:
    try:
        parsed = parse_arguments(text, repair=repair)
    except ArgumentsInvalid:
        return
    json.dumps(parsed.value, allow_nan=False, ensure_ascii=False).encode()


@given(OBJECTS)
def test_python_spelling_of_an_object_is_read_as_the_object(value: dict[str, Any]) -> None:
    text = repr(value)
    if re.search(r"\\[xUu]", text):
        return
    assert parse_arguments(text, repair=True).value == value


@given(OBJECTS, st.data())
def test_text_cut_anywhere_is_refused_or_loses_only_what_was_not_written(
    value: dict[str, Any], data: st.DataObject
) -> None:
    text = json.dumps(value)
    head = text[: data.draw(st.integers(1, len(text)))]
    try:
        parsed = parse_arguments(head, repair=True)
    except ArgumentsInvalid:
        return
    for key, part in parsed.value.items():
        assert key in value
        assert isinstance(part, dict | list) or part == value[key]


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_blank_text_is_no_arguments(text: str) -> None:
    assert parse_arguments(text, repair=False) == ParsedArguments({})


@pytest.mark.parametrize(
    ("text", "value", "reason"),
    [
        ('{"a": [1, 2,], }', {"a": [1, 2]}, "trailing commas were left out"),
        ('```json\n{"a": "x"}\n```', {"a": "x"}, "the code fence around it was taken off"),
        ("{'a': 'it\\'s \"so\"'}", {"a": 'it\'s "so"'}, "single quotes were made double"),
        ('{"a": True, "b": None, "c": False}', {"a": True, "b": None, "c": False}, "Python's True, False and None"),
        ('"{\\"a\\": 1}"', {"a": 1}, "the object was encoded twice"),
        ('{"a": [{"b": "y"', {"a": [{"b": "y"}]}, "the missing }]} was added at the end"),
        ('{"a": {"b": true', {"a": {"b": True}}, "the missing }} was added at the end"),
        ('{"a": "b"}}]', {"a": "b"}, "brackets after the end were left out"),
        ('{a: 1, b_2: "x"}', {"a": 1, "b_2": "x"}, "quotes were put around keys"),
        ('{"a": 1, // one\n "b": /* two */ 2 # three\n}', {"a": 1, "b": 2}, "comments were left out"),
        ('{"a": "x\ny"}', {"a": "x\ny"}, "raw line breaks and tabs in strings were escaped"),
        ('{"a": "http://x/#y", "b": "/* no */"}, ', {"a": "http://x/#y", "b": "/* no */"}, "trailing commas"),
    ],
)
def test_careless_spelling_is_mended_for_reads_and_refused_for_the_rest(
    text: str, value: dict[str, Any], reason: str
) -> None:
    parsed = parse_arguments(text, repair=True)
    assert parsed.value == value
    assert len(parsed.repaired) == 1
    assert parsed.repaired[0].startswith(reason)
    refused(text, repair=False)


def test_several_repairs_are_all_told() -> None:
    assert parse_arguments("```\n{'a': True, b: [1,]}\n```", repair=True) == ParsedArguments(
        {"a": True, "b": [1]},
        (
            "the code fence around it was taken off",
            "single quotes were made double",
            "Python's True, False and None were respelled",
            "quotes were put around keys",
            "trailing commas were left out",
        ),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": "x', "a string or comment starts here and never ends: line 1, column 7"),
        ('{"a": 12', "it is cut off in the middle"),
        ('{"a": 1,', "it is cut off in the middle"),
        ("{", "it is cut off in the middle"),
        ('{"a": [', "it is cut off in the middle"),
        ('{"a"', "expecting ':' delimiter"),
        ("{'a': 'it''s'}", "line 1, column 11, at {'a': 'it' >>> 's'}"),
        ('{"a": "x" "b": "y"}', "line 1, column 11"),
        ('{"a": 1}\n{"b": 2}', "extra data: line 2, column 1"),
        ('{"a": [1}', "} closes nothing"),
        ('{"a": undefined}', "line 1, column 7"),
        ("Sure! {}", "line 1, column 1"),
        ("[1]", "a list, not an object"),
        ('"hello"', "a string, not an object"),
        ("null", "null, not an object"),
        ("3", "a number, not an object"),
        ("true", "true or false, not an object"),
        ('{"a": 1, "a": 1}', 'the key "a" is there twice, line 1, column 10'),
        ('{"x": [{"a": 1}, {"b": {"a": 1}, "b": 2}]}', 'the key "b" is there twice, line 1, column 34'),
        ("{'a': 1, 'a': 1,}", 'the key "a" is there twice'),
        ('"{\\"a\\": 1, \\"a\\": 2}"', 'the key "a" is there twice'),
        ('{"a": NaN}', "NaN is not a JSON number"),
        ('{"a": -Infinity}', "-Infinity is not a JSON number"),
        ("{'a': NaN}", "NaN is not a JSON number"),
        ('{"a": 1e999}', "1e999 is too large"),
        ('{"a": ' + "1" * 10**5 + "}", "more than 1,000 digits"),
        ('{"a": 0.' + "1" * 10**5 + "}", "more than 1,000 digits"),
        ('{"a": "\\ud800"}', "lone surrogate"),
        ('{"a": "\ud800"}', "lone surrogate"),
        ('{"a": "' + "x" * MAX_BYTES + '"}', "larger than 262,144 bytes"),
        ('{"a": "' + "é" * (MAX_BYTES // 2) + '"}', "larger than 262,144 bytes"),
        ('{"a": ' * (MAX_DEPTH + 1), f"more than {MAX_DEPTH} levels"),
    ],
)
def test_what_needs_a_guess_or_is_unsafe_is_refused(text: str, said: str) -> None:
    assert said in refused(text)


def test_the_deepest_allowed_object_is_read() -> None:
    text = '{"a":' * (MAX_DEPTH - 1) + "{}" + "}" * (MAX_DEPTH - 1)
    assert parse_arguments(text, repair=False).value
    assert parse_arguments('{"a": "' + "[{" * 100_000 + '"}', repair=False).value


def test_whole_surrogate_pairs_are_read() -> None:
    assert parse_arguments('{"a": "\\ud83d\\ude00"}', repair=False).value == {"a": "😀"}


def test_a_string_is_not_unpacked_for_other_than_reads() -> None:
    assert "a string, not an object" in refused('"{}"', repair=False)


HOSTILE = [
    "[",
    "{",
    '{"a":',
    "{'",
    '{"a"',
    '"',
    "'",
    "\\",
    "/*",
    "//",
    "#",
    "```",
    "```\n" + " " * 996,
    "(",
    ",",
    ":",
    '"\\',
    "a ",
    "['",
    "é",
    '\\"{',
]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("start", ["", "{", '"', '{"a": "'])
def test_a_hundred_thousand_of_anything_are_refused_at_once(piece: str, start: str) -> None:
    refused(start + piece * (100_000 // len(piece)))


def test_a_fence_that_holds_nothing_is_refused_at_once() -> None:
    refused("```\n" + " " * 200_000 + "x")
    refused("```" + "a" * 200_000 + "```")


def test_the_place_is_marked_and_what_is_hidden_there_is_shown() -> None:
    message = refused('{"a": "x\u202e" \x1b}')
    assert '{"a": "x\\u202e"  >>> \\u001b}' in message
