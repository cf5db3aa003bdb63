"""Workers of a skill whose grants changed, and of calls that were given something for themselves alone."""

import dataclasses

import anyio

from fakes.demo_skill import DEMO
from fakes.skill_modules import MakeSkill, invoke, processes_that_see, until
from skillkernel.worker.pool import WorkerPool


async def test_a_retired_worker_gets_no_further_call(pool: WorkerPool, make_bubblewrapped: MakeSkill) -> None:
    skill = make_bubblewrapped(DEMO)
    first = await pool.call(skill, invoke("born"))
    old = processes_that_see(skill.data)
    pool.retire("another")
    assert await pool.call(skill, invoke("born")) == first
    pool.retire(skill.skill)
    assert await pool.call(skill, invoke("born")) != first
    await until(lambda: not set(old) & set(processes_that_see(skill.data)))


async def test_calls_of_a_retired_worker_end_as_they_would_have(
    pool: WorkerPool, make_bubblewrapped: MakeSkill
) -> None:
    skill = make_bubblewrapped(DEMO)
    met: list[bool] = []
    old: list[str] = []

    async def meet() -> None:
        met.append(await pool.call(skill, invoke("meet", {"here": "a", "there": "b"})))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(meet)
        await until(lambda: (skill.data / "a").exists())
        old += processes_that_see(skill.data)
        pool.retire(skill.skill)
        fresh = dataclasses.replace(skill, settings_json='{"changed": true}')
        await pool.call(fresh, invoke("born"))
        assert set(old) <= set(processes_that_see(skill.data))
        (skill.data / "b").touch()
    assert met == [True]
    await until(lambda: not set(old) & set(processes_that_see(skill.data)))


async def test_what_was_given_to_one_call_ends_with_it(pool: WorkerPool, make_bubblewrapped: MakeSkill) -> None:
    skill = make_bubblewrapped(DEMO)
    warm = await pool.call(skill, invoke("born"))
    before = set(processes_that_see(skill.data))
    once = dataclasses.replace(skill, grants=("network:example.org:443",), once=True)
    first, second = [await pool.call(once, invoke("born")) for _ in range(2)]
    assert len({warm, first, second}) == 3
    assert await pool.call(skill, invoke("born")) == warm
    await until(lambda: set(processes_that_see(skill.data)) == before)
