"""An index of which only some skills, or some of their releases, were taken along."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from skillkernel.names import SkillName, skill_name
from skillkernel.near import nearest
from skillkernel_registry.errors import SkillNotFound
from skillkernel_registry.index import Index
from skillkernel_registry.index_format import Record, Release, SearchLine
from skillkernel_registry.progress import OnProgress
from skillkernel_registry.resolution.versions import by_version


class PartialIndex(Index):
    """Offers of an index what is there, and says so where that hides something newer.

    `skills` are the versions that are there by the skill's name; an empty list stands for all.
    """

    def __init__(self, whole: Index, skills: Mapping[str, tuple[str, ...]]) -> None:
        self.identity = whole.identity
        self.root = whole.root
        self.python = whole.python
        self._whole = whole
        self._skills = skills
        self._said: dict[str, None] = {}

    @property
    def warnings(self) -> tuple[str, ...]:  # type: ignore[override] # pyright: ignore[reportIncompatibleVariableOverride] # what the index says meanwhile counts too
        return (*self._whole.warnings, *self._said)

    async def record(self, name: SkillName) -> Record:
        if name not in self._skills:
            raise SkillNotFound(name, self.identity, nearest(name, self._skills))
        record = await self._whole.record(name)
        there = self._skills[name]
        if not there:
            return record
        kept = tuple(release for release in record.releases if release.version in there)
        self._tell_of_newer(record, kept)
        return msgspec.structs.replace(record, releases=kept)

    async def wheel(self, name: SkillName, release: Release, on_progress: OnProgress) -> Path:
        return await self._whole.wheel(name, release, on_progress)

    async def provenance(self, name: SkillName, release: Release) -> bytes | None:
        return await self._whole.provenance(name, release)

    def must_attest(self, name: SkillName) -> bool:
        return self._whole.must_attest(name)

    async def lines(self, text: str = "") -> tuple[SearchLine, ...]:
        return tuple([await self._line(skill_name(name)) for name in self._skills])

    async def aclose(self) -> None:
        await self._whole.aclose()

    async def _line(self, name: SkillName) -> SearchLine:
        newest = next(iter(by_version((await self.record(name)).releases).items()), None)
        if newest is None:
            return SearchLine(name=name)
        return SearchLine(name=name, version=str(newest[0]), summary=newest[1].summary)

    def _tell_of_newer(self, record: Record, kept: tuple[Release, ...]) -> None:
        """Whoever hands on a copy could hide a release that mends something: so what is hidden is named."""
        newest = next(iter(by_version(release for release in record.releases if not release.yanked)), None)
        if newest is not None and newest not in by_version(kept):
            self._said[f"{record.name} {newest} is the newest in {self.identity}, and is not in this copy"] = None
