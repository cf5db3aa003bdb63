"""What is installed, and what an index has."""

import shutil
import sys
from pathlib import Path

import pytest

from fakes.indexes import UNSIGNED, write_index
from fakes.wheels import SkillWheelFake, write_library
from skillkernel.catalogue.types import Broken, Layout
from skillkernel_registry.index_format import SearchLine
from skillkernel_registry.install import install
from skillkernel_registry.inventory import info, list_installed, matching, search
from skillkernel_registry.wheel import inspect_wheel, unpack


async def test_installed_skills_are_listed_and_broken_ones_with_what_is_wrong(layout: Layout, tmp_path: Path) -> None:
    where = write_index(tmp_path / "index", *(SkillWheelFake(name=name) for name in ("aa", "bb", "cc")))
    result = await install(layout, ["aa", "bb", "cc"], index=str(where), terms=UNSIGNED, consent=lambda plan: True)
    gone, changed = result.installed[1], result.installed[2]
    shutil.rmtree(layout.environment(gone.store))
    layout.tree(changed.store).write_text("{}")
    listed = {skill.name: skill for skill in await list_installed(layout)}
    assert listed["aa"] == result.installed[0]
    for name, problem in (("bb", "is missing"), ("cc", "not the list that was installed")):
        broken = listed[name]
        assert isinstance(broken, Broken)
        assert broken.status == "broken"
        assert problem in broken.problem


async def test_what_pip_put_beside_the_kernel_is_found_and_no_more(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpack(inspect_wheel(SkillWheelFake(name="beside").write(tmp_path)), tmp_path / "site")
    write_library(tmp_path, "six", "1.0", {"six.py": b""})
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "site")])
    found = [skill for skill in await list_installed(layout) if skill.name == "beside"]
    assert [skill.status for skill in found if isinstance(skill, Broken)] == ["found"]


async def test_info_says_what_would_be_installed_and_what_is(layout: Layout, tmp_path: Path) -> None:
    where = str(write_index(tmp_path / "index", SkillWheelFake(permissions={"secrets": ["key"]})))
    said = await info(layout, "tiny", index=where, terms=UNSIGNED)
    assert said.latest is not None
    assert (said.latest.version, said.latest.permissions.secrets, said.installed) == ("1.0", ("key",), None)
    assert [(tool.name, tool.effect) for tool in said.latest.tools] == [("hello", "read")]
    await install(layout, ["tiny"], index=where, terms=UNSIGNED, consent=lambda plan: True)
    assert (await info(layout, "tiny", index=where, terms=UNSIGNED)).installed is not None
    assert (await info(layout, "tiny>5", index=where, terms=UNSIGNED)).latest is None


async def test_search_reads_the_list_of_the_index(layout: Layout, tmp_path: Path) -> None:
    where = str(write_index(tmp_path / "index", SkillWheelFake(), SkillWheelFake(name="mail")))
    assert [line.name for line in await search(layout, "MAIL", index=where, terms=UNSIGNED)] == ["mail"]
    assert [line.name for line in await search(layout, index=where, terms=UNSIGNED)] == ["mail", "tiny"]
    assert await search(layout, "nothing like it", index=where, terms=UNSIGNED) == []


def test_a_word_in_the_name_counts_for_more() -> None:
    lines = (
        SearchLine(name="agenda", version="1", summary="A calendar too."),
        SearchLine(name="calendar", version="1", summary="Events."),
    )
    assert [line.name for line in matching(lines, "calendar")] == ["calendar", "agenda"]
