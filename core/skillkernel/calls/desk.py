"""What a session lays ready for its calls: the tools, the journal, the workers, and what the person said beforehand."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from skillkernel.calls.approve import Answers, Ask, Policy
from skillkernel.calls.guard import Guard
from skillkernel.calls.resolve import ToolTable
from skillkernel.calls.schemas import SchemaCache
from skillkernel.calls.verdict import Verdict
from skillkernel.catalogue.types import Layout
from skillkernel.journal.journal import Journal
from skillkernel.permissions.rules_book import Rulebook
from skillkernel.secrets.handover import Handover
from skillkernel.services.files.person_files import PersonFiles
from skillkernel.services.switchboard import Switchboard
from skillkernel.worker.seam import Progress, Workers, WorkerSpec

if TYPE_CHECKING:
    from skillkernel.calls.types import CallRequest, Outcome
    from skillkernel.model.driver import Driver


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

    `depth` counts the skills that called each other to get here. `run_call` and `driver` are what a skill reaches when
    it calls another one or asks the model; `numbers` and `guard` they share with the call that they were made for.
    """

    session: str
    tools: ToolTable
    schemas: SchemaCache
    journal: Journal
    workers: Workers
    layout: Layout
    time_zone: str
    services: Switchboard
    files: PersonFiles
    depth: int = 0
    secrets: Handover = field(default_factory=Handover)
    guard: Guard = field(default_factory=Guard)
    policy: Policy = field(default_factory=Policy)
    rulebook: Rulebook | None = None
    answers: Answers = field(default_factory=Answers)
    ask: Ask | None = None
    permissions: frozenset[str] | None = None
    on_admitted: Callable[[Admitted], None] | None = None
    on_progress: Callable[[str, Progress], None] | None = None
    run_call: "Callable[[CallRequest, Desk], Awaitable[Outcome]] | None" = None
    driver: "Callable[[], Driver] | None" = None
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    specs: dict[str, WorkerSpec] = field(default_factory=dict[str, WorkerSpec])

    def number(self) -> int:
        """The next call's number in its session, from 1."""
        return next(self.numbers)
