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
