"""What a person reads when nothing fits."""

from typing import Any

import pytest

from fakes.graphs import FakeIndex, Graph, here, problem, release, solved
from skillkernel.errors import Missing, SkillKernelError, UsageError
from skillkernel_registry.errors import RequiredSkillUnknown, SkillsConflict
from skillkernel_registry.resolution.explain import choose_all

GRAPH: Graph = {
    "geo": {"1.0": (), "2.0": (), "3.0": (), "3.1": ()},
    "weather": {"1.0": ("geo<3",), "2.0": ("geo>=3",)},
    "mail": {"1.2": ("geo<2",), "1.4": ("geo>=3",)},
    "trip": {"1": ("weather>=2",)},
    "ghostly": {"1": ("nowhere",)},
    "haunted": {"1": ("ghostly",)},
    "too-far": {"1": ("geo>=9",)},
    "many": {f"1.{number}": ("geo>=3",) for number in range(9)},
    "few": {"1": ("geo>=3",), "2": ("geo>=3.1",)},
}


def refused(*asked: str, index: FakeIndex | None = None, **more: Any) -> SkillKernelError:
    with pytest.raises(SkillKernelError) as caught:
        solved(index or FakeIndex(GRAPH), *asked, **more)
    return caught.value


def test_a_conflict_names_both_sides_what_there_is_and_what_to_ask_for() -> None:
    error = refused("weather==2.0", "mail==1.2")
    assert isinstance(error, SkillsConflict)
    assert error.message == (
        "weather 2.0, which you asked for, requires geo>=3, but mail 1.2, which you asked for, requires geo<2"
    )
    assert error.detail == "there are: geo 1.0, 2.0, 3.0, 3.1"
    assert error.hint == "ask for mail==1.4, which takes geo>=3"


def test_a_chain_leads_back_to_what_was_asked_for() -> None:
    error = refused("trip", "mail==1.2")
    assert "weather 2.0 (required by trip 1, which you asked for) requires geo>=3" in error.message


def test_what_fits_was_tried_before_it_is_hinted_at() -> None:
    error = refused("weather==2.0", "mail==1.2")
    asked = error.hint.removeprefix("ask for ").partition(",")[0]
    assert solved(FakeIndex(GRAPH), "weather==2.0", asked)["geo"] == "3.1"


def test_an_installed_skill_in_the_way_is_named() -> None:
    there = [here("geo", "1.0"), here("stuck", "1.0", "geo<2")]
    error = refused("trip", there=there)
    assert "the installed stuck 1.0 requires geo<2" in error.message
    assert error.hint == "uninstall stuck first, or ask for a release of it that fits"


def test_what_can_only_be_left_out_is_named() -> None:
    graph: Graph = {"one": {"1": ("geo<2",)}, "two": {"1": ("geo>=2",)}, "geo": {"1": (), "2": ()}}
    assert refused("one", "two", index=FakeIndex(graph)).hint == "leave out one: the rest fits together"


def test_a_pre_release_that_would_fit_is_named() -> None:
    graph: Graph = {
        "lib": {"1.0": ("geo<2",), "2.0rc1": ("geo>=2",)},
        "two": {"1": ("geo>=2",)},
        "geo": {"1": (), "2": ()},
    }
    assert refused("lib", "two", index=FakeIndex(graph)).hint == "a pre-release fits: ask for lib==2.0rc1 too"


def test_many_versions_of_one_skill_are_one_clause() -> None:
    assert "many 1.0 to 1.8 (9 releases), which you asked for, require geo>=3" in refused("many", "mail==1.2").message
    assert "few, which you asked for, requires geo>=3.1 (2) or geo>=3 (1)" in refused("few", "mail==1.2").message


def test_two_things_that_were_asked_for_exclude_each_other() -> None:
    error = refused("geo<2", "geo>=2")
    assert error.message == "you asked for geo<2 and geo>=2, and no release of geo is both"


def test_a_skill_that_no_index_has_is_named_with_who_requires_it() -> None:
    error = refused("haunted")
    assert isinstance(error, RequiredSkillUnknown)
    assert error.message == (
        "ghostly 1 (required by haunted 1, which you asked for) requires nowhere, which no index has"
    )
    assert error.name == "nowhere"
    assert "do not take nowhere from anywhere else" in error.hint


def test_a_version_that_there_is_not_is_named_with_who_requires_it() -> None:
    error = refused("too-far")
    assert error.message == (
        "too-far 1, which you asked for, requires geo>=9, but no release of geo is >=9; there are: 1.0, 2.0, 3.0, 3.1"
    )
    assert error.hint == "tell whoever publishes too-far"
    assert refused("geo==9").message == "no release of geo is ==9; there are: 1.0, 2.0, 3.0, 3.1"


@pytest.mark.parametrize(
    ("need", "said"),
    [
        ({"requires_kernel": ">=9"}, "needs skillkernel >=9; this is 0.1.0"),
        ({"requires_python": "<3"}, "needs Python <3"),
    ],
)
def test_another_kernel_or_python_is_named_with_who_requires_it(need: dict[str, str], said: str) -> None:
    index = FakeIndex({"user": {"1": ("core",)}}, core=[release("1.0", **need)])
    error = refused("user", index=index)
    assert isinstance(error, Missing)
    assert error.message.startswith("user 1, which you asked for, requires core, but core 1.0 ")
    assert said in error.message


def test_releases_that_were_all_withdrawn_are_named_with_the_reason() -> None:
    index = FakeIndex({"user": {"1": ("gone",)}}, gone=[release("1.0", yanked="loses data")])
    assert refused("user", index=index).message == (
        "user 1, which you asked for, requires gone, but every release of gone was withdrawn (1.0: loses data)"
    )
    assert refused("gone", index=index).hint == "only an exact == takes one that was"


def test_an_installed_skill_that_no_index_has_cannot_change() -> None:
    error = refused("user", index=FakeIndex({"user": {"1": ("own>=2",)}}), there=[here("own", "1.0")])
    assert error.message == (
        "user 1, which you asked for, requires own>=2, but own 1.0 is installed, and no index has it"
    )


def test_what_an_index_does_not_answer_is_not_taken_for_nothing() -> None:
    def unreachable(name: str) -> None:
        raise Missing(f"the index does not answer for {name}")

    with pytest.raises(Missing, match="does not answer for geo"):
        choose_all(problem("geo"), unreachable)


def test_an_error_is_one_line_with_a_hint() -> None:
    for asked in (("weather==2.0", "mail==1.2"), ("haunted",), ("too-far",), ("few", "mail==1.2")):
        error = refused(*asked)
        assert isinstance(error, UsageError)
        assert "\n" not in error.message
        assert error.hint
