"""Searching a large index: one file of it is read, and what that file leaves out is said."""

import json
from pathlib import Path

import pytest

from fakes.indexes import UNSIGNED, write_index
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.types import Layout
from skillkernel.errors import UsageError
from skillkernel.names import skill_name
from skillkernel_registry.errors import SkillNotFound
from skillkernel_registry.index_format import Releases, SearchLine
from skillkernel_registry.indexes.opening import open_index
from skillkernel_registry.inventory import search
from skillkernel_registry.keeper import search_lists

CUT_UP = Releases(search="search/{prefix}.json", search_prefix=3)
LINES = (
    SearchLine(name="data-tool", summary="Data of all kinds"),
    SearchLine(name="csv", summary="Data in columns"),
    SearchLine(name="the-skill", summary="A tool for you"),
    SearchLine(name="charts", summary="Pictures with columns"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An index whose search files hold 100 bytes each."""
    folder = write_index(tmp_path / "index", SkillWheelFake())
    index = json.loads((folder / "index.json").read_text())
    index["releases"] |= {"search": CUT_UP.search, "search_prefix": CUT_UP.search_prefix}
    (folder / "index.json").write_text(json.dumps(index))
    (folder / "search").mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search_lists, "LONGEST", 100)
        for path, data in search_lists.all_lists(CUT_UP, LINES).items():
            (folder / path).write_bytes(data)
    return folder


async def found(layout: Layout, folder: Path, text: str) -> tuple[list[str], list[str]]:
    remarks: list[str] = []
    lines = await search(layout, text, index=str(folder), terms=UNSIGNED, on_remark=remarks.append)
    return [line.name for line in lines], remarks


async def test_a_word_of_too_many_skills_finds_those_that_have_it_in_their_names(layout: Layout, folder: Path) -> None:
    names, (remark,) = await found(layout, folder, "data")
    assert names == ["data-tool"]
    assert "'data' is a word of too many skills" in remark
    assert "add a rarer word" in remark


async def test_a_rarer_word_beside_it_finds_all_of_them(layout: Layout, folder: Path) -> None:
    assert await found(layout, folder, "data csv") == (["csv"], [])


async def test_words_that_are_common_to_all_find_the_skills_that_are_called_so(layout: Layout, folder: Path) -> None:
    names, (remark,) = await found(layout, folder, "the skill")
    assert names == ["the-skill"]
    assert "have it in their names" in remark
    assert await found(layout, folder, "skill without charts") == ([], [])
    assert await found(layout, folder, "with columns charts") == (["charts"], [])


async def test_a_search_that_finds_no_file_finds_nothing(layout: Layout, folder: Path) -> None:
    assert await found(layout, folder, "zebra") == ([], [])
    with pytest.raises(UsageError, match="is too large to be listed"):
        await found(layout, folder, "a")


async def test_an_unknown_name_without_a_word_is_not_found(layout: Layout, folder: Path) -> None:
    index = await open_index(layout, str(folder), UNSIGNED)
    try:
        with pytest.raises(SkillNotFound):
            await index.record(skill_name("a-b"))
    finally:
        await index.aclose()


async def test_a_list_that_grew_too_long_to_be_one_file_is_searched_for_nothing(layout: Layout, tmp_path: Path) -> None:
    folder = write_index(tmp_path / "index", SkillWheelFake())
    (folder / "search.json").write_text('{"skills": [], "holds": "nothing"}')
    names, (remark,) = await found(layout, folder, "tiny")
    assert (names, "none is listed" in remark) == ([], True)
    with pytest.raises(UsageError, match="is too large to be listed"):
        await found(layout, folder, "")
