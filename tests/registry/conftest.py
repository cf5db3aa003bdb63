"""An index in a folder with one skill in two versions, and no package registry within reach."""

from pathlib import Path

import pytest

from fakes.indexes import write_index
from fakes.wheels import SkillWheelFake, pin, write_library
from skillkernel.catalogue.types import Layout


@pytest.fixture(autouse=True)
def no_package_registry(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let uv find nothing but the wheels that a test writes into this folder, and keep its cache apart."""
    links = tmp_path_factory.mktemp("links")
    for name in ("UV_INDEX", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_FIND_LINKS", str(links))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path_factory.mktemp("uv-cache")))
    return links


@pytest.fixture
def layout(home_out_of_reach: Path) -> Layout:
    """An empty SKILL_HOME."""
    home_out_of_reach.mkdir(mode=0o700)
    return Layout(home_out_of_reach)


@pytest.fixture
def greeting(no_package_registry: Path) -> str:
    """The lock of a skill that depends on the library `greeting`."""
    return pin(
        write_library(no_package_registry, "greeting", "1.0", {"greeting.py": b"word = 'hi'\n"}), "greeting", "1.0"
    )


@pytest.fixture
def index(tmp_path: Path, greeting: str) -> Path:
    """A published index with the skill tiny 1.0."""
    return write_index(tmp_path / "index", SkillWheelFake(requires=["greeting"], lock=greeting))
