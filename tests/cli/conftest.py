"""A SKILL_HOME with the notes skill in it, and the command over it."""

import shutil
from pathlib import Path

import pytest

from fakes.command import NOTES, AtEndpoint, Command


@pytest.fixture(scope="session")
def template_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the notes skill was installed once."""
    home = tmp_path_factory.mktemp("template") / "home"
    ran = Command(home)("install", str(NOTES), "--yes")
    assert ran.code == 0, ran.err
    return home


@pytest.fixture
def skill(tmp_path: Path, template_home: Path) -> Command:
    """The command over a fresh copy of that home."""
    shutil.copytree(template_home, tmp_path / "home", symlinks=True)
    return Command(tmp_path / "home")


@pytest.fixture
def bare(tmp_path: Path) -> Command:
    """The command over a home that is not there yet."""
    return Command(tmp_path / "bare")


@pytest.fixture
def at_endpoint(skill: Command) -> AtEndpoint:
    """The command with a model at an endpoint."""
    return lambda url: skill.with_environment(
        OPENAI_BASE_URL=url, OPENAI_API_KEY="sk-a-key-of-nobody", SKILL_MODEL="scripted-model"
    )
