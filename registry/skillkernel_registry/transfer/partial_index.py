"""An index of which only some skills, or some of their releases, were taken along."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from skillkernel.errors import IntegrityError, Missing
from skillkernel.names import SkillName, skill_name
from skillkernel.near import nearest
from skillkernel_registry.errors import SkillNotFound
from skillkernel_registry.fetch import Fetcher, NotThere
from skillkernel_registry.index import Index
from skillkernel_registry.index_format import Record, Release, SearchLine
from skillkernel_registry.progress import OnProgress
from skillkernel_registry.resolution.versions import by_version
from skillkernel_registry.transfer.mirror_file import read_mirror


class _Copy(Index):
    """A copy answers as the index that it is a copy of."""

    def __init__(self, whole: Index) -> None:
        self.identity = whole.identity
        self.root = whole.root
        self.python = whole.python
        self._whole = whole
        self._said: dict[str, None] = {}

    @property
    def warnings(self) -> tuple[str, ...]:  # pyright: ignore[reportIncompatibleVariableOverride] # what the index says meanwhile counts too
        return tuple(dict.fromkeys((*self._whole.warnings, *self._said)))

    @warnings.setter
    def warnings(self, said: tuple[str, ...]) -> None:  # pyright: ignore[reportIncompatibleVariableOverride] # the same
        self._said |= dict.fromkeys(said)

    async def record(self, name: SkillName) -> Record:
        return await self._whole.record(name)

    async def wheel(self, name: SkillName, release: Release, on_progress: OnProgress) -> Path:
        return await self._whole.wheel(name, release, on_progress)

    async def provenance(self, name: SkillName, release: Release) -> bytes | None:
        return await self._whole.provenance(name, release)

    def must_attest(self, name: SkillName) -> bool:
        return self._whole.must_attest(name)

    async def lines(self, text: str = "") -> tuple[SearchLine, ...]:
        return await self._whole.lines(text)

    async def aclose(self) -> None:
        await self._whole.aclose()


class PartialIndex(_Copy):
    """Offers of an index what is there, and says so where that hides something newer.

    `skills` are the versions that are there by the skill's name; an empty list stands for all.
    """

    def __init__(self, whole: Index, skills: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(whole)
        self._skills = skills

    async def record(self, name: SkillName) -> Record:
        if name not in self._skills:
            raise _not_in_copy(name, self.identity, self._skills)
        record = await super().record(name)
        there = self._skills[name]
        if not there:
            return record
        kept = tuple(release for release in record.releases if release.version in there)
        self._tell_of_newer(record, kept)
        return msgspec.structs.replace(record, releases=kept)

    async def lines(self, text: str = "") -> tuple[SearchLine, ...]:
        return tuple([await self._line(skill_name(name)) for name in self._skills])

    async def _line(self, name: SkillName) -> SearchLine:
        try:
            record = await self.record(name)
        except SkillNotFound:  # the index gave it up since
            return SearchLine(name=name)
        newest = next(iter(by_version(record.releases).items()), None)
        if newest is None:
            return SearchLine(name=name)
        return SearchLine(name=name, version=str(newest[0]), summary=newest[1].summary)

    def _tell_of_newer(self, record: Record, kept: tuple[Release, ...]) -> None:
        """Whoever hands on a copy could hide a release that mends something: so what is hidden is named."""
        newest = next(iter(by_version(release for release in record.releases if not release.yanked)), None)
        if newest is not None and newest not in by_version(kept):
            self._said[f"{record.name} {newest} is the newest in {self.identity}, and is not in this copy"] = None


class PerhapsPartialIndex(_Copy):
    """An index on the web that may be served from a copy: what that says of itself is read when a file is missing.

    A file that the copy says it has, or that a whole index lacks, stays the error that it was.
    """

    def __init__(self, whole: Index, fetcher: Fetcher) -> None:
        super().__init__(whole)
        self._fetcher = fetcher

    async def record(self, name: SkillName) -> Record:
        try:
            return await super().record(name)
        except IntegrityError as error:
            raise await self._told(error, name) from error

    async def wheel(self, name: SkillName, release: Release, on_progress: OnProgress) -> Path:
        try:
            return await super().wheel(name, release, on_progress)
        except IntegrityError as error:
            raise await self._told(error, name, release.version) from error

    async def _told(self, error: IntegrityError, name: SkillName, version: str = "") -> Exception:
        """What is to be raised: that the copy does not have it, or else the error itself."""
        if not _is_of_missing_file(error):
            return error
        mirror = await read_mirror(self._fetcher)
        if mirror is None or mirror.skills is None:
            return error
        if name not in mirror.skills:
            return _not_in_copy(name, self.identity, mirror.skills)
        there = mirror.skills[name]
        if not version or not there or version in there:
            return error
        return Missing(
            f"{name} {version} is in {self.identity}, and not in this copy of it, which has {' and '.join(there)}",
            hint=f"ask for {name}=={there[-1]}, or say --index with the original",
        )


def _is_of_missing_file(error: BaseException | None) -> bool:
    """Whether a file that is not there is at the bottom of it; of metadata tuf says so in an error of its own."""
    while error is not None and not isinstance(error, NotThere):
        error = error.__cause__ or error.__context__
    return error is not None


def _not_in_copy(name: SkillName, identity: str, skills: Mapping[str, tuple[str, ...]]) -> SkillNotFound:
    return SkillNotFound(name, f"{identity}, of which this copy is a part,", nearest(name, skills))
