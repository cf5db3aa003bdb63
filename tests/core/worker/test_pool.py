"""One warm worker per skill: what it returns, what it shares, when it ends."""

import dataclasses
import os
from pathlib import Path
from typing import Any

import anyio
import pytest

from fakes.demo_skill import DEMO
from fakes.skill_modules import MakeSkill, invoke, until
from skillkernel.errors import (
    ArgumentsInvalid,
    IntegrityError,
    JournalError,
    ResultInvalid,
    SandboxMissing,
    SkillBroken,
    ToolCrashed,
    ToolError,
    WorkerDied,
    WorkerStartFailed,
    WorkerTimeout,
)
from skillkernel.worker import pool as pool_module
from skillkernel.worker.bubblewrap import Tools
from skillkernel.worker.pool import WorkerPool
from skillkernel.worker.seam import Progress, Tier, WorkerSpec


async def test_a_call_returns_what_the_tool_returns_and_the_worker_stays_warm(
    pool: WorkerPool, make_skill: MakeSkill
) -> None:
    skill = make_skill(DEMO)
    assert await pool.call(skill, invoke("add", {"a": 1})) == 3
    first = await pool.call(skill, invoke("born"))
    assert await pool.call(dataclasses.replace(skill), invoke("born")) == first


async def test_calls_one_after_the_other_run_on_the_main_thread(pool: WorkerPool, make_skill: MakeSkill) -> None:
    skill = make_skill(DEMO)
    assert {await pool.call(skill, invoke("thread")) for _ in range(50)} == {"MainThread"}


async def test_what_is_done_meanwhile_is_done_once_and_before_the_answer(
    pool: WorkerPool, make_skill: MakeSkill
) -> None:
    done: list[str] = []
    skill = make_skill(DEMO)
    for _ in range(2):
        assert await pool.call(skill, invoke("add", {"a": 1}, meanwhile=lambda: done.append("row"))) == 3
    assert done == ["row", "row"]


@pytest.mark.parametrize("tool", ["born", "wait"])
async def test_a_journal_that_fails_meanwhile_stops_the_call_and_its_worker_stays(
    pool: WorkerPool, make_skill: MakeSkill, tool: str
) -> None:
    def fail() -> None:
        raise JournalError("the disk is full")

    skill = make_skill(DEMO)
    first = await pool.call(skill, invoke("born"))
    with pytest.raises(JournalError):
        await pool.call(skill, invoke(tool, meanwhile=fail))
    assert await pool.call(skill, invoke("born")) == first


async def test_a_tool_sees_its_settings_zone_secrets_and_key(
    pool: WorkerPool, make_skill: MakeSkill, tier: Tier
) -> None:
    skill = make_skill(DEMO, settings_json='{"server": "example.org"}', time_zone="Asia/Tokyo")
    assert await pool.call(skill, invoke("surroundings", secrets={"token": "t"})) == {
        "settings": "{'server': 'example.org'}",
        "started": "[{'server': 'example.org'}]",
        "zone": "JST",
        "secret": "t",
        "key": "key-1",
        "cwd": "/data" if tier == "A" else str(skill.data),
    }


@pytest.mark.parametrize(
    ("tool", "arguments", "expected", "said"),
    [
        ("fail", {"how": "expected"}, ToolError, "there is no such day"),
        ("fail", {"how": "crash"}, ToolCrashed, "ValueError: not meant"),
        ("fail", {"how": "exit"}, ToolCrashed, "SystemExit: 3"),
        ("fail", {"how": "object"}, ResultInvalid, ""),
        ("add", {"a": "x"}, ArgumentsInvalid, "a"),
        ("nothing", {}, SkillBroken, "nothing"),
        ("text", {"size": 600_000}, ResultInvalid, "1200002 bytes"),
    ],
)
async def test_a_tools_failure_has_a_name_and_leaves_the_worker_alive(
    pool: WorkerPool, make_skill: MakeSkill, tool: str, arguments: dict[str, Any], expected: type[Exception], said: str
) -> None:
    skill = make_skill(DEMO)
    before = await pool.call(skill, invoke("born"))
    with pytest.raises(expected) as caught:
        await pool.call(skill, invoke(tool, arguments))
    assert said in str(caught.value)
    assert await pool.call(skill, invoke("born")) == before


async def test_a_result_of_the_largest_size_comes_through(pool: WorkerPool, make_skill: MakeSkill) -> None:
    skill = make_skill(DEMO)
    assert await pool.call(skill, invoke("text", {"size": 499_999})) == "é" * 499_999


async def test_two_calls_to_one_worker_run_side_by_side(pool: WorkerPool, make_skill: MakeSkill) -> None:
    skill = make_skill(DEMO)
    async with anyio.create_task_group() as group:
        group.start_soon(pool.call, skill, invoke("meet", {"here": "a", "there": "b"}))
        group.start_soon(pool.call, skill, invoke("meet", {"here": "b", "there": "a"}))


async def test_two_first_calls_share_one_worker(pool: WorkerPool, make_skill: MakeSkill) -> None:
    skill = make_skill(DEMO)
    seen: list[Any] = []

    async def call() -> None:
        seen.append(await pool.call(skill, invoke("born")))

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(call)
    assert len(seen) == 3
    assert len(set(seen)) == 1


async def test_progress_is_heard_while_the_tool_runs(pool: WorkerPool, make_skill: MakeSkill) -> None:
    heard: list[Progress] = []
    with pytest.raises(WorkerTimeout):
        await pool.call(make_skill(DEMO), invoke("wait", seconds=0.3, on_progress=heard.append))
    assert heard == [Progress(0.5, "half")]


@pytest.mark.parametrize("change", [{"grants": ("network:x:1",)}, {"store": "1" * 64}, {"settings_json": '{"a":1}'}])
async def test_other_grants_version_or_settings_end_the_old_worker(
    pool: WorkerPool, make_skill: MakeSkill, change: dict[str, Any]
) -> None:
    skill = make_skill(DEMO)
    before = await pool.call(skill, invoke("born"))
    async with anyio.create_task_group() as group:

        async def run_under_old_grants() -> None:
            with pytest.raises(WorkerDied, match="grants"):
                await pool.call(skill, invoke("wait"))

        group.start_soon(run_under_old_grants)
        await until((skill.data / "waiting").exists)
        assert await pool.call(dataclasses.replace(skill, **change), invoke("born")) != before


async def test_an_idle_worker_is_told_and_ended(make_skill: MakeSkill) -> None:
    pool = WorkerPool(idle_seconds=0.05)
    skill = make_skill(DEMO)
    before = await pool.call(skill, invoke("born"))
    await until((skill.data / "stopped").exists)
    assert await pool.call(skill, invoke("born")) != before
    await pool.aclose()


async def test_beyond_the_most_workers_the_longest_idle_one_ends(make_skill: MakeSkill) -> None:
    pool = WorkerPool(most_workers=2)
    skills = [make_skill(DEMO, name=name) for name in ("one", "two", "three")]
    born = [await pool.call(skill, invoke("born")) for skill in skills]
    assert await pool.call(skills[1], invoke("born")) == born[1]
    assert await pool.call(skills[2], invoke("born")) == born[2]
    assert await pool.call(skills[0], invoke("born")) != born[0]
    await pool.aclose()


async def test_closing_tells_each_skill_and_leaves_no_process(make_skill: MakeSkill) -> None:
    pool = WorkerPool()
    skill = make_skill(DEMO)
    await pool.call(skill, invoke("born"))
    await pool.aclose()
    assert (skill.data / "stopped").exists()


async def test_without_bubblewrap_the_call_is_refused_with_the_fix(
    pool: WorkerPool, make_bubblewrapped: MakeSkill, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> None:
        raise SandboxMissing("bubblewrap is not installed", hint="apt install bubblewrap")

    monkeypatch.setattr(pool_module, "find_tools", none)
    with pytest.raises(SandboxMissing):
        await pool.call(make_bubblewrapped(DEMO), invoke("born"))


async def test_where_the_walls_cannot_be_built_the_call_is_refused_with_what_bubblewrap_said(
    pool: WorkerPool, make_bubblewrapped: MakeSkill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: Unknown option --disable-userns' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(pool_module, "find_tools", lambda: Tools(fake, Path("/usr/bin/setpriv")))
    with pytest.raises(SandboxMissing, match="Unknown option") as caught:
        await pool.call(make_bubblewrapped(DEMO), invoke("born"))
    assert "bubblewrap 0.8" in caught.value.hint


async def test_a_skill_whose_folder_is_gone_is_broken(pool: WorkerPool, make_skill: MakeSkill, tmp_path: Path) -> None:
    skill = dataclasses.replace(make_skill(DEMO), environment=tmp_path / "gone")
    with pytest.raises(SkillBroken, match="is gone"):
        await pool.call(skill, invoke("born"))


async def test_a_data_folder_that_cannot_be_made_is_named(
    pool: WorkerPool, make_skill: MakeSkill, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    skill = dataclasses.replace(make_skill(DEMO), data=tmp_path / "file" / "data")
    with pytest.raises(WorkerStartFailed, match="cannot be made"):
        await pool.call(skill, invoke("born"))


async def test_what_before_start_raises_refuses_the_call_before_there_is_a_process(make_skill: MakeSkill) -> None:
    def refuse(spec: WorkerSpec) -> None:
        raise IntegrityError(f"{spec.skill} was changed")

    pool = WorkerPool(before_start=refuse)
    skill = make_skill(DEMO)
    with pytest.raises(IntegrityError, match="demo was changed"):
        await pool.call(skill, invoke("born"))
    assert not skill.data.exists()
    await pool.aclose()


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's workers are that user")
async def test_an_environment_that_only_root_may_read_is_named_with_the_fix(
    pool: WorkerPool, make_skill: MakeSkill
) -> None:
    skill = make_skill(DEMO)
    skill.environment.chmod(0o700)
    with pytest.raises(WorkerStartFailed, match="readable by root alone") as caught:
        await pool.call(skill, invoke("born"))
    assert caught.value.hint == f"chmod -R a+rX {skill.environment}"


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's workers are that user")
async def test_as_root_each_skill_is_a_host_user_of_its_own_that_owns_its_data(
    pool: WorkerPool, make_skill: MakeSkill
) -> None:
    skills = [make_skill(DEMO, name=name) for name in ("one", "two")]
    for skill in skills:
        await pool.call(skill, invoke("born"))
    owners = {skill.data.stat().st_uid for skill in skills}
    assert len(owners) == 2
    assert 0 not in owners


async def test_a_tool_cannot_claim_that_the_person_stopped_it(pool: WorkerPool, make_skill: MakeSkill) -> None:
    code = (
        DEMO
        + '''
@tool(effect="read")
def give_up() -> str:
    """Give up."""
    from skillkernel.errors import Cancelled
    raise Cancelled("enough")
'''
    )
    with pytest.raises(ToolCrashed, match="enough"):
        await pool.call(make_skill(code), invoke("give_up"))
