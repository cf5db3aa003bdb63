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
from skillkernel.catalogue.types import Installed, Layout
from skillkernel.journal.journal import Journal
from skillkernel.permissions.rules_book import Rulebook
from skillkernel.secrets.handover import Handover
from skillkernel.services.files.person_files import PersonFiles
from skillkernel.services.switchboard import Switchboard
from skillkernel.worker.seam import Progress, Tier, Workers, WorkerSpec

if TYPE_CHECKING:
    from skillkernel.calls.types import CallRequest, Outcome
    from skillkernel.model.driver import Driver


Grant = Callable[[Installed, tuple[str, ...]], Awaitable[None]]
"""Grants rows to an installed skill for good, as `skill grant` does; raises when it is no longer that very skill."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call that passed every check and is about to run."""

    id: str
    tool: str
    arguments: dict[str, Any]
    shown: str
    verdicts: tuple[Verdict, ...]


def _best(skill: str) -> Tier:
    return "A"


@dataclass(slots=True)
class Desk:
    """One session's means; `permissions` narrows what its calls may use (None: nothing more than the grants do).

    `depth` counts the skills that called each other to get here. `run_call` and `driver` are what a skill reaches when
    it calls another one or asks the model; `numbers` and `guard` they share with the call that they were made for.
    `tier_of` says which walls a skill stands in. `keep_up` has `tools` hold what is installed and granted now, whoever changed it; `grant` grants rows for good.
    While `learning`, a call runs with whatever it has, and its worker says what its code reached for.
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
    keep_up: Callable[[], None] | None = None
    grant: Grant | None = None
    learning: bool = False
    run_call: "Callable[[CallRequest, Desk], Awaitable[Outcome]] | None" = None
    driver: "Callable[[], Driver] | None" = None
    tier_of: Callable[[str], Tier] = _best
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    specs: dict[str, tuple[Installed, WorkerSpec]] = field(default_factory=dict[str, tuple[Installed, WorkerSpec]])

    def number(self) -> int:
        """The next call's number in its session, from 1."""
        return next(self.numbers)
