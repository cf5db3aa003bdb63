"""Programs as a tool runs them: from a worker, by `context.run`, ended with the call and the kernel."""

import asyncio
import os
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes.program_desk import ProgramDesk
from fakes.skill_modules import invoke, processes_that_see, skill_in, until
from skillkernel.errors import ToolError, WorkerTimeout
from skillkernel.services.switchboard import CallServices, Switchboard
from skillkernel.worker.pool import WorkerPool

CODE = """
import asyncio
@tool(effect="read")
def run(argv: list[str], context: Context, timeout: float = 20) -> str:
    '''Run.

    Args:
        argv: what.
        timeout: how long.
    '''
    try:
        ended = context.run(argv, stdin="hello", timeout=timeout)
    except OSError as error:
        raise ToolError(f"{type(error).__name__}: {error}")
    return f"{ended.returncode} {ended.text}"

@tool(effect="read")
async def run_async(argv: list[str], context: Context) -> str:
    '''Run two at once.

    Args:
        argv: what.
    '''
    both = await asyncio.gather(*(asyncio.to_thread(context.run, argv) for _ in range(2)))
    return " ".join(each.text for each in both)

@tool(effect="read")
def variable(name: str) -> str:
    '''One variable.

    Args:
        name: which.
    '''
    return os.environ.get(name, "none")
"""


class Working(ProgramDesk):
    """A skill in a real worker that may run these programs."""

    pool: WorkerPool

    def services(self) -> CallServices:
        return Switchboard({"program": self.service.serve}, self.log).for_call(self.caller)

    async def call(self, tool: str, *, seconds: float = 20, **arguments: object) -> str:
        services = self.services()
        with services.naming_refusals():
            return str(
                await self.pool.call(self.spec, invoke(tool, dict(arguments), seconds=seconds, services=services))
            )


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    """Real workers."""
    pool = WorkerPool(start_seconds=20.0)
    yield pool
    await pool.aclose()


@pytest.fixture
def desk(tmp_path: Path, pool: WorkerPool) -> Working:
    """A skill that may run a few programs."""
    rows = ("programs:cat", "programs:bash", "environment:DEMO_PLACE")
    spec = skill_in(tmp_path, CODE, grants=rows)
    desk = Working(tmp_path, *rows, environment=spec.environment, uid_key=spec.uid_key)
    desk.pool = pool
    return desk


async def test_a_tool_runs_a_program(desk: Working) -> None:
    assert await desk.call("run", argv=["cat"]) == "0 hello"
    assert await desk.call("run_async", argv=["bash", "-c", "echo $((6*7))"]) == "42\n 42\n"


async def test_a_program_and_its_skill_share_the_data_folder(desk: Working) -> None:
    assert await desk.call("run", argv=["bash", "-c", "echo kept > kept; pwd"]) == "0 /data\n"
    assert (desk.data / "kept").read_text() == "kept\n"


async def test_a_refusal_reaches_the_tool_and_the_error_names_it(desk: Working) -> None:
    with pytest.raises(ToolError, match=r"PermissionError: .*was not granted programs:id"):
        await desk.call("run", argv=["id"])


async def test_a_program_that_takes_too_long_is_an_error_of_the_tool(desk: Working) -> None:
    with pytest.raises(ToolError, match=r"bash took longer than 0\.3 s and was ended"):
        await desk.call("run", argv=["bash", "-c", "while :; do :; done"], timeout=0.3)


async def test_a_call_whose_time_is_up_ends_its_program_and_keeps_its_worker(desk: Working) -> None:
    await desk.call("run", argv=["cat"])
    with pytest.raises(WorkerTimeout, match="was stopped"):
        await desk.call("run", argv=["bash", "-c", "while :; do :; done"], seconds=0.5)
    assert await desk.call("run", argv=["cat"]) == "0 hello"
    await until(lambda: len(processes_that_see(desk.data)) <= 3)  # bubblewrap, its first process, the worker


async def test_a_cancelled_call_ends_its_program(desk: Working) -> None:
    running = asyncio.create_task(desk.call("run", argv=["bash", "-c", "echo > here; while :; do :; done"]))
    await until((desk.data / "here").exists)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await until(lambda: len(desk.log.endings) == 1)
    assert desk.log.endings == ["ended with its call"]


async def test_a_granted_variable_reaches_the_worker_and_its_programs(
    desk: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO_PLACE", "Berlin")
    monkeypatch.setenv("DEMO_OTHER", "secret")
    assert await desk.call("variable", name="DEMO_PLACE") == "Berlin"
    assert await desk.call("variable", name="DEMO_OTHER") == "none"
    assert await desk.call("run", argv=["bash", "-c", "echo $DEMO_PLACE $DEMO_OTHER"]) == "0 Berlin\n"
    assert not any(b"Berlin" in line for line in command_lines(desk.data))


def command_lines(folder: Path) -> list[bytes]:
    return [Path("/proc", process, "cmdline").read_bytes() for process in processes_that_see(folder)]


def kernel_of_its_own(code: str) -> "subprocess.Popen[bytes]":
    tests = str(Path(__file__).parents[2])
    path = os.pathsep.join((tests, os.environ.get("PYTHONPATH", "")))
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], env={**os.environ, "PYTHONPATH": path})


async def test_a_kernel_that_dies_takes_its_programs_along(tmp_path: Path) -> None:
    code = f"""
    import asyncio
    from pathlib import Path
    from fakes.program_desk import ProgramDesk
    desk = ProgramDesk(Path({str(tmp_path)!r}), "programs:bash")
    asyncio.run(desk.run("bash", "-c", "echo > here; while :; do :; done"))
    """
    kernel = kernel_of_its_own(code)
    data = tmp_path / "home" / "data" / "demo"
    try:
        await until((data / "here").exists)
        assert len(processes_that_see(data)) > 1
    finally:
        kernel.kill()
        kernel.wait()
    await until(lambda: processes_that_see(data) == [])
