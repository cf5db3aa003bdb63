"""Several indexes in order, and which of them answers for a name.

Threat: somebody puts a skill under a name of ours into an index that we use as well. So a name that belongs to an index
is asked of no other; an index that does not answer is an error and never passed over; and what is installed stays with
the index that it came from, until a person says otherwise.
"""

import shlex
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import anyio
import msgspec

from skillkernel.catalogue.types import Catalogue
from skillkernel.catalogue.verify import LOCAL
from skillkernel.errors import SkillKernelError
from skillkernel.names import SkillName
from skillkernel_registry.errors import IndexUnreachable, NameMoved, SkillNotFound
from skillkernel_registry.index import Index
from skillkernel_registry.index_format import Record, Release, SearchLine
from skillkernel_registry.indexes.config import IndexEntry
from skillkernel_registry.progress import OnProgress

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Member:
    """One of the indexes, opened when it is first asked."""

    entry: IndexEntry
    open: Callable[[], Awaitable[Index]]


class IndexSet(Index):
    """The indexes of config.toml; `of` says which one of them a skill comes from."""

    def __init__(self, members: Sequence[Member], installed: Catalogue) -> None:
        self.identity = " or ".join(member.entry.identity for member in members)
        self._members = tuple(members)
        self._installed = installed
        self._opened: dict[str, Index] = {}
        self._chosen: dict[SkillName, Index] = {}
        self._said: dict[str, None] = {}
        self._opening = {member.entry.name: anyio.Lock() for member in members}

    @property
    def warnings(self) -> tuple[str, ...]:  # type: ignore[override] # pyright: ignore[reportIncompatibleVariableOverride] # what the members say meanwhile counts too
        return (*self._said, *(said for index in self._opened.values() for said in index.warnings))

    async def links(self) -> tuple[str, ...]:
        return tuple([link for index in self._opened.values() for link in await index.links()])

    async def of(self, name: SkillName) -> Index:
        """The index that answers for a name.

        Raises `SkillNotFound` when none does, `NameMoved` when an installed skill would come from another index than
        before, and what opening and asking an index raise.
        """
        if name not in self._chosen:
            self._chosen[name] = await self._choose(name)
        return self._chosen[name]

    async def record(self, name: SkillName) -> Record:
        return await (await self.of(name)).record(name)

    async def wheel(self, name: SkillName, release: Release, on_progress: OnProgress) -> Path:
        return await (await self.of(name)).wheel(name, release, on_progress)

    async def provenance(self, name: SkillName, release: Release) -> bytes | None:
        return await (await self.of(name)).provenance(name, release)

    def must_attest(self, name: SkillName) -> bool:
        chosen = self._chosen.get(name)
        return chosen is None or chosen.must_attest(name)

    async def lines(self, text: str = "") -> tuple[SearchLine, ...]:
        """Each name from the index that a new install would take it from."""
        found: dict[str, SearchLine] = {}
        self.remarks = ()
        for member in self._members:
            index = await self._open(member)
            lines = await _asked(member, index.lines(text))
            self.remarks += index.remarks
            for line in lines:
                if self._owner(line.name) in {None, member}:
                    found.setdefault(line.name, msgspec.structs.replace(line, index=member.entry.name))
        return tuple(found.values())

    def in_use(self) -> tuple[tuple[str, Index], ...]:
        """The indexes that were asked so far, by their names in config.toml."""
        return tuple(self._opened.items())

    async def aclose(self) -> None:
        async with AsyncExitStack() as stack:
            for index in self._opened.values():
                stack.push_async_callback(index.aclose)

    async def _choose(self, name: SkillName) -> Index:
        installed = self._installed.skill(name)
        home = "" if installed is None or installed.index == LOCAL else installed.index
        owner = self._owner(name)
        if owner is not None:
            return await self._owned(name, owner, home)
        return await self._stay(name, home) if home else await self._first(name)

    def _owner(self, name: str) -> Member | None:
        return next((member for member in self._members if member.entry.owns(name)), None)

    async def _owned(self, name: SkillName, owner: Member, home: str) -> Index:
        index = await self._open(owner)
        await _asked(owner, index.record(name))
        if home not in {"", index.identity}:
            raise NameMoved(name, home, f"does not own it by config.toml ({owner.entry.name} does)", owner.entry.name)
        return index

    async def _stay(self, name: SkillName, home: str) -> Index:
        """The index that an installed skill came from; any other may only be told of."""
        reason = "is not one of config.toml's indexes"
        elsewhere: list[Member] = []
        for member in sorted(self._members, key=lambda member: member.entry.identity != home):
            index = await self._open(member)
            there = await self._has(member, name)
            if index.identity == home:
                if there:
                    return index
                reason = "does not have it any more"
            elif there:
                elsewhere.append(member)
        if elsewhere:
            raise NameMoved(name, home, reason, elsewhere[0].entry.name)
        error = SkillNotFound(name, self.identity)
        error.message = f"{name} was installed from {home}, which {reason}"
        error.hint = f"`skill index use NAME {shlex.quote(home)}` has that asked, if it is to be"
        raise error

    async def _first(self, name: SkillName) -> Index:
        near: list[str] = []
        for position, member in enumerate(self._members):
            try:
                await _asked(member, (await self._open(member)).record(name))
            except SkillNotFound as error:
                near += error.near
                continue
            await self._tell_of_others(name, member, self._members[position + 1 :])
            return self._opened[member.entry.name]
        raise SkillNotFound(name, self.identity, tuple(dict.fromkeys(near)))

    async def _tell_of_others(self, name: SkillName, taken: Member, others: Sequence[Member]) -> None:
        """Whoever has the name as well changes nothing, and no more does one that cannot say."""
        for other in others:
            try:
                there = await self._has(other, name)
            except SkillKernelError as error:
                self._say(f"whether {other.entry.name} has a skill {name} too is not known: {error.message}")
                continue
            if there:
                self._say(f"{name} is taken from {taken.entry.name}; {other.entry.name} has a skill of that name too")

    def _say(self, warning: str) -> None:
        self._said[warning] = None

    async def _has(self, member: Member, name: SkillName) -> bool:
        try:
            await _asked(member, (await self._open(member)).record(name))
        except SkillNotFound:
            return False
        return True

    async def _open(self, member: Member) -> Index:
        name = member.entry.name
        async with self._opening[name]:
            if name not in self._opened:
                self._opened[name] = await _asked(member, member.open())
        return self._opened[name]


async def _asked(member: Member, answer: Awaitable[T]) -> T:
    """The answer of one index; when there is none, how to do without it."""
    try:
        return await answer
    except IndexUnreachable as error:
        entry = member.entry
        need = "it wants credentials, and has no say without; " if error.status in {401, 403} else ""
        error.hint = (
            f"{need}no other index is asked in its place: name one with --index, "
            f"or set `enabled = false` for {entry.name} in config.toml"
        )
        raise
