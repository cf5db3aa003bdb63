"""Calls that end before their tool does: a timeout, a caller that is cancelled."""

import asyncio
import random

import anyio
import pytest

from fakes.demo_skill import DEMO
from fakes.skill_modules import MakeSkill, invoke, until
from skillkernel.errors import WorkerTimeout
from skillkernel.worker.pool import WorkerPool


@pytest.mark.parametrize("tool", ["wait", "wait_async"])
async def test_a_tool_that_hears_of_its_timeout_leaves_the_worker_alive(
    pool: WorkerPool, make_skill: MakeSkill, tool: str
) -> None:
    skill = make_skill(DEMO)
    before = await pool.call(skill, invoke("born"))
    with pytest.raises(WorkerTimeout, match="and was stopped"):
        await pool.call(skill, invoke(tool, seconds=0.3))
    assert (skill.data / "tidied").exists() == (tool == "wait_async")
    assert await pool.call(skill, invoke("born")) == before


@pytest.mark.parametrize("tool", ["wait", "wait_async"])
async def test_cancelling_the_caller_tells_the_tool_and_leaves_the_worker_alive(
    pool: WorkerPool, make_skill: MakeSkill, tool: str
) -> None:
    skill = make_skill(DEMO)
    before = await pool.call(skill, invoke("born"))
    async with anyio.create_task_group() as group:
        group.start_soon(pool.call, skill, invoke(tool))
        await until((skill.data / "waiting").exists)
        group.cancel_scope.cancel()
    assert await pool.call(skill, invoke("born")) == before


async def test_cancelling_a_caller_whose_tool_does_not_listen_kills_the_worker(
    pool: WorkerPool, make_skill: MakeSkill
) -> None:
    skill = make_skill(DEMO)
    before = await pool.call(skill, invoke("born"))
    task = asyncio.ensure_future(pool.call(skill, invoke("meet", {"here": "a", "there": "never"})))
    await until((skill.data / "a").exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await pool.call(skill, invoke("born")) != before


async def test_calls_that_end_in_every_way_at_once_leave_the_worker_as_it_was(
    pool: WorkerPool, make_skill: MakeSkill
) -> None:
    skill = make_skill(DEMO)
    before = await pool.call(skill, invoke("born"))
    dice = random.Random(4)  # noqa: S311 # a mixture, not a secret

    async def one_call() -> None:
        tool = dice.choice(["nap", "nap_async"])
        task = asyncio.ensure_future(
            pool.call(skill, invoke(tool, {"ms": dice.choice([0, 1, 5, 30])}, seconds=dice.choice([5, 0.01])))
        )
        if dice.random() < 0.4:
            await asyncio.sleep(dice.random() * 0.02)
            task.cancel()
        await asyncio.wait([task])
        assert task.cancelled() or isinstance(task.exception(), WorkerTimeout | None)

    for _ in range(25):
        async with anyio.create_task_group() as group:
            for _ in range(dice.choice([1, 2, 8])):
                group.start_soon(one_call)
    assert await pool.call(skill, invoke("born")) == before


async def test_cancelling_twice_kills_at_once(pool: WorkerPool, make_skill: MakeSkill) -> None:
    skill = make_skill(DEMO)
    await pool.call(skill, invoke("born"))
    task = asyncio.ensure_future(pool.call(skill, invoke("meet", {"here": "a", "there": "never"})))
    await until((skill.data / "a").exists)
    task.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await pool.call(skill, invoke("add", {"a": 1})) == 3


async def test_a_call_cancelled_at_any_moment_leaves_a_pool_that_works(pool: WorkerPool, make_skill: MakeSkill) -> None:
    skill = make_skill(DEMO)
    for turns in range(40):
        task = asyncio.ensure_future(pool.call(skill, invoke("add", {"a": 1})))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    assert await pool.call(skill, invoke("add", {"a": 1})) == 3
