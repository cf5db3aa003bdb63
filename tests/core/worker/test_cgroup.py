"""A worker's memory and processes, counted by Linux where this user may make a control group."""

import subprocess
import sys

import pytest

from fakes.skill_modules import MakeSkill, invoke
from skillkernel.errors import WorkerOverLimit
from skillkernel.worker.cgroup import Cgroup, make_cgroup
from skillkernel.worker.pool import WorkerPool

HUNGRY = "input(); block = bytearray(80_000_000); block[::4096] = b'x' * len(block[::4096]); print('had it')"


@pytest.fixture
def group() -> Cgroup:
    """A group with 40 MB."""
    made = make_cgroup(40_000_000, 50)
    if made is None:
        pytest.skip("this user cannot make a control group here")
    return made


def hungry(group: Cgroup | None) -> "subprocess.CompletedProcess[str]":
    """Take 80 MB at once, in that group."""
    with subprocess.Popen(
        [sys.executable, "-c", HUNGRY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if group is not None:
            group.adopt(process.pid)
        out, _ = process.communicate("go\n", timeout=30)
    return subprocess.CompletedProcess([], process.returncode, out)


def test_memory_over_the_limit_ends_the_process_at_once(group: Cgroup) -> None:
    assert hungry(None).stdout == "had it\n"
    ended = hungry(group)
    assert (ended.returncode, ended.stdout) == (-9, "")
    assert group.ran_out_of_memory()
    group.remove()


def test_a_group_is_removed(group: Cgroup) -> None:
    assert hungry(None).returncode == 0
    assert not group.ran_out_of_memory()
    group.remove()
    assert group.folders
    assert not any(folder.exists() for folder in group.folders)


async def test_a_call_that_is_over_before_the_first_sample_cannot_have_more_memory(
    pool: WorkerPool, make_skill: MakeSkill, group: Cgroup
) -> None:
    group.remove()
    skill = make_skill(
        """
        @tool(effect="read")
        def take() -> int:
            '''Take memory.'''
            block = bytearray(400_000_000)
            block[::4096] = b"x" * len(block[::4096])
            return len(block)
        """,
        rss_mb=100,
    )
    with pytest.raises(WorkerOverLimit, match=r"100 MB of memory \(rss_mb\)"):
        await pool.call(skill, invoke("take"))
