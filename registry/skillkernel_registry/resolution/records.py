"""The records of one resolution: each fetched once, and those that are likely to be needed at once.

A choice needs one record after the other, and over a network that is one round trip after the other. So the records
that the newest fitting release of each skill requires are fetched ahead, all that are known at a time, while the choice
goes on in a thread of its own and waits only for what is not there yet.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio import from_thread
from anyio.abc import TaskGroup
from packaging.specifiers import SpecifierSet

from skillkernel.errors import SkillKernelError
from skillkernel.names import SkillName
from skillkernel_registry.errors import NameMoved, SkillNotFound
from skillkernel_registry.index import Index
from skillkernel_registry.index_format import Record
from skillkernel_registry.index_on_demand import OpenIndex
from skillkernel_registry.progress import OnProgress, Progress, Stage
from skillkernel_registry.resolution.choice import Offered, Problem
from skillkernel_registry.resolution.stock import required
from skillkernel_registry.resolution.versions import choose

AT_ONCE = 16
"""Records that are fetched at the same time."""
AHEAD_LIMIT = 1_000
"""Records that are fetched before anybody asked for them."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record, and the index that answers for its name."""

    index: Index
    record: Record


@dataclass(slots=True)
class _Pending:
    there: anyio.Event = field(default_factory=anyio.Event)
    outcome: Found | Exception | None = None

    def found(self) -> Found | None:
        """What was found, None while nobody knows; raise what fetching raised."""
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class Records:
    """Made by `open_records`; `found` is for the event loop, `look_up` for the thread that chooses."""

    def __init__(
        self,
        problem: Problem,
        open_index: OpenIndex,
        on_progress: OnProgress,
        tasks: TaskGroup,
    ) -> None:
        self._problem = problem
        self._open_index = open_index
        self._on_progress = on_progress
        self._tasks = tasks
        self._places = anyio.Semaphore(AT_ONCE)
        self._opening = anyio.Lock()
        self._opened: Index | None = None
        self._said: list[str] = []
        self._records: dict[SkillName, _Pending] = {}
        self._in_hand = problem.fixed.keys() | {skill.name for skill in problem.installed.skills}

    async def found(self, name: SkillName) -> Found:
        """The record of a skill; raise `SkillNotFound`, `IndexUnreachable`, `IntegrityError`."""
        if name not in self._records:
            self._fetch_ahead(name, SpecifierSet())
        pending = self._records[name]
        await pending.there.wait()
        found = pending.found()
        if found is None:
            raise anyio.get_cancelled_exc_class()
        return found

    def look_up(self, name: SkillName) -> Offered | None:
        """The same for the thread that chooses: None when no index has the name.

        Where installed skills are to stay with their indexes, one that another index has now stays as it is.
        """
        try:
            pending = self._records.get(name)
            found = (pending and pending.found()) or from_thread.run(self.found, name)
        except (SkillNotFound, NameMoved) as error:
            if isinstance(error, NameMoved) and self._problem.moves:
                raise
            if name in self._problem.newest:
                self._said.append(f"{name} stays as it is: {error.message}")
            return None
        return Offered(found.index.identity, found.record)

    def warnings(self) -> tuple[str, ...]:
        """What the index has to say to a person by now."""
        answered = [one.outcome.index for one in self._records.values() if isinstance(one.outcome, Found)]
        indexes = answered if self._opened is None else [self._opened, *answered]
        return tuple(dict.fromkeys((*self._said, *(warning for index in indexes for warning in index.warnings))))

    def ahead(self) -> None:
        """Begin with the records that the problem itself asks for."""
        for request in self._problem.asked:
            if request.name not in self._in_hand or request.name in self._problem.newest:
                self._fetch_ahead(request.name, request.specifier)
        for wheel in self._problem.fixed.values():
            self._fetch_required(wheel.manifest.requires_skills)

    def _fetch_ahead(self, name: SkillName, specifier: SpecifierSet) -> None:
        self._records[name] = _Pending()
        self._tasks.start_soon(self._fetch, name, specifier)

    async def _fetch(self, name: SkillName, specifier: SpecifierSet) -> None:
        pending = self._records[name]
        try:
            async with self._places:
                pending.outcome = await self._read(name)
        except Exception as error:  # noqa: BLE001 # raised to whoever asks: many are fetched that nobody needs
            pending.outcome = error
        finally:
            pending.there.set()
        if isinstance(pending.outcome, Found):
            self._fetch_best(pending.outcome.record, specifier)

    async def _read(self, name: SkillName) -> Found:
        opened = self._opened or await self._open()
        self._on_progress(Progress(Stage.RESOLVE, name))
        index = await opened.of(name)
        return Found(index, await index.record(name))

    async def _open(self) -> Index:
        async with self._opening:
            self._opened = await self._open_index()
        return self._opened

    def _fetch_best(self, record: Record, specifier: SpecifierSet) -> None:
        try:
            best = choose(record.name, record.releases, specifier, self._problem.host, pre=self._problem.pre)
        except SkillKernelError:
            return
        self._fetch_required(best.requires_skills)

    def _fetch_required(self, texts: tuple[str, ...]) -> None:
        for demand in required(texts) or ():
            known = demand.name in self._records or demand.name in self._in_hand
            if not known and len(self._records) < AHEAD_LIMIT:
                self._fetch_ahead(demand.name, demand.specifier)


@asynccontextmanager
async def open_records(problem: Problem, open_index: OpenIndex, on_progress: OnProgress) -> AsyncGenerator[Records]:
    """The records of one resolution; what is still being fetched at the end is let go."""
    failed: Exception | None = None
    async with anyio.create_task_group() as tasks:
        records = Records(problem, open_index, on_progress, tasks)
        try:
            yield records
        except Exception as error:  # noqa: BLE001 # raised below, outside of the group that would wrap it
            failed = error
        tasks.cancel_scope.cancel()
    if failed is not None:
        raise failed
