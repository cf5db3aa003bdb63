"""A worker pool that keeps the seam's contract with plain functions instead of processes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.lowlevel

from skillkernel.worker.seam import Invocation, Progress, WorkerSpec

Behaviour = Callable[[dict[str, Any]], Any]


def _echo(arguments: dict[str, Any]) -> Any:
    return {"echo": arguments}


@dataclass
class FakeWorkers:
    """Answers each tool with what its behaviour returns or raises; `log` has every call as `start x` and `end x`."""

    behaviours: dict[str, Behaviour] = field(default_factory=dict[str, Behaviour])
    log: list[str] = field(default_factory=list[str])
    invocations: list[Invocation] = field(default_factory=list[Invocation])
    specs: list[WorkerSpec] = field(default_factory=list[WorkerSpec])
    closed: bool = False
    retired: list[str] = field(default_factory=list[str])

    async def call(self, spec: WorkerSpec, invocation: Invocation) -> Any:
        """Run the tool's behaviour, giving other calls the chance to run in between."""
        self.specs.append(spec)
        self.invocations.append(invocation)
        self.log.append(f"start {invocation.tool}")
        if invocation.meanwhile is not None:
            invocation.meanwhile()
        if invocation.on_progress is not None:
            invocation.on_progress(Progress(0.5, "half"))
        await anyio.lowlevel.checkpoint()
        try:
            behaviour = self.behaviours.get(invocation.tool, _echo)
            return behaviour(invocation.arguments)
        finally:
            self.log.append(f"end {invocation.tool}")

    def retire(self, skill: str) -> None:
        """Remember that the skill was changed."""
        self.retired.append(skill)

    async def aclose(self) -> None:
        """Remember that the pool was closed."""
        self.closed = True


class StuckWorkers(FakeWorkers):
    """Never answers, until it is cancelled."""

    async def call(self, spec: WorkerSpec, invocation: Invocation) -> Any:
        """Wait for ever."""
        self.log.append(f"start {invocation.tool}")
        await anyio.sleep_forever()
