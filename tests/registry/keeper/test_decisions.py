"""What changes make of records and search files, and how an index is cut up."""

from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.errors import UsageError
from skillkernel_registry.index_format import Holds, Record, Release, Releases, SearchLine, parse_search
from skillkernel_registry.keeper import changes, search_lists
from skillkernel_registry.keeper.search_lists import LineChange, all_lists, changed_lists, file_of
from skillkernel_registry.keeper.shape import far_outgrown, outgrown, wanted_bits, wanted_prefix
from skillkernel_registry.search_words import shards_of

ONE_FILE = Releases()
CUT_UP = Releases(search="search/{prefix}.json", search_prefix=2)


def release(version: str, digest: str = "0" * 64) -> Release:
    return Release(version=version, wheel=f"{version}.whl", length=1, sha256=digest, summary=f"summary of {version}")


def record(*versions: str) -> Record:
    built: Record | None = None
    for version in versions:
        built = changes.added(built, "tiny", release(version))
    assert built is not None
    return built


def test_releases_stand_in_the_order_of_their_versions() -> None:
    whole = record("1.10", "1.9", "2.0rc1", "1.9.post1")
    assert [one.version for one in whole.releases] == ["1.9", "1.9.post1", "1.10", "2.0rc1"]


def test_a_version_never_changes_its_bytes() -> None:
    with pytest.raises(UsageError, match=r"tiny 1\.0 is published already, with other bytes"):
        changes.added(record("1.0"), "tiny", release("1.0", "1" * 64))


def test_publishing_again_keeps_yank_and_time() -> None:
    first = msgspec.structs.replace(release("1.0"), uploaded="2026-01-01T00:00:00+00:00")
    yanked = changes.yanked(changes.added(None, "tiny", first), "1.0", "bad")
    again = changes.added(yanked, "tiny", msgspec.structs.replace(first, uploaded="2027-01-01T00:00:00+00:00"))
    assert again == yanked


@pytest.mark.parametrize(
    ("versions", "yanked", "shown"),
    [
        (["1.0", "2.0"], [], "2.0"),
        (["1.0", "2.0"], ["2.0"], "1.0"),
        (["1.0", "2.0rc1"], [], "1.0"),
        (["1.0rc1", "2.0rc1"], [], "2.0rc1"),
        (["1.0"], ["1.0"], "1.0"),
    ],
)
def test_the_search_shows_what_a_plain_install_would_take(versions: list[str], yanked: list[str], shown: str) -> None:
    whole = record(*versions)
    for version in yanked:
        whole = changes.yanked(whole, version, True)
    line = changes.search_line(whole, with_version=True)
    assert line == SearchLine(name="tiny", version=shown, summary=f"summary of {shown}")


@pytest.mark.parametrize(
    ("skills", "bits"), [(0, 4), (1, 4), (100, 5), (1_000, 7), (100_000, 10), (1_000_000, 12), (10**12, 14)]
)
def test_bins_are_as_many_as_make_a_first_fetch_short(skills: int, bits: int) -> None:
    assert wanted_bits(skills) == bits


def test_an_index_is_cut_up_at_once_only_where_it_is_far_too_large() -> None:
    assert not outgrown(1_000, wanted_bits(1_000), wanted_prefix(1_000))
    assert outgrown(4_000, wanted_bits(1_000), wanted_prefix(1_000))
    assert not far_outgrown(1_500, wanted_bits(1_000), wanted_prefix(1_000))
    assert far_outgrown(20_000, wanted_bits(1_000), wanted_prefix(1_000))


LINES = st.builds(
    SearchLine,
    name=st.sampled_from(["aa", "ab", "b-c", "cal"]),
    summary=st.sampled_from(["to do", "é ja", "", "ab ab x"]),
)


@given(st.lists(LINES), st.sampled_from([ONE_FILE, CUT_UP]))
def test_changes_one_after_the_other_make_the_lists_that_are_made_at_once(
    lines: list[SearchLine], form: Releases
) -> None:
    files: dict[str, bytes] = {}
    now: dict[str, SearchLine] = {}
    for line in lines:
        is_gone = now.get(line.name) == line
        change = LineChange(now.get(line.name), None if is_gone else line)
        for path, data in changed_lists(form, [change], files.get).items():
            if data is None:
                del files[path]
            else:
                files[path] = data
        if is_gone:
            del now[line.name]
        else:
            now[line.name] = line
    assert files == all_lists(form, now.values())
    assert listed(files.values()) <= set(now.values())


def listed(files: Iterable[bytes]) -> set[SearchLine]:
    return {line for data in files for line in parse_search(data, "search")}


def test_a_skill_that_is_listed_as_before_changes_no_file() -> None:
    line = SearchLine(name="cal", summary="dates")
    assert changed_lists(CUT_UP, [LineChange(line, line)], dict[str, bytes]().get) == {}


@given(st.lists(LINES, max_size=8), st.sampled_from([30, 80, 120]))
def test_a_search_file_is_never_longer_than_clients_take_and_says_what_it_leaves_out(
    lines: list[SearchLine], longest: int
) -> None:
    files: dict[str, bytes] = {}
    now: dict[str, SearchLine] = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search_lists, "LONGEST", longest)
        for line in lines:
            changed = changed_lists(CUT_UP, [LineChange(now.get(line.name), line)], files.get)
            files |= {path: data for path, data in changed.items() if data is not None}
            for path in [path for path, data in changed.items() if data is None]:
                files.pop(path, None)
            now[line.name] = line
        holds: dict[str, Holds] = {path: file_of(data, path).holds for path, data in files.items()}
        assert files == all_lists(CUT_UP, now.values(), holds)
        made_anew = all_lists(CUT_UP, now.values())
    for path, data in [*files.items(), *made_anew.items()]:
        file = file_of(data, path)
        assert len(data) <= longest or not file.skills
        due = {one for one in now.values() if path in shards_of(one.name, one.summary, CUT_UP)}
        named = {one for one in due if path in shards_of(one.name, "", CUT_UP)}
        assert set(file.skills) == {"all": due, "names": named, "nothing": set[SearchLine]()}[file.holds]
