"""One release of each skill, so that everything fits."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.graphs import FakeIndex, Graph, admits, here, problem, release, solved, versions
from skillkernel.errors import SkillKernelError, UsageError
from skillkernel.names import skill_name
from skillkernel_registry.errors import ResolutionTooLong
from skillkernel_registry.request import parse_named
from skillkernel_registry.resolution.choice import Choice
from skillkernel_registry.resolution.explain import choose_all
from skillkernel_registry.resolution.solve import search

GEO: Graph = {
    "geo": {"1.0": (), "2.0": (), "3.0": (), "3.1": ()},
    "weather": {"1.0": ("geo<3",), "2.0": ("geo>=3",)},
    "mail": {"1.2": ("geo<2",), "1.4": ("geo>=3",)},
}


def test_the_newest_of_each_is_taken() -> None:
    assert solved(FakeIndex(GEO), "weather") == {"weather": "2.0", "geo": "3.1"}


def test_an_earlier_choice_is_taken_back_when_a_later_one_excludes_it() -> None:
    graph: Graph = {
        "aa": {"1": ("cc<2",), "2": ("cc<2",)},
        "bb": {"1": ("cc<2",), "2": ("cc>=2",)},
        "cc": {"1": (), "2": ()},
    }
    assert solved(FakeIndex(graph), "aa", "bb") == {"aa": "2", "bb": "1", "cc": "1"}


def test_what_was_asked_for_comes_first_in_that_order() -> None:
    found = choose_all(problem("mail", "weather"), FakeIndex(GEO))
    assert [choice.name for choice in found] == ["mail", "weather", "geo"]


def test_skills_that_require_each_other_are_fine() -> None:
    graph: Graph = {
        "aa": {"1": ("bb>=1",), "2": ("bb>=2",)},
        "bb": {"1": ("aa",), "2": ("aa>=2",)},
        "cc": {"1": ("cc",)},
    }
    assert solved(FakeIndex(graph), "aa") == {"aa": "2", "bb": "2"}
    assert solved(FakeIndex(graph), "cc") == {"cc": "1"}


def test_what_is_installed_stays_and_no_record_is_read_for_it() -> None:
    index = FakeIndex(GEO)
    assert solved(index, "weather", there=[here("weather", "1.0", "geo<3"), here("geo", "1.0")])["weather"] == "1.0"
    assert index.asked == []


def test_what_a_new_skill_requires_stays_too_where_it_fits() -> None:
    index = FakeIndex(GEO)
    assert solved(index, "weather", there=[here("geo", "3.0")]) == {"weather": "2.0", "geo": "3.0"}
    assert "geo" not in index.asked


def test_an_installed_skill_changes_only_when_it_has_to() -> None:
    assert solved(FakeIndex(GEO), "weather==2.0", there=[here("geo", "1.0")]) == {"weather": "2.0", "geo": "3.1"}


def test_an_installed_skill_that_requires_what_changes_goes_on_fitting() -> None:
    there = [here("geo", "1.0"), here("mail", "1.2", "geo<2"), here("other", "1.0")]
    assert solved(FakeIndex(GEO), "weather==2.0", there=there) == {"weather": "2.0", "geo": "3.1", "mail": "1.4"}


def test_the_newest_release_is_not_taken_when_an_installed_skill_cannot_follow() -> None:
    there = [here("geo", "1.0"), here("stuck", "1.0", "geo<2")]
    assert solved(FakeIndex(GEO), "weather", there=there) == {"weather": "1.0", "geo": "1.0"}


def test_an_upgrade_brings_the_newest_that_fits_and_changes_nothing_else() -> None:
    there = [here("weather", "1.0", "geo<3"), here("geo", "1.0"), here("mail", "1.2", "geo<2")]
    graph: Graph = {
        **GEO,
        "weather": {"1.0": ("geo<3",), "1.5": ("geo<3",), "2.0": ("geo>=3",)},
        "mail": {"1.2": ("geo<2",)},
    }
    assert solved(FakeIndex(graph), newest=["weather"], there=there) == {"weather": "1.5", "geo": "1.0"}


def test_an_upgrade_never_goes_back_by_itself() -> None:
    assert solved(FakeIndex({"geo": {"1.0": ()}}), newest=["geo"], there=[here("geo", "2.0")]) == {"geo": "2.0"}


def test_an_exact_version_goes_back_when_it_is_asked_for() -> None:
    assert solved(FakeIndex(GEO), "geo==1.0", there=[here("geo", "3.1")]) == {"geo": "1.0"}


def test_an_installed_skill_moves_to_another_index_only_by_name() -> None:
    there = [here("geo", "1.0", index="elsewhere")]
    with pytest.raises(UsageError, match="not from an index") as caught:
        solved(FakeIndex(GEO), "weather==2.0", there=there)
    assert "ask for geo too" in caught.value.hint
    assert solved(FakeIndex(GEO), "weather==2.0", "geo>1", there=there) == {"weather": "2.0", "geo": "3.1"}
    assert solved(FakeIndex(GEO), newest=["geo"], there=there, moves=False) == {"geo": "1.0"}


def test_a_pre_release_comes_only_by_name_alone_or_by_the_option() -> None:
    graph: Graph = {"aa": {"1": ("bb",)}, "bb": {"1.0": (), "2.0rc1": ()}, "cc": {"1": ("dd",)}, "dd": {"1.0a1": ()}}
    assert solved(FakeIndex(graph), "aa")["bb"] == "1.0"
    assert solved(FakeIndex(graph), "cc")["dd"] == "1.0a1"
    assert solved(FakeIndex(graph), "aa", "bb>=2.0rc1")["bb"] == "2.0rc1"
    assert solved(FakeIndex(graph), "aa", pre=True)["bb"] == "2.0rc1"


def test_a_withdrawn_release_comes_only_when_it_is_pinned() -> None:
    index = FakeIndex({"aa": {"1": ("bb",)}}, bb=[release("1.0"), release("1.1", yanked="loses data")])
    assert solved(index, "aa")["bb"] == "1.0"
    assert solved(index, "aa", "bb==1.1")["bb"] == "1.1"
    assert solved(index, "aa", there=[here("bb", "1.1")])["bb"] == "1.1"


def test_releases_for_other_kernels_and_pythons_are_passed_over() -> None:
    index = FakeIndex(
        {"aa": {"1": ("bb",)}},
        bb=[release("1.0"), release("2.0", requires_kernel=">=9"), release("3.0", requires_python="<3")],
    )
    assert solved(index, "aa")["bb"] == "1.0"


@pytest.mark.parametrize("bad", ["geo @ https://x.example/", "geo[extra]", "geo>>1", "Geo!"])
def test_a_release_whose_requirements_cannot_be_read_is_passed_over(bad: str) -> None:
    index = FakeIndex({"geo": {"1.0": ()}}, aa=[release("1.0"), release("2.0", bad)])
    assert solved(index, "aa") == {"aa": "1.0"}


def test_a_release_that_requires_more_than_a_manifest_may_is_passed_over() -> None:
    index = FakeIndex({"geo": {"1.0": ()}}, aa=[release("1.0"), release("2.0", *["geo"] * 51)])
    assert solved(index, "aa") == {"aa": "1.0"}


def test_a_search_without_an_end_is_ended() -> None:
    """Every combination has to be tried: each skill excludes the next one's versions but never says so twice alike."""
    names = [f"s{number}" for number in range(12)]
    graph: Graph = {
        name: {f"{n}": tuple(f"{other}!={n}" for other in names if other != name) for n in range(1, 12)}
        for name in names
    }
    with pytest.raises(ResolutionTooLong, match="300 steps") as caught:
        search(problem(*names), FakeIndex(graph), rounds=300)
    assert "NAME==VERSION" in caught.value.hint


@pytest.mark.parametrize("circle", [{"aa": {"1": ("aa",)}}, {"aa": {"1": ("bb",)}, "bb": {"1": ("aa",)}}])
def test_skills_that_require_each_other_are_forgotten_with_the_choice_that_needed_them(circle: Graph) -> None:
    graph: Graph = {**circle, "cc": {"3": ("aa",), "1": ()}, "dd": {"1": ("cc<3",)}}
    assert solved(FakeIndex(graph), "cc", "dd") == {"cc": "1", "dd": "1"}


def test_a_chain_that_never_ends_is_cut() -> None:
    class Endless(FakeIndex):
        def __call__(self, name: str) -> object:  # type: ignore[override] # it has every name
            self.releases[name] = [release("1.0", f"s{int(name[1:]) + 1}")]
            return super().__call__(skill_name(name))

    from skillkernel_registry.resolution import stock

    endless = Endless({})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stock, "NAME_LIMIT", 50)
        with pytest.raises(ResolutionTooLong, match="more than 50 skills"):
            choose_all(problem("s0"), endless)  # type: ignore[arg-type] # the same
    assert len(endless.asked) == 50


VERSIONS = ("1", "2", "3", "4rc1")
NAMES = ("aa", "bb", "cc", "dd", "ee")
SPECIFIERS = ("", ">=2", "<3", "!=2", "==1", "==3", "~=2.0", ">=4rc1", "<2")


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    demand = st.tuples(st.sampled_from((*NAMES, "ghost")), st.sampled_from(SPECIFIERS)).map("".join)
    return {
        name: {
            version: tuple(draw(st.lists(demand, max_size=3)))
            for version in draw(st.lists(st.sampled_from(VERSIONS), unique=True, min_size=1))
        }
        for name in NAMES
    }


def asked_of(draw: st.DrawFn) -> list[str]:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=3))
    return [f"{name}{draw(st.sampled_from(SPECIFIERS))}" for name in names]


def fits(asked: list[str], graph: Graph, chosen: dict[str, str]) -> bool:
    """Whether every demand of the person and of each chosen skill holds."""
    demands = [*asked, *(text for name, version in chosen.items() for text in graph[name][version])]
    return all(
        request.name in chosen and admits(str(request.specifier), chosen[request.name])
        for request in map(parse_named, demands)
    )


def finals_of(graph: Graph) -> Graph:
    return {
        name: {version: req for version, req in all_.items() if "rc" not in version} for name, all_ in graph.items()
    }


def exhaustive(asked: list[str], graph: Graph) -> bool:
    """Whether any choice of one version, or none, of each skill fits."""
    options = [[None, *graph[name]] for name in NAMES]
    for picked in itertools.product(*options):
        chosen = {name: version for name, version in zip(NAMES, picked, strict=True) if version is not None}
        if fits(asked, graph, chosen):
            return True
    return False


def outcome(graph: Graph, *asked: str, pre: bool = False) -> dict[str, str] | SkillKernelError:
    try:
        return versions(choose_all(problem(*asked, pre=pre), FakeIndex(graph)))
    except SkillKernelError as error:
        return error


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_what_is_found_fits_and_what_fits_is_found(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    asked = data.draw(st.composite(asked_of)())
    chosen = outcome(graph, *asked)
    if isinstance(chosen, SkillKernelError):
        assert not exhaustive(asked, finals_of(graph)), chosen.message
    else:
        assert fits(asked, graph, chosen)


def test_a_choice_that_resolvelib_passes_over_is_found() -> None:
    graph: Graph = {
        "dd": {"1": (), "2": (), "3": ("ghost",), "4": ("ee==3",)},
        "ee": {"1": (), "2": (), "3": ("dd==3",), "4": ()},
    }
    assert versions(choose_all(problem("dd"), FakeIndex(graph))) == {"dd": "2"}


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_with_pre_releases_admitted_nothing_that_fits_is_missed(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    asked = data.draw(st.composite(asked_of)())
    chosen = outcome(graph, *asked, pre=True)
    if isinstance(chosen, SkillKernelError):
        assert not exhaustive(asked, graph), chosen.message
        assert len(chosen.message.splitlines()) == 1
    else:
        assert fits(asked, graph, chosen)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_the_installed_skills_fit_after_every_change(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    first = data.draw(st.composite(asked_of)())
    try:
        before = versions(choose_all(problem(*first), FakeIndex(graph)))
    except SkillKernelError:
        return
    there = [here(name, version, *graph[name][version]) for name, version in before.items()]
    asked = data.draw(st.composite(asked_of)())
    newest = data.draw(st.lists(st.sampled_from(sorted(before)), unique=True))
    try:
        changed = versions(choose_all(problem(*asked, there=there, newest=newest), FakeIndex(graph)))
    except SkillKernelError:
        return
    assert fits(asked, graph, before | changed)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_the_same_question_has_the_same_answer(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    asked = data.draw(st.composite(asked_of)())

    def answer(index: FakeIndex) -> object:
        try:
            return versions(choose_all(problem(*asked), index))
        except SkillKernelError as error:
            return error.message, error.hint, error.detail

    shuffled = {name: dict(reversed(list(graph[name].items()))) for name in reversed(NAMES)}
    assert answer(FakeIndex(graph)) == answer(FakeIndex(shuffled))


def test_choices_are_shown_as_name_and_version() -> None:
    found: tuple[Choice, ...] = choose_all(problem("geo"), FakeIndex(GEO))
    assert [str(choice) for choice in found] == ["geo 3.1"]
