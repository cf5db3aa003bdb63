"""Fixtures for every test: one event loop, and a home folder that no test can write to by accident."""

from pathlib import Path

import pytest


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
