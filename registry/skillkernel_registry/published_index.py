"""An index of releases: records and wheels as static files."""

from pathlib import Path

import msgspec

from skillkernel.catalogue.types import Layout
from skillkernel.errors import IntegrityError
from skillkernel.names import SkillName
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
from skillkernel_registry.progress import OnProgress, Progress, Stage
from skillkernel_registry.scratch import scratch
from skillkernel_registry.wheel_cache import is_kept, settle_wheel, wheel_place


class PublishedIndex(Index):
    """Reads records on demand; wheels are kept under SKILL_HOME/cache/wheels by their hash."""

    def __init__(self, layout: Layout, identity: str, fetcher: Fetcher, file: IndexFile, form: Releases) -> None:
        self.identity = identity
        self._layout = layout
        self._fetcher = fetcher
        self._file = file
        self._form = form

    async def record(self, name: SkillName) -> Record:
        path = self._form.records.replace("{name}", name)
        try:
            data = await read_metadata(self._fetcher, path)
        except NotThere:
            raise SkillNotFound(name, self.identity, nearest(name, await self._names())) from None
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
            raise IntegrityError(
                f"{self._fetcher.place(path)} is not there, though the record of {name} names it",
                hint="tell whoever runs the index",
            ) from None
        return kept

    async def lines(self, text: str = "") -> tuple[SearchLine, ...]:
        try:
            data = await read_metadata(self._fetcher, self._form.search)
        except NotThere:
            return ()
        return parse_search(data, self._fetcher.place(self._form.search))

    async def aclose(self) -> None:
        await self._fetcher.aclose()

    async def _names(self) -> list[str]:
        return [line.name for line in await self.lines()]
