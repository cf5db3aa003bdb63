"""The index that a copy is made of."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from skillkernel.errors import UsageError
from skillkernel.names import Sha256, SkillName, skill_name
from skillkernel_registry.download import Expected, read_metadata
from skillkernel_registry.errors import SkillNotFound
from skillkernel_registry.fetch import Fetcher, NotThere
from skillkernel_registry.index_format import (
    FileRef,
    IndexFile,
    Record,
    Release,
    Releases,
    parse_record,
    parse_search_file,
)
from skillkernel_registry.progress import OnProgress
from skillkernel_registry.transfer.destination import Destination


class Original(ABC):
    """Its files as they stand, each checked before it counts as copied."""

    def __init__(self, fetcher: Fetcher, form: Releases) -> None:
        self.fetcher = fetcher
        self.form = form

    @abstractmethod
    async def names(self) -> tuple[SkillName, ...]:
        """Every skill; raise `UsageError` where they cannot be listed."""

    @abstractmethod
    async def record(self, name: SkillName, to: Destination) -> Record:
        """The record of a skill; raise `SkillNotFound`."""

    @abstractmethod
    async def finish(self, to: Destination, names: Sequence[SkillName], *, whole: bool) -> None:
        """Copy, when the files of these skills are there, what leads to them; what nobody finds without comes last."""

    async def wheel(self, release: Release, to: Destination, on_progress: OnProgress) -> None:
        """Copy a release's wheel; raise what `download` raises."""
        path = self.form.wheels + release.wheel
        await to.fetch(self.fetcher, path, Expected(release.length, release.digest), on_progress)

    async def provenance(self, file: FileRef, to: Destination, on_progress: OnProgress) -> None:
        """Copy a release's provenance object; raise what `download` raises."""
        path = self.form.provenance + file.path
        await to.fetch(self.fetcher, path, Expected(file.length, Sha256(file.sha256)), on_progress)


class PlainOriginal(Original):
    """One that nobody signed: index.json comes last, and a record after the files that it names."""

    def __init__(self, fetcher: Fetcher, file: IndexFile, form: Releases, identity: str) -> None:
        super().__init__(fetcher, form)
        self._file = file
        self._identity = identity
        self._records: dict[SkillName, bytes] = {}

    async def names(self) -> tuple[SkillName, ...]:
        try:
            if self.form.search_prefix:
                raise NotThere(self.form.search)
            data = await read_metadata(self.fetcher, self.form.search)
            listed = parse_search_file(data, self.fetcher.place(self.form.search))
            if listed.holds != "all":
                raise NotThere(self.form.search)
        except NotThere:
            raise UsageError(
                f"the index {self._identity} has no list of its skills", hint="name the skills that are to be copied"
            ) from None
        return tuple(skill_name(line.name) for line in listed.skills)

    async def record(self, name: SkillName, to: Destination) -> Record:
        path = self._path(name)
        try:
            data = await read_metadata(self.fetcher, path)
        except NotThere:
            raise SkillNotFound(name, self._identity) from None
        self._records[name] = data
        return parse_record(data, name, self.fetcher.place(path))

    async def finish(self, to: Destination, names: Sequence[SkillName], *, whole: bool) -> None:
        for name in names:
            to.write(self._path(name), self._records[name])
        if whole:
            to.write(self.form.search, await read_metadata(self.fetcher, self.form.search))
        to.write("index.json", await read_metadata(self.fetcher, "index.json"))

    def _path(self, name: SkillName) -> str:
        return self.form.records.replace("{name}", name)
