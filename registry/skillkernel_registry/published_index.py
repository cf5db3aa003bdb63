"""An index of releases: records and wheels as static files."""

from pathlib import Path

import msgspec

from skillkernel.catalogue.types import Layout
from skillkernel.errors import IntegrityError, UsageError
from skillkernel.names import Sha256, SkillName
from skillkernel.near import nearest
from skillkernel_registry.download import Expected, download, read_metadata
from skillkernel_registry.errors import SkillNotFound
from skillkernel_registry.fetch import Fetcher, NotThere, inside
from skillkernel_registry.index import Index
from skillkernel_registry.index_format import (
    Holds,
    IndexFile,
    Record,
    Release,
    Releases,
    SearchFile,
    SearchLine,
    parse_record,
    parse_search_file,
)
from skillkernel_registry.progress import OnProgress, Progress, Stage, silent
from skillkernel_registry.scratch import scratch
from skillkernel_registry.search_words import COMMON, asked_words, shard_of
from skillkernel_registry.wheel_cache import is_kept, settle_wheel, wheel_place

_MOST_ASKED = 4
"""Words of a search whose files are asked for, until one holds all skills with its word."""


class PublishedIndex(Index):
    """Reads records on demand; wheels are kept under SKILL_HOME/cache/wheels by their hash."""

    def __init__(self, layout: Layout, identity: str, fetcher: Fetcher, file: IndexFile, form: Releases) -> None:
        self.identity = identity
        self._layout = layout
        self._fetcher = fetcher
        self._file = file
        self._form = form
        self._records: dict[SkillName, Record] = {}

    async def record(self, name: SkillName) -> Record:
        if name not in self._records:
            self._records[name] = await self._record(name)
        return self._records[name]

    async def _record(self, name: SkillName) -> Record:
        path = self._form.records.replace("{name}", name)
        try:
            data = await self._read(path)
        except NotThere:
            raise SkillNotFound(name, self.identity, await self._near(name)) from None
        record = parse_record(data, name, self._fetcher.place(path))
        return record if record.publisher else msgspec.structs.replace(record, publisher=self._file.publisher)

    async def wheel(self, name: SkillName, release: Release, on_progress: OnProgress) -> Path:
        path = self._form.wheels + release.wheel
        inside(path, self._fetcher.place("index.json"))
        kept = wheel_place(self._layout, release.sha256, Path(release.wheel).name)
        if is_kept(kept, release.sha256):
            return kept
        on_progress(Progress(Stage.DOWNLOAD, kept.name, 0, release.length))
        try:
            with scratch(self._layout, "download") as folder:
                partial = folder / kept.name
                await download(self._fetcher, path, Expected(release.length, release.digest), partial, on_progress)
                settle_wheel(partial, kept)
        except NotThere as gone:
            raise self._missing(path, name) from gone
        return kept

    async def provenance(self, name: SkillName, release: Release) -> bytes | None:
        file = release.provenance
        if file is None:
            return None
        path = self._form.provenance + file.path
        inside(path, self._fetcher.place("index.json"))
        try:
            with scratch(self._layout, "provenance") as folder:
                to = folder / "provenance"
                await download(self._fetcher, path, Expected(file.length, Sha256(file.sha256)), to, silent)
                return to.read_bytes()
        except NotThere as gone:
            raise self._missing(path, name) from gone

    async def lines(self, text: str = "") -> tuple[SearchLine, ...]:
        asked = asked_words(text)[:_MOST_ASKED]
        self.remarks = ()
        if not self._form.search_prefix:
            file = await self._list(self._form.search)
            if file.holds == "all":
                return file.skills
        if not asked:
            raise UsageError(
                f"the index {self.identity} is too large to be listed", hint="search for a word of two letters or more"
            )
        found: dict[Holds, tuple[str, SearchFile]] = {}
        for word in asked:
            file = await self._list(shard_of(word, self._form))
            found.setdefault(file.holds, (word, file))
            if file.holds == "all":
                break
        word, file = found.get("all") or found.get("names") or found["nothing"]
        self.remarks = _remarks(word, file.holds, self.identity)
        return file.skills

    async def _list(self, path: str) -> SearchFile:
        """A file of the search, empty when there is none."""
        try:
            data = await self._read(path)
        except NotThere:
            return SearchFile()
        return parse_search_file(data, self._fetcher.place(path))

    async def aclose(self) -> None:
        await self._fetcher.aclose()

    async def _read(self, path: str) -> bytes:
        """A whole file of the index, as the index vouches for it; raise `NotThere`."""
        return await read_metadata(self._fetcher, path)

    def _missing(self, path: str, name: SkillName) -> IntegrityError:
        return IntegrityError(
            f"{self._fetcher.place(path)} is not there, though the record of {name} names it",
            hint="tell whoever runs the index",
        )

    async def _near(self, name: SkillName) -> tuple[str, ...]:
        try:
            found = await self.lines(name.replace("-", " "))
        except UsageError:  # a name of single letters, in an index that is too large to be listed
            return ()
        return nearest(name, (line.name for line in found))


def _remarks(word: str, holds: Holds, identity: str) -> tuple[str, ...]:
    if holds == "all" and word not in COMMON:
        return ()
    shown = "none is listed" if holds == "nothing" else "those are listed that have it in their names"
    return (f"{word!r} is a word of too many skills of {identity}: {shown}; add a rarer word",)
