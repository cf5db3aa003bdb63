"""The warm workers, one per skill: started on first use, ended when idle or when its grants change."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import anyio

from skillkernel.errors import WorkerDied
from skillkernel.worker.process import WorkerProcess
from skillkernel.worker.seam import Invocation, WorkerSpec
from skillkernel.worker.walls import find_tools

_YIELD_SECONDS = 0.005
_Slot = tuple[str, tuple[str, ...]]


class WorkerPool:
    """`Workers` in whichever tier a spec names.

    Several calls to one worker run side by side. `idle_seconds` after its last call a worker ends; beyond `most_workers`
    the one that has been idle longest does. A spec that differs from the running worker's (another version, other
    grants or settings) ends that worker with the calls in it. `before_start` is called before a process is made, and
    what it raises refuses the call. Belongs to one event loop.
    """

    def __init__(
        self,
        *,
        idle_seconds: float = 300.0,
        most_workers: int = 16,
        start_seconds: float = 30.0,
        before_start: Callable[[WorkerSpec], None] | None = None,
    ) -> None:
        self._idle_seconds = idle_seconds
        self._most_workers = most_workers
        self._start_seconds = start_seconds
        self._before_start = before_start
        self._workers: dict[_Slot, WorkerProcess] = {}
        self._starting: dict[_Slot, anyio.Lock] = {}
        self._yielded = 0.0
        self._idle_check: asyncio.TimerHandle | None = None
        self._stopping: set[asyncio.Task[None]] = set()
        self._started: list[WorkerProcess] = []
        self._retired: list[WorkerProcess] = []

    async def call(self, spec: WorkerSpec, invocation: Invocation) -> Any:
        """Run one call in the worker of this spec, started on first use."""
        now = time.monotonic()
        if now - self._yielded > _YIELD_SECONDS:
            self._yielded = now
            await asyncio.sleep(0)  # a quick answer comes without a turn of the event loop: others get theirs here
        if spec.once:
            return await self._call_once(spec, invocation)
        worker = self._workers.get(_slot(spec))
        if worker is None or worker.error is not None or (worker.spec is not spec and worker.spec != spec):
            worker = await self._fresh(spec)
        try:
            return await worker.call(invocation)
        finally:
            if self._retired:
                self._end_retired()

    def retire(self, skill: str) -> None:
        """Give no further call to the workers of a skill, and end each as soon as its calls have ended."""
        for slot, worker in list(self._workers.items()):
            if worker.spec.skill == skill:
                del self._workers[slot]
                self._retired.append(worker)
        self._end_retired()

    async def aclose(self) -> None:
        """End every worker, after its skill was told."""
        if self._idle_check is not None:
            self._idle_check.cancel()
            self._idle_check = None
        for worker in self._started:
            self._stop(worker)
        self._started.clear()
        self._workers.clear()
        if self._stopping:
            await asyncio.wait(self._stopping)

    async def _fresh(self, spec: WorkerSpec) -> WorkerProcess:
        async with self._starting.setdefault(_slot(spec), anyio.Lock()):
            worker = self._workers.get(_slot(spec))
            if worker is not None and worker.error is None:
                if worker.spec == spec:
                    return worker
                worker.end(
                    WorkerDied(f"{spec.skill}: its worker was ended since its version, grants or settings changed")
                )
            worker = self._workers[_slot(spec)] = await self._start(spec)
            self._check_idle_later()
            return worker

    async def _call_once(self, spec: WorkerSpec, invocation: Invocation) -> Any:
        """In a worker of its own, which ends with the call: what was given for one call is not there for the next."""
        worker = await self._start(spec)
        try:
            return await worker.call(invocation)
        finally:
            self._stop(worker)

    async def _start(self, spec: WorkerSpec) -> WorkerProcess:
        self._make_room()
        if self._before_start is not None:
            self._before_start(spec)
        worker = WorkerProcess(spec, find_tools() if spec.tier == "A" else None)
        self._started = [*(each for each in self._started if not each.gone.is_set()), worker]
        try:
            await worker.ready(self._start_seconds)
        except BaseException:
            worker.end(WorkerDied(f"{spec.skill}: its worker was stopped while it started"))
            raise
        return worker

    def _end_retired(self) -> None:
        for worker in self._retired:
            if not worker.busy:
                self._stop(worker)
        self._retired = [worker for worker in self._retired if worker.busy]

    def _make_room(self) -> None:
        alive = {slot: worker for slot, worker in self._workers.items() if worker.error is None}
        self._workers = alive
        if len(alive) >= self._most_workers:
            idle = sorted((worker.last_used, slot) for slot, worker in alive.items() if not worker.busy)
            for _, slot in idle[: len(alive) - self._most_workers + 1]:
                self._stop(alive.pop(slot))

    def _check_idle_later(self) -> None:
        if self._idle_check is None:
            self._idle_check = asyncio.get_running_loop().call_later(self._idle_seconds / 4, self._end_idle)

    def _end_idle(self) -> None:
        self._idle_check = None
        now = asyncio.get_running_loop().time()
        for slot, worker in list(self._workers.items()):
            if worker.error is not None:
                del self._workers[slot]
            elif not worker.busy and now - worker.last_used > self._idle_seconds:
                self._stop(self._workers.pop(slot))
        if self._workers:
            self._check_idle_later()

    def _stop(self, worker: WorkerProcess) -> None:
        task = asyncio.get_running_loop().create_task(worker.stop())
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)


def _slot(spec: WorkerSpec) -> _Slot:
    """Where a worker stands: one skill has one, and besides one for each set of grants that other skills leave it."""
    return spec.skill, spec.grants if spec.narrowed else ()
