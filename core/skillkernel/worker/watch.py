"""Whether a worker keeps to what it may take, sampled from outside while it works and now and then while it does not.

Threat: what no resource limit counts: memory that is really used, processor time of one call or of a thread that goes on
between calls, threads of a user who has others, a folder of many files. A sample comes every tenth of a second: what a
worker takes within one is the overshoot. Wall time is the call's own timeout.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from skillkernel.errors import WorkerError, WorkerOverLimit
from skillkernel.worker.limits import CPU_SHARE, IDLE_CPU_SECONDS, MEGABYTE, PROCESSES, TMP_BYTES
from skillkernel.worker.memory import Usage, usage
from skillkernel.worker.nameless import nameless_bytes, shared_bytes
from skillkernel.worker.ownership import bytes_in
from skillkernel.worker.seam import WorkerSpec

_FIRST_SAMPLE_SECONDS = 0.02
_SAMPLE_SECONDS = 0.1
_IDLE_SAMPLE_SECONDS = 5.0
_MEASURE_SECONDS = 1.0
_MOST_FILES = 100_000
_BLOCK_SPARE_BYTES = 100_000
"""Files take whole blocks of the disk: one file of the allowed size is no reason to end a worker."""


class _Sizes(NamedTuple):
    """Bytes of shared memory, and in the two folders; None where that cannot be said."""

    shared: int
    data: int | None
    temporary: int | None


class Watch:
    """Samples process `pid` and all below it; `on_over` hears once which limit was reached. A person's "none" has none."""

    def __init__(
        self,
        spec: WorkerSpec,
        pid: int,
        temporary: Path | None,
        *,
        is_busy: Callable[[], bool],
        on_over: Callable[[WorkerError], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._spec = spec
        self._pid = pid
        self._temporary = temporary
        self._is_busy = is_busy
        self._on_over = on_over
        self._timer: asyncio.TimerHandle | None = None
        self._over = spec.tier == "none"
        self._most_bytes = spec.storage_mb * MEGABYTE + _BLOCK_SPARE_BYTES
        self._measured = 0.0
        self._cpu_before: float | None = None
        self._cpu_allowed = IDLE_CPU_SECONDS
        self._was_busy = False

    async def measure_data(self) -> None:
        """What is in the data folder already is allowed, so that a skill may tidy it up."""
        size = await self._loop.run_in_executor(None, bytes_in, self._spec.data, _MOST_FILES)
        self._most_bytes = max(self._most_bytes, size or 0)

    def begin_call(self, timeout: float) -> None:
        """A call begins that may take `timeout` seconds."""
        self._cpu_before, self._cpu_allowed = None, CPU_SHARE * timeout
        if not self._was_busy:
            self._was_busy = True
            self._sample_in(_FIRST_SAMPLE_SECONDS)

    def check(self) -> None:
        """Sample now."""
        if not self._over:
            self._judge(usage(self._pid))

    def stop(self) -> None:
        """Sample no more."""
        self._over = True
        if self._timer is not None:
            self._timer.cancel()

    def _sample_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if self._over else self._loop.call_later(seconds, self._sample)

    def _sample(self) -> None:
        busy = self._is_busy()
        if self._was_busy and not busy:
            self._cpu_before, self._cpu_allowed = None, IDLE_CPU_SECONDS
        self._was_busy = busy
        self._sample_in(_SAMPLE_SECONDS if busy else _IDLE_SAMPLE_SECONDS)
        self.check()
        if not self._over and time.monotonic() - self._measured > _MEASURE_SECONDS:
            self._measured = time.monotonic()
            measuring = self._loop.run_in_executor(None, self._sizes)
            measuring.add_done_callback(self._on_measured)

    def _judge(self, used: Usage) -> None:
        if self._cpu_before is None:
            self._cpu_before = used.cpu_seconds
        if used.resident > self._spec.rss_mb * MEGABYTE:
            self._end(f"its worker took more than its limit of {self._spec.rss_mb} MB of memory (rss_mb)")
        elif used.threads > PROCESSES:
            self._end(f"its worker has more than {PROCESSES} processes and threads (limit processes)")
        elif used.cpu_seconds - self._cpu_before > self._cpu_allowed:
            when = "in one call" if self._was_busy else "while no call ran"
            self._end(f"its worker used more than {self._cpu_allowed:g} s of processor time {when} (limit cpu)")

    def _sizes(self) -> _Sizes:
        shared = shared_bytes(self._pid)
        data = _taken(self._spec.data, self._pid)
        if self._temporary is None:
            return _Sizes(shared, data, 0)
        apart = self._temporary.stat().st_dev != self._spec.data.stat().st_dev
        return _Sizes(shared, data, _taken(self._temporary, self._pid if apart else None))

    def _on_measured(self, measuring: "asyncio.Future[_Sizes]") -> None:
        if measuring.cancelled():
            return
        problem = measuring.exception()  # it counts as seen, also when the worker and its folders are gone meanwhile
        if self._over:
            return
        if problem is not None:
            self._end(f"its folders cannot be measured: {problem}")
            return
        found = measuring.result()
        if found.shared > self._spec.rss_mb * MEGABYTE:
            self._end(f"its worker shares more memory than its limit of {self._spec.rss_mb} MB (rss_mb)")
        elif found.data is None or found.data > self._most_bytes:
            limit = f"{self._spec.storage_mb} MB (storage_mb) or {_MOST_FILES} files"
            self._end(f"its data folder is over its limit of {limit}")
        elif found.temporary is None or found.temporary > TMP_BYTES:
            self._end(f"its temporary folder is over its limit of {TMP_BYTES // MEGABYTE} MB (limit tmp)")

    def _end(self, said: str) -> None:
        if not self._over:
            self.stop()
            self._on_over(WorkerOverLimit(f"{self._spec.skill}: {said}"))


def _taken(folder: Path, pid: int | None) -> int | None:
    """Bytes in a folder, and those that process `pid` holds on its device in files without a name."""
    size = bytes_in(folder, _MOST_FILES)
    return size if size is None or pid is None else size + nameless_bytes(pid, folder.stat().st_dev)
