"""What `skill doctor` says of the indexes in config.toml."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from fakes.index_server import serve
from fakes.signed_indexes import write_signed_index
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel.home import open_home
from skillkernel_cli.index_health import indexes
from skillkernel_registry.index import IndexTerms
from skillkernel_registry.indexes.config import add_index
from skillkernel_registry.indexes.opening import open_indexes


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return open_home({"SKILL_HOME": str(tmp_path / "home")})


def trust(layout: Layout, name: str) -> None:
    async def use() -> None:
        terms = IndexTerms(accept_root=lambda root: True)
        await (await open_indexes(layout, name, terms, Catalogue())).aclose()

    anyio.run(use)


def test_the_index_that_comes_with_skillkernel_is_not_asked(layout: Layout) -> None:
    assert (indexes(layout).state, indexes(layout).says) == ("ok", "the one that comes with skillkernel")


def test_an_index_that_answers_is_reachable_before_and_after_it_is_trusted(layout: Layout, tmp_path: Path) -> None:
    signed = write_signed_index(tmp_path / "index", tmp_path / "keys", SkillWheelFake())
    add_index(layout, "mine", str(signed.folder))
    assert indexes(layout).says == "mine: reachable"
    trust(layout, "mine")
    assert (indexes(layout).state, indexes(layout).says) == ("ok", "mine: reachable")


def test_each_index_that_does_not_answer_is_named_with_the_reason(layout: Layout, tmp_path: Path) -> None:
    with serve(tmp_path) as empty:
        add_index(layout, "empty", empty.url)
        add_index(layout, "gone", str(tmp_path / "gone"), unsigned=True)
        check = indexes(layout)
    assert check.state == "warning"
    assert "empty: " in check.says
    assert f"gone: {tmp_path}/gone/index.json is not there" in check.says


def test_signatures_that_run_out_soon_are_told(layout: Layout, tmp_path: Path) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=2, hours=23)
    signed = write_signed_index(tmp_path / "index", tmp_path / "keys", now=long_ago, days={"timestamp": 3})
    add_index(layout, "mine", str(signed.folder))
    trust(layout, "mine")
    check = indexes(layout)
    assert check.state == "warning"
    assert "mine: its timestamp is good until" in check.says
    assert "skill index refresh" in check.hint


def test_a_mistake_in_config_toml_is_told(layout: Layout) -> None:
    layout.config.write_text("index = 3\n")
    assert "index is not a list" in indexes(layout).says
