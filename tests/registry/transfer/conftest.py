"""A machine with indexes and a library, and another one that has nothing."""

from pathlib import Path

import pytest

from fakes.indexes import write_index
from fakes.signed_indexes import SignedIndex, write_signed_index
from fakes.wheels import SkillWheelFake, pin, write_library
from skillkernel.catalogue.types import Layout


@pytest.fixture(autouse=True)
def links(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing but the wheels in this folder is within reach of uv and pip; uv's cache is this test's own."""
    folder = tmp_path_factory.mktemp("links")
    for name in ("UV_INDEX", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path_factory.mktemp("uv-cache")))
    return folder


@pytest.fixture
def layout(home_out_of_reach: Path) -> Layout:
    """An empty SKILL_HOME."""
    home_out_of_reach.mkdir(mode=0o700)
    return Layout(home_out_of_reach)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Layout:
    """The SKILL_HOME of another machine."""
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    return Layout(tmp_path / "elsewhere")


@pytest.fixture
def greeting(links: Path) -> str:
    """The lock of a skill that depends on the library `greeting`."""
    return pin(write_library(links, "greeting", "1.0", {"greeting.py": b"word = 'hi'\n"}), "greeting", "1.0")


@pytest.fixture
def skills(greeting: str) -> list[SkillWheelFake]:
    """tiny, which needs a library and the skill base; and maps, which nobody needs."""
    return [
        SkillWheelFake(requires=["greeting"], lock=greeting, requires_skills=["base"]),
        SkillWheelFake(name="base"),
        SkillWheelFake(name="maps"),
    ]


@pytest.fixture
def plain(tmp_path: Path, skills: list[SkillWheelFake]) -> Path:
    """An unsigned index of them."""
    return write_index(tmp_path / "plain", *skills)


@pytest.fixture
def signed(tmp_path: Path, skills: list[SkillWheelFake]) -> SignedIndex:
    """A signed index of them."""
    return write_signed_index(tmp_path / "signed", tmp_path / "keys", *skills)
