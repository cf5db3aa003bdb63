"""What an index asks of its releases is read from its signed root, or refused when it has no form."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.signed_use import fetched, opened
from fakes.tuf_repository import TufRepository
from skillkernel.catalogue.types import Layout
from skillkernel.names import skill_name
from skillkernel_registry.errors import IndexTampered
from skillkernel_registry.trust.policy import Policy, parse_policy

NAMES = st.from_regex(r"[a-z][a-z0-9]{1,8}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def asks(value: Any) -> Policy:
    return parse_policy({"x-skillkernel": {"attestations": value}}, "root 1")


@given(NAMES)
def test_all_and_none_are_about_every_name(name: str) -> None:
    assert asks("all").must_attest(skill_name(name))
    assert not asks("none").must_attest(skill_name(name))
    assert not asks([]).must_attest(skill_name(name))
    assert not parse_policy({}, "root 1").must_attest(skill_name(name))


@given(NAMES, NAMES)
def test_a_name_in_the_list_is_about_itself(name: str, other: str) -> None:
    assert asks([name]).must_attest(skill_name(name))
    assert asks([name]).must_attest(skill_name(other)) == (name == other)


@given(NAMES, NAMES)
def test_a_pattern_is_about_what_fits(name: str, other: str) -> None:
    assert asks([f"{name}*"]).must_attest(skill_name(f"{name}x"))
    assert asks(["nothing", f"{name}-?"]).must_attest(skill_name(f"{name}-a"))
    assert asks([f"{name}*"]).must_attest(skill_name(other)) == other.startswith(name)


@given(JSON)
def test_anything_else_is_refused(value: Any) -> None:
    if value in ("none", "all") or (isinstance(value, list) and all(isinstance(one, str) for one in value)):  # pyright: ignore[reportUnknownVariableType] # JSON of any shape
        asks(value)
        return
    with pytest.raises(IndexTampered, match="root 1 has a field x-skillkernel that cannot be followed"):
        asks(value)


@pytest.mark.parametrize("field", [None, [], "all", 1])
def test_a_field_of_another_kind_is_refused(field: Any) -> None:
    with pytest.raises(IndexTampered, match="cannot be followed"):
        parse_policy({"x-skillkernel": field}, "root 1")


async def test_the_newest_root_says_what_is_asked(layout: Layout, repository: TufRepository, where: str) -> None:
    async with opened(layout, where) as index:
        assert not index.must_attest(skill_name("tiny"))
    repository.root.unrecognized_fields["x-skillkernel"] = {"attestations": ["ti*"], "later": 1}
    repository.write_root()
    async with opened(layout, where) as index:
        assert index.must_attest(skill_name("tiny"))
        assert not index.must_attest(skill_name("calendar"))


async def test_an_index_that_asks_what_nobody_can_follow_is_refused(
    layout: Layout, repository: TufRepository, where: str
) -> None:
    repository.root.unrecognized_fields["x-skillkernel"] = {"attestations": "some"}
    repository.write_root()
    with pytest.raises(IndexTampered, match="the index's root 2 has a field x-skillkernel"):
        await fetched(layout, where)
