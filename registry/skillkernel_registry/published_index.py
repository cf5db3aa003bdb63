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
    IndexFile,
    Record,
    Release,
    Releases,
    SearchLine,
    parse_record,
    parse_search,
)
from skillkernel_registry.progress import OnProgress, Progress, Stage, silent
from skillkernel_registry.scratch import scratch
from skillkernel_registry.search_words import shard_of, words
from skillkernel_registry.wheel_cache import is_kept, settle_wheel, wheel_place


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
        except NotThere:
            raise self._missing(path, name) from None
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
        except NotThere:
            raise self._missing(path, name) from None

    async def lines(self, text: str = "") -> tuple[SearchLine, ...]:
        path = self._form.search
        if self._form.search_prefix:
            path = shard_of(self._longest_word(text), self._form)
        try:
            data = await self._read(path)
        except NotThere:
            return ()
        return parse_search(data, self._fetcher.place(path))

    async def aclose(self) -> None:
        await self._fetcher.aclose()

    async def _read(self, path: str) -> bytes:
        """A whole file of the index, as the index vouches for it; raise `NotThere`."""
        return await read_metadata(self._fetcher, path)

    def _longest_word(self, text: str) -> str:
        found = words(text)
        if not found:
            raise UsageError(
                f"the index {self.identity} is too large to be listed", hint="search for a word of two letters or more"
            )
        return max(found, key=len)

    def _missing(self, path: str, name: SkillName) -> IntegrityError:
        return IntegrityError(
            f"{self._fetcher.place(path)} is not there, though the record of {name} names it",
            hint="tell whoever runs the index",
        )

    async def _near(self, name: SkillName) -> tuple[str, ...]:
        found = await self.lines(name.replace("-", " ")) if self._form.search_prefix else await self.lines()
        return nearest(name, (line.name for line in found))
