"""Real skills in temporary folders, and a pool of real, sandboxed workers."""

import os
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from fakes.skill_modules import MakeSkill, skill_in
from skillkernel.worker.pool import WorkerPool
from skillkernel.worker.seam import Tier


@pytest.fixture
def tier() -> Tier:
    """The walls of this run; test_ordinary_user.py starts the others."""
    return "B" if os.environ.get("SKILLKERNEL_TEST_TIER") == "B" else "A"


@pytest.fixture
def make_skill(tmp_path: Path, tier: Tier) -> MakeSkill:
    """Write a skill of one module and return its spec."""
    if tier == "B" and os.geteuid() == 0:  # pytest closes its folders to other users, who the worker is
        for folder in (tmp_path, *tmp_path.parents[:2]):
            folder.chmod(0o711)
    return partial(skill_in, tmp_path, tier=tier)


@pytest.fixture
def make_bubblewrapped(tmp_path: Path) -> MakeSkill:
    """The same, in Tier A whatever the run's is."""
    return partial(skill_in, tmp_path, tier="A")


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    """A pool that is closed at the end of the test."""
    pool = WorkerPool(start_seconds=20.0)
    yield pool
    await pool.aclose()
