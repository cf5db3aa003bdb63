"""A machine with indexes and a library, and another one that has nothing."""

from pathlib import Path

import pytest

from fakes.indexes import write_index
from fakes.signed_indexes import SignedIndex, write_signed_index
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.types import Layout


@pytest.fixture
def links(no_package_registry: Path) -> Path:
    """The folder of wheels that alone is within reach of uv and pip."""
    return no_package_registry


@pytest.fixture
def elsewhere(tmp_path: Path) -> Layout:
    """The SKILL_HOME of another machine."""
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    return Layout(tmp_path / "elsewhere")


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
