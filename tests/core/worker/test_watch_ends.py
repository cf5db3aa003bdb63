"""A measurement that comes too late, or not at all."""

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path

from skillkernel.errors import WorkerError
from skillkernel.worker.seam import WorkerSpec
from skillkernel.worker.watch import Watch


def watch(folder: Path, said: list[WorkerError], on_sample: Callable[[], object] = bool) -> Watch:
    """A watch over a process that is not there, whose temporary folder is gone."""
    (folder / "data").mkdir()
    spec = WorkerSpec(
        skill="demo", module="m", environment=folder, data=folder / "data", store="0" * 64, uid_key="k", tier="B"
    )

    def is_busy() -> bool:
        on_sample()
        return True

    return Watch(spec, 2**22, folder / "gone", is_busy=is_busy, on_over=said.append)


async def test_what_is_measured_after_the_end_is_of_no_interest(tmp_path: Path) -> None:
    said: list[WorkerError] = []
    problems: list[dict[str, object]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: problems.append(context))
    sampled = asyncio.Event()

    def end() -> None:
        over.stop()
        sampled.set()

    # Before the measurement, which a thread makes, can come back to the loop.
    over = watch(tmp_path, said, lambda: loop.call_soon(end))
    over.begin_call(5)
    await sampled.wait()
    await loop.run_in_executor(None, int)
    await asyncio.sleep(0.05)
    gc.collect()
    assert (said, problems) == ([], [])


async def test_folders_that_cannot_be_measured_end_the_worker(tmp_path: Path) -> None:
    said: list[WorkerError] = []
    watch(tmp_path, said).begin_call(5)
    for _ in range(200):
        if said:
            break
        await asyncio.sleep(0.01)  # a thread measures
    assert "cannot be measured" in said[0].message
