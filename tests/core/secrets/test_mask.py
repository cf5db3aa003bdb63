"""What a mask finds, and that nothing it returns gives a secret away."""

import html
import json
from base64 import b64encode, urlsafe_b64encode
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from skillkernel.schema.kinds import is_list, is_object
from skillkernel.secrets.mask import LONGEST, Mask, value_problem
from skillkernel.secrets.masking import Masking

VALUE = 'pä"ss/w+rd\\ 9<x>&'
MASK = Mask([("password", VALUE)])

values = st.text(min_size=4, max_size=12).filter(lambda value: not value_problem(value))
pairs = st.lists(st.tuples(st.sampled_from(["password", "token", "a.b-c"]), values), min_size=1, max_size=4)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=20), parts, max_size=4),
    max_leaves=12,
)


def spellings(value: str) -> list[str]:
    encoded = [b64encode(before + value.encode() + b"z").decode() for before in (b"", b"a", b"ab")]
    return [value, value.encode().hex(), quote(value), *encoded]


def strings_in(value: Any) -> list[str]:
    if is_object(value):
        return [text for key, part in value.items() for text in (key, *strings_in(part))]
    if is_list(value):
        return [text for part in value for text in strings_in(part)]
    return [value] if isinstance(value, str) else []


@given(secrets=pairs, data=st.data())
def test_no_masked_text_contains_any_value(secrets: list[tuple[str, str]], data: st.DataObject) -> None:
    pieces = st.one_of(st.text(max_size=8), st.sampled_from([value for _, value in secrets]), st.just("‹secret "))
    text = "".join(data.draw(st.lists(pieces, max_size=12)))
    mask = Mask(secrets)
    for masked in (mask.text(text), mask.cut(text), mask.text(mask.text(text))):
        assert not [value for _, value in secrets if value in masked]


@given(secrets=pairs, value=json_values, data=st.data())
def test_no_string_or_key_of_a_masked_json_value_contains_any_value(
    secrets: list[tuple[str, str]], value: Any, data: st.DataObject
) -> None:
    secret = data.draw(st.sampled_from([value for _, value in secrets]))
    around = {f"before{secret}": [value, {secret: f"{secret}{secret}"}], "again": value}
    masked = strings_in(Mask(secrets).json(around))
    assert not [text for text in masked for _, each in secrets if each in text]


@given(secrets=pairs, data=st.data())
def test_a_text_in_pieces_is_masked_wherever_it_was_cut(secrets: list[tuple[str, str]], data: st.DataObject) -> None:
    whole = st.one_of(st.text(max_size=8), *(st.sampled_from(spellings(value)) for _, value in secrets))
    text = "".join(data.draw(st.lists(whole, max_size=8)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=10)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    masking = Masking()
    for name, value in secrets:
        masking.learn({name: value})
    stream = masking.stream()
    shown = [*map(stream.feed, pieces), stream.end()]
    assert not [text for _, value in secrets for text in spellings(value) if text in "".join(shown)]


def test_ordinary_text_in_pieces_is_not_held_back() -> None:
    masking = Masking()
    masking.learn({"password": VALUE})
    stream = masking.stream()
    assert [stream.feed(piece) for piece in ("Booked, ", "p", "ä at noon", VALUE[:3])] == [
        "Booked, ",
        "",
        "pä at noon",
        "",
    ]
    assert stream.feed(VALUE[3:]) == ""
    assert stream.feed(".") == "‹secret password›."


@given(before=st.binary(max_size=5), after=st.binary(max_size=5), secret=values)
@example(before=b"sam:", after=b"", secret="0000")  # noqa: S106 # of nobody
def test_a_secret_is_found_wherever_it_stands_in_base64(before: bytes, after: bytes, secret: str) -> None:
    for encode in (b64encode, urlsafe_b64encode):
        encoded = encode(before + secret.encode() + after).decode()
        masked = Mask([("key", secret)]).text(f"Authorization: Basic {encoded}")
        assert "‹" in masked
        assert encoded not in masked


@pytest.mark.parametrize(
    "spelled",
    [
        VALUE,
        quote(VALUE, safe=""),
        quote(VALUE),
        quote_plus(VALUE),
        quote(VALUE, safe="").lower().replace("%c3%a4", "%c3%a4"),
        json.dumps(VALUE)[1:-1],
        json.dumps(VALUE, ensure_ascii=False)[1:-1],
        VALUE.replace("/", r"\/"),
        repr(VALUE)[1:-1],
        html.escape(VALUE),
        VALUE.encode().hex(),
        VALUE.encode().hex().upper(),
        b64encode(VALUE.encode()).decode(),
        urlsafe_b64encode(VALUE.encode()).decode().rstrip("="),
        b64encode(f"sam:{VALUE}".encode()).decode(),
    ],
)
def test_every_usual_spelling_is_masked(spelled: str) -> None:
    masked = MASK.text(f"({spelled})")
    assert "‹secret password›" in masked
    assert spelled not in masked


def test_text_around_a_secret_stays_as_it_is() -> None:
    assert MASK.text(f"login {VALUE} failed, {VALUE}!") == "login ‹secret password› failed, ‹secret password›!"
    assert MASK.json({"a": [1, True, None, 1.5, "x"]}) == {"a": [1, True, None, 1.5, "x"]}


def test_a_number_that_is_the_secret_is_masked_and_another_is_not() -> None:
    mask = Mask([("pin", "482913")])
    assert mask.json([482913, 482913.0, 4829130, True]) == ["‹secret pin›", "‹secret pin›", 4829130, True]


def test_secrets_that_overlap_are_both_masked() -> None:
    mask = Mask([("one", "abcdef"), ("two", "defghi")])
    assert mask.text("-abcdefghi-") == "-‹secret one›-"


def test_a_secret_that_stands_in_a_mark_gets_a_mark_without_words() -> None:
    assert Mask([("password", "secret")]).text("my secret") == "my ‹…›"


def test_the_ends_of_a_text_that_was_cut_off_are_masked() -> None:
    mask = Mask([("token", "abcdefghijkl")])
    assert mask.cut("ghijkl and then abcdefg") == "‹secret token› and then ‹secret token›"
    assert mask.cut("jkl and abc") == "jkl and abc"
    assert mask.text("ghijkl") == "ghijkl"


def test_a_mask_does_not_show_what_it_looks_for() -> None:
    assert VALUE not in repr(MASK)


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("", "empty"),
        ("abc", "fewer than 4"),
        ("x" * (LONGEST + 1), "more than"),
        ("abcd\0", "U+0000"),
        ("ab\ncd", "U+000A"),
        ("abcd\x7f", "U+007F"),
        ("ab\ud800cd", "UTF-8"),
        ("ab‹cd", "‹"),
    ],
)
def test_a_value_that_could_not_be_masked_is_named_without_being_shown(value: str, word: str) -> None:
    problem = value_problem(value)
    assert word in problem
    assert not value or value not in problem


def test_a_long_text_full_of_a_secret_that_repeats_itself_is_masked() -> None:
    assert Mask([("key", "a" * 5_000)]).text("a" * 1_000_000) == "‹secret key›" * 200
