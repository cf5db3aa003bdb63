"""Indexes by name: a config.toml, and folders that stand for companies."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.indexes import write_index
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.types import Layout

Shelf = Callable[..., Path]


@pytest.fixture
def layout(home_out_of_reach: Path) -> Layout:
    """An empty SKILL_HOME."""
    home_out_of_reach.mkdir(mode=0o700)
    return Layout(home_out_of_reach)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Makes an unsigned index of skills by name in a folder of that name."""

    def make(label: str, *names: str) -> Path:
        return write_index(tmp_path / label, *(SkillWheelFake(name=name) for name in names), publisher=label)

    return make
