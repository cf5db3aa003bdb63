"""Whatever bytes an index serves, what comes out is checked values or an error that names the file."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillkernel.errors import IntegrityError, Missing
from skillkernel.names import skill_name
from skillkernel_registry.index_format import parse_index, parse_record, parse_search

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_refused_by_name_or_understood(data: bytes) -> None:
    for parse in (
        lambda: parse_index(data, "place"),
        lambda: parse_record(data, skill_name("tiny"), "place"),
        lambda: parse_search(data, "place"),
    ):
        with suppress(IntegrityError, Missing):
            parse()


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {"index_version": st.just(1), "name": st.just("x")}, optional={"sources": JSON, "releases": JSON, "bases": JSON}
    )
)
def test_an_index_has_sources_or_releases(value: dict[str, Any]) -> None:
    try:
        index = parse_index(json.dumps(value).encode(), "place")
    except IntegrityError:
        return
    assert (index.sources is None) != (index.releases is None)


@pytest.mark.parametrize("folder", ["../elsewhere", "/etc", "a/../../b", "", "https://elsewhere.example"])
def test_a_source_folder_stays_inside(folder: str) -> None:
    data = json.dumps({"index_version": 1, "name": "x", "sources": {"tiny": folder}}).encode()
    with pytest.raises(IntegrityError, match="out of the index"):
        parse_index(data, "place")


@pytest.mark.parametrize("name", ["Tiny", "../x", "x", "a_b"])
def test_a_source_has_a_skills_name(name: str) -> None:
    data = json.dumps({"index_version": 1, "name": "x", "sources": {name: "skills/x"}}).encode()
    with pytest.raises(IntegrityError, match="not a skill name"):
        parse_index(data, "place")


@pytest.mark.parametrize("base", ["http://files.example/", "https://files.example", "ftp://x/", ""])
def test_a_base_is_a_protected_folder(base: str) -> None:
    data = json.dumps({"index_version": 1, "name": "x", "sources": {}, "bases": [base]}).encode()
    with pytest.raises(IntegrityError, match="bases"):
        parse_index(data, "place")


def record(**release: Any) -> bytes:
    one = {"version": "1.0", "wheel": "tiny.whl", "length": 1, "sha256": "0" * 64, **release}
    return json.dumps({"record_version": 1, "name": "tiny", "releases": [one]}).encode()


@pytest.mark.parametrize(
    "release",
    [
        {"version": "1.0\x1b[2J"},
        {"version": "9" * 5_000},
        {"wheel": "x" * 300},
        {"requires_kernel": ">=" + "1" * 5_000},
        {"requires_skills": ["other\n"]},
        {"uploaded": "now\u202e"},
        {"tools": [{"name": "x\ny", "description": "", "effect": "read"}]},
    ],
)
def test_a_release_whose_texts_could_deceive_is_refused(release: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="place is not what an index holds") as caught:
        parse_record(record(**release), skill_name("tiny"), "place")
    assert len(caught.value.message) < 300
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("publisher", ["corp\n  it may\n    nothing", "c\u200borp", "x" * 1_001])
def test_a_publisher_is_one_plain_line(publisher: str) -> None:
    data = json.dumps({"record_version": 1, "name": "tiny", "publisher": publisher}).encode()
    with pytest.raises(IntegrityError, match="hidden characters"):
        parse_record(data, skill_name("tiny"), "place")
    index: dict[str, Any] = {"index_version": 1, "name": "x", "publisher": publisher, "sources": {}}
    with pytest.raises(IntegrityError, match="hidden characters"):
        parse_index(json.dumps(index).encode(), "place")


def test_a_version_that_is_there_twice_is_refused() -> None:
    value = json.loads(record())
    value["releases"] *= 2
    with pytest.raises(IntegrityError, match="a version is there twice"):
        parse_record(json.dumps(value).encode(), skill_name("tiny"), "place")


@pytest.mark.parametrize("name", ["\x1b[2J", "a\nb", "../x", "x" * 10_000])
def test_a_search_holds_names_of_skills(name: str) -> None:
    with pytest.raises(IntegrityError, match="not a skill name"):
        parse_search(json.dumps({"skills": [{"name": name}]}).encode(), "place")
