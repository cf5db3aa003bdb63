"""A worker does not outlive its kernel, however that ends."""

import os
import signal
import subprocess
import sys

import anyio
import pytest

from fakes.skill_modules import MakeSkill, processes_that_see, until

KERNEL = """
import asyncio, sys
from pathlib import Path
from skillkernel.worker.pool import WorkerPool
from skillkernel.worker.seam import Invocation, WorkerSpec

async def main():
    spec = WorkerSpec("demo", "skill_demo", Path(sys.argv[1]), Path(sys.argv[2]), "0", "demo", tier=sys.argv[3])
    print(await WorkerPool().call(spec, Invocation("ready", {}, 20, "k")), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""

SKILL = '''
import threading

def beat():
    while True:
        open("beat", "a").write("x")
        time.sleep(0.01)

@tool(effect="read")
def ready() -> str:
    """Start a thread and a child that both go on."""
    threading.Thread(target=beat, daemon=True).start()
    try:
        if os.fork() == 0:
            os.setsid()
            beat()
    except PermissionError:
        pass  # Tier B: it has one process only
    return "ready"
'''


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_a_worker_and_its_children_end_with_the_kernel(make_skill: MakeSkill, how: signal.Signals) -> None:
    skill = make_skill(SKILL)
    command = [sys.executable, "-c", KERNEL, str(skill.environment), str(skill.data), skill.tier]
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    kernel = await anyio.open_process(command, env=environment, stderr=subprocess.DEVNULL)
    async with kernel:
        assert kernel.stdout is not None
        assert await kernel.stdout.receive() == b"ready\n"
        kernel.send_signal(how)
        await kernel.wait()
    await until(lambda: not processes_that_see(skill.data))


WAITING = '''
@tool(effect="read")
def ready(context: Context) -> str:
    """Wait until it is stopped, then tidy up."""
    open("waiting", "w").close()
    try:
        while True:
            context.check_cancelled()
            time.sleep(0.005)
    finally:
        open("tidied", "w").close()
'''


async def test_ctrl_c_reaches_the_kernel_alone_which_tells_the_tool(make_skill: MakeSkill) -> None:
    skill = make_skill(WAITING)
    command = [sys.executable, "-c", KERNEL, str(skill.environment), str(skill.data), skill.tier]
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    kernel = await anyio.open_process(command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
    async with kernel:
        await until((skill.data / "waiting").exists)
        os.killpg(kernel.pid, signal.SIGINT)
        await kernel.wait()
    assert (skill.data / "tidied").exists()
