"""Which release is taken."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from skillkernel.errors import Missing, UsageError
from skillkernel_registry.index_format import Release
from skillkernel_registry.resolution.versions import Host, choose

HOST = Host(kernel="0.1.0", python="3.11.7")


def release(version: str, *, yanked: bool | str = False, kernel: str = "", python: str = "") -> Release:
    return Release(
        version=version,
        wheel=f"skill_tiny-{version}-py3-none-any.whl",
        length=1,
        sha256="0" * 64,
        yanked=yanked,
        requires_kernel=kernel,
        requires_python=python,
    )


def chosen(specifier: str, *releases: Release) -> str:
    return choose("tiny", releases, SpecifierSet(specifier), HOST).version


def test_the_newest_that_satisfies_is_taken() -> None:
    all_of_them = [release(version) for version in ("1.0", "1.10", "1.9", "2.0")]
    assert chosen("", *all_of_them) == "2.0"
    assert chosen("<2", *all_of_them) == "1.10"
    assert chosen("==1.9", *all_of_them) == "1.9"
    assert chosen("~=1.0", *all_of_them) == "1.10"


def test_a_pre_release_is_taken_only_when_asked_for_or_alone() -> None:
    assert chosen("", release("1.0"), release("2.0rc1")) == "1.0"
    assert chosen(">=2.0rc0", release("1.0"), release("2.0rc1")) == "2.0rc1"
    assert chosen("", release("2.0rc1")) == "2.0rc1"


def test_a_withdrawn_release_is_taken_only_when_it_is_pinned() -> None:
    there = (release("1.0"), release("1.1", yanked="loses data"))
    assert chosen("", *there) == "1.0"
    assert chosen("==1.1", *there) == "1.1"
    with pytest.raises(UsageError) as caught:
        chosen("==1.1.*", *there)
    assert "withdrawn" in caught.value.hint


def test_what_needs_another_kernel_or_python_is_passed_over() -> None:
    assert chosen("", release("1.0"), release("2.0", kernel=">=9"), release("3.0", python=">=3.99")) == "1.0"
    with pytest.raises(Missing, match=r"tiny 2\.0 needs skillkernel >=9; this is 0\.1\.0"):
        chosen(">=2", release("1.0"), release("2.0", kernel=">=9"))
    with pytest.raises(Missing, match="not a specifier"):
        chosen("", release("1.0", kernel="not a specifier"))


def test_no_version_says_which_there_are() -> None:
    with pytest.raises(UsageError, match=r"no release of tiny is >9; there are: 1\.0, 2\.0"):
        chosen(">9", release("2.0"), release("1.0"))
    with pytest.raises(UsageError, match="there are: none"):
        chosen("", release("not a version"))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), min_size=1, unique=True))
def test_what_is_taken_is_never_withdrawn_and_never_older(numbers: list[tuple[int, int, bool]]) -> None:
    releases = [release(f"{major}.{minor}", yanked=yanked) for major, minor, yanked in numbers]
    try:
        taken = choose("tiny", releases, SpecifierSet(""), HOST)
    except UsageError:
        assert all(one.yanked for one in {one.version: one for one in releases}.values())
        return
    assert not taken.yanked
    usable = {one.version: one for one in releases}
    assert Version(taken.version) == max(Version(one.version) for one in usable.values() if not one.yanked)
