"""Fixtures for every test: one event loop, and a home folder that no test can write to by accident."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A change is judged by the same examples each time; on a developer's machine every run looks for new ones.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "search")


@pytest.fixture
def anyio_backend() -> str:
    """The kernel runs on asyncio."""
    return "asyncio"


@pytest.fixture(autouse=True)
def home_out_of_reach(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point SKILL_HOME at a fresh folder and drop what the person's shell says of models and keys."""
    home = tmp_path_factory.mktemp("home") / "skillkernel"
    monkeypatch.setenv("SKILL_HOME", str(home))
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "SKILL_MODEL", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture(autouse=True)
def journals_closed() -> Iterator[None]:
    """Close every journal that the test opened by `fakes.journals`."""
    yield
    if "fakes.journals" in sys.modules:
        from fakes.journals import close_all

        close_all()
