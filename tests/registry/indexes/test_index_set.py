"""Which of several indexes answers for a name, and that no name moves silently from one to another."""

import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from fakes.index_server import body, serve
from fakes.indexes import UNSIGNED
from fakes.skills import installed
from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel.catalogue.verify import LOCAL
from skillkernel.errors import UsageError
from skillkernel.names import skill_name
from skillkernel_registry.errors import IndexUnreachable, IndexUnsigned, NameMoved, SkillNotFound
from skillkernel_registry.index import STRICT, Index
from skillkernel_registry.indexes.config import add_index, remove_index
from skillkernel_registry.indexes.opening import open_indexes
from skillkernel_registry.progress import silent

Shelf = Callable[..., Path]
TINY = skill_name("tiny")


@pytest.fixture(autouse=True)
def without_first_party(layout: Layout) -> None:
    """Nothing but the indexes of the test."""
    remove_index(layout, "first-party")


@asynccontextmanager
async def opened(layout: Layout, *, installed: Catalogue | None = None) -> AsyncGenerator[Index]:
    index = await open_indexes(layout, None, STRICT, installed or Catalogue())
    try:
        yield index
    finally:
        await index.aclose()


async def home_of(layout: Layout, name: str, catalogue: Catalogue | None = None) -> str:
    async with opened(layout, installed=catalogue) as index:
        return (await index.of(skill_name(name))).identity


def from_index(name: str, identity: str) -> Catalogue:
    """A catalogue with one skill that was installed from there."""
    return Catalogue(generation=1, skills=(msgspec.structs.replace(installed(name), index=identity),))


def nobody() -> str:
    """An address at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"


async def test_the_first_index_that_has_a_name_answers_for_it(layout: Layout, shelf: Shelf) -> None:
    first, second = shelf("first", "maps"), shelf("second", "tiny", "maps")
    add_index(layout, "first", str(first), unsigned=True)
    add_index(layout, "second", str(second), unsigned=True)
    assert await home_of(layout, "maps") == str(first)
    assert await home_of(layout, "tiny") == str(second)
    async with opened(layout) as index:
        record = await index.record(TINY)
        wheel = await index.wheel(TINY, record.releases[0], silent)
        assert record.publisher == "second"
        assert wheel.read_bytes() == (second / "wheels" / wheel.name).read_bytes()


async def test_an_index_is_opened_when_it_is_asked_and_no_sooner(layout: Layout, shelf: Shelf) -> None:
    with serve(shelf("first", "tiny")) as first:
        add_index(layout, "first", first.url, unsigned=True)
        async with opened(layout):
            assert first.asked == []


async def test_a_name_that_belongs_to_one_index_is_asked_of_no_other(layout: Layout, shelf: Shelf) -> None:
    with serve(shelf("public", "corp-pay", "tiny")) as public, serve(shelf("corp", "corp-pay")) as corp:
        add_index(layout, "public", public.url, unsigned=True)
        add_index(layout, "corp", corp.url, unsigned=True, names=["corp-*"])
        assert await home_of(layout, "corp-pay") == corp.url
        with pytest.raises(SkillNotFound):
            async with opened(layout) as index:
                await index.record(skill_name("corp-new"))
        assert public.asked == []


async def test_the_others_do_not_list_a_name_that_belongs_to_one(layout: Layout, shelf: Shelf) -> None:
    add_index(layout, "public", str(shelf("public", "corp-pay", "tiny")), unsigned=True)
    add_index(layout, "corp", str(shelf("corp", "tiny")), unsigned=True, names=["corp-*"])
    async with opened(layout) as index:
        assert [(line.name, line.index) for line in await index.lines()] == [("tiny", "public")]


async def test_what_a_list_says_of_its_index_is_not_believed(layout: Layout, shelf: Shelf) -> None:
    folder = shelf("liar", "tiny")
    (folder / "search.json").write_text('{"skills": [{"name": "tiny", "index": "first-party"}]}')
    add_index(layout, "liar", str(folder), unsigned=True)
    async with opened(layout) as index:
        assert [line.index for line in await index.lines()] == ["liar"]


async def test_an_index_that_is_down_is_an_error_though_the_next_has_the_name(layout: Layout, shelf: Shelf) -> None:
    add_index(layout, "down", nobody(), unsigned=True)
    add_index(layout, "public", str(shelf("public", "tiny")), unsigned=True)
    with pytest.raises(IndexUnreachable) as caught:
        await home_of(layout, "tiny")
    assert "no other index is asked in its place" in caught.value.hint
    assert "`enabled = false` for down" in caught.value.hint
    async with opened(layout) as index:
        with pytest.raises(IndexUnreachable):
            await index.lines()


@pytest.mark.parametrize("status", [401, 403, 500])
@pytest.mark.parametrize("path", ["/index.json", "/skills/tiny.json"])
async def test_an_index_that_refuses_is_an_error_though_the_next_has_the_name(
    layout: Layout, shelf: Shelf, status: int, path: str
) -> None:
    with serve(shelf("private", "maps")) as private:
        private.answers[path] = body(b"no", status=status)
        add_index(layout, "private", private.url, unsigned=True)
        add_index(layout, "public", str(shelf("public", "tiny")), unsigned=True)
        with pytest.raises(IndexUnreachable) as caught:
            await home_of(layout, "tiny")
    assert str(status) in caught.value.message
    assert ("credentials" in caught.value.hint) == (status in {401, 403})


async def test_a_skill_stays_with_the_index_that_it_came_from(layout: Layout, shelf: Shelf) -> None:
    squatter, home = shelf("squatter", "tiny"), shelf("home", "tiny")
    add_index(layout, "squatter", str(squatter), unsigned=True)
    add_index(layout, "home", str(home), unsigned=True)
    assert await home_of(layout, "tiny", from_index("tiny", str(home))) == str(home)
    assert await home_of(layout, "tiny") == str(squatter), "order counts for what is new"


async def test_a_name_that_vanished_from_its_index_does_not_move(layout: Layout, shelf: Shelf) -> None:
    home, other = shelf("home", "maps"), shelf("other", "tiny")
    add_index(layout, "home", str(home), unsigned=True)
    add_index(layout, "other", str(other), unsigned=True)
    with pytest.raises(NameMoved) as caught:
        await home_of(layout, "tiny", from_index("tiny", str(home)))
    assert f"{home}, which does not have it any more; other has" in caught.value.message
    assert "--index other" in caught.value.hint
    index = await open_indexes(layout, "other", STRICT, from_index("tiny", str(home)))
    assert (await index.of(TINY)).identity == str(other), "the way that the hint says"


async def test_a_skill_whose_index_is_not_used_any_more_does_not_move(layout: Layout, shelf: Shelf) -> None:
    add_index(layout, "other", str(shelf("other", "tiny")), unsigned=True)
    with pytest.raises(NameMoved) as caught:
        await home_of(layout, "tiny", from_index("tiny", "/gone"))
    assert "/gone, which is not one of config.toml's indexes" in caught.value.message


async def test_a_skill_that_nobody_has_any_more_is_not_found_and_its_index_is_named(
    layout: Layout, shelf: Shelf
) -> None:
    add_index(layout, "other", str(shelf("other", "maps")), unsigned=True)
    with pytest.raises(SkillNotFound) as caught:
        await home_of(layout, "tiny", from_index("tiny", "/gone"))
    assert caught.value.message == "tiny was installed from /gone, which is not one of config.toml's indexes"
    assert "skill index use NAME /gone" in caught.value.hint


async def test_a_name_that_is_given_to_an_index_later_does_not_move_either(layout: Layout, shelf: Shelf) -> None:
    home = shelf("home", "corp-pay")
    add_index(layout, "home", str(home), unsigned=True)
    add_index(layout, "corp", str(shelf("corp", "corp-pay")), unsigned=True, names=["corp-*"])
    with pytest.raises(NameMoved) as caught:
        await home_of(layout, "corp-pay", from_index("corp-pay", str(home)))
    assert "--index corp" in caught.value.hint


async def test_a_skill_that_was_installed_from_a_file_is_bound_to_no_index(layout: Layout, shelf: Shelf) -> None:
    first = shelf("first", "tiny")
    add_index(layout, "first", str(first), unsigned=True)
    assert await home_of(layout, "tiny", from_index("tiny", LOCAL)) == str(first)


async def test_a_new_name_that_two_indexes_have_is_told(layout: Layout, shelf: Shelf) -> None:
    for label in ("first", "second", "third"):
        add_index(layout, label, str(shelf(label, "maps" if label == "second" else "tiny")), unsigned=True)
    async with opened(layout) as index:
        await index.record(TINY)
        assert index.warnings == ("tiny is taken from first; third has a skill of that name too",)


async def test_an_index_that_changes_nothing_may_be_down(layout: Layout, shelf: Shelf) -> None:
    first = shelf("first", "tiny")
    add_index(layout, "first", str(first), unsigned=True)
    add_index(layout, "down", nobody(), unsigned=True)
    async with opened(layout) as index:
        assert (await index.of(TINY)).identity == str(first)
        assert [text for text in index.warnings if "whether down has a skill tiny too is not known" in text]


async def test_an_unknown_name_gets_the_nearest_of_all_indexes(layout: Layout, shelf: Shelf) -> None:
    add_index(layout, "first", str(shelf("first", "calendar")), unsigned=True)
    add_index(layout, "second", str(shelf("second", "calender")), unsigned=True)
    with pytest.raises(SkillNotFound) as caught:
        await home_of(layout, "calandar")
    assert set(caught.value.near) == {"calendar", "calender"}


async def test_unsigned_is_said_index_by_index(layout: Layout, shelf: Shelf) -> None:
    add_index(layout, "plain", str(shelf("plain", "tiny")))
    index = await open_indexes(layout, None, UNSIGNED, Catalogue())
    with pytest.raises(IndexUnsigned):
        await index.of(TINY)
    one = await open_indexes(layout, "plain", UNSIGNED, Catalogue())
    assert (await one.record(TINY)).name == "tiny"


async def test_a_name_is_read_once(layout: Layout, shelf: Shelf) -> None:
    with serve(shelf("first", "tiny")) as first:
        add_index(layout, "first", first.url, unsigned=True)
        async with opened(layout) as index:
            await (await index.of(TINY)).record(TINY)
            await index.record(TINY)
        assert first.asked.count("/skills/tiny.json") == 1


async def test_without_any_index_that_is_said(layout: Layout) -> None:
    with pytest.raises(UsageError) as caught:
        await open_indexes(layout, None, STRICT, Catalogue())
    assert "leaves out every index" in caught.value.message
