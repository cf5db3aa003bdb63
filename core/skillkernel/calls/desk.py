"""What a session lays ready for its calls: the tools, the journal, the workers, and what the person said beforehand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from skillkernel.calls.approve import Ask, Policy
from skillkernel.calls.guard import Guard
from skillkernel.calls.resolve import ToolTable
from skillkernel.calls.schemas import SchemaCache
from skillkernel.calls.verdict import Verdict
from skillkernel.catalogue.types import Layout
from skillkernel.journal.journal import Journal
from skillkernel.services.switchboard import Switchboard
from skillkernel.worker.seam import Progress, Workers, WorkerSpec


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call that passed every check and is about to run."""

    id: str
    tool: str
    arguments: dict[str, Any]
    shown: str
    verdicts: tuple[Verdict, ...]


@dataclass(slots=True)
class Desk:
    """One session's means; `permissions` narrows what its calls may use (None: nothing more than the grants do).

    `depth` counts the skills that called each other to get here.
    """

    session: str
    tools: ToolTable
    schemas: SchemaCache
    journal: Journal
    workers: Workers
    layout: Layout
    time_zone: str
    services: Switchboard
    depth: int = 0
    guard: Guard = field(default_factory=Guard)
    policy: Policy = field(default_factory=Policy)
    ask: Ask | None = None
    permissions: frozenset[str] | None = None
    on_admitted: Callable[[Admitted], None] | None = None
    on_progress: Callable[[str, Progress], None] | None = None
    numbered: int = 0
    specs: dict[str, WorkerSpec] = field(default_factory=dict[str, WorkerSpec])

    def number(self) -> int:
        """The next call's number in its session, from 1."""
        self.numbered += 1
        return self.numbered
