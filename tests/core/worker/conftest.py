"""Real skills in temporary folders, and a pool of real, sandboxed workers."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from fakes.skill_modules import MakeSkill, skill_in
from skillkernel.worker.pool import WorkerPool


@pytest.fixture
def make_skill(tmp_path: Path) -> MakeSkill:
    """Write a skill of one module and return its spec."""
    return partial(skill_in, tmp_path)


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    """A pool that is closed at the end of the test."""
    pool = WorkerPool(start_seconds=20.0)
    yield pool
    await pool.aclose()
