"""A signed index as the original of a copy: its metadata goes along byte by byte, so that trust stays with its keys.

What is copied was verified by the client that every install uses, in a trust folder of this copy's own: it begins with
what this machine trusts and has seen, so that an original which was rolled back is not handed on.
"""

# The classes are documented to be in modules that only import them.
# pyright: reportPrivateImportUsage=false

import shutil
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from anyio import to_thread
from tuf.api.metadata import Metadata, Root, SuccinctRoles, Targets

from skillkernel.catalogue.types import Layout
from skillkernel.errors import IntegrityError, InvalidName
from skillkernel.names import SkillName, sha256, skill_name
from skillkernel_registry.download import Expected, read_metadata
from skillkernel_registry.errors import SkillNotFound
from skillkernel_registry.fetch import Fetcher, NotThere, inside
from skillkernel_registry.index_format import Record, Releases, parse_index, parse_record
from skillkernel_registry.progress import silent
from skillkernel_registry.scratch import scratch
from skillkernel_registry.transfer.destination import Destination
from skillkernel_registry.transfer.original import Original
from skillkernel_registry.trust.metadata import TrustedMetadata
from skillkernel_registry.trust.roots import TrustFolder, read_root

INDEX = "index.json"
_TOP = ("root", "timestamp", "snapshot", "targets")


class SignedOriginal(Original):
    """Made by `open_signed_original`."""

    def __init__(
        self, fetcher: Fetcher, form: Releases, folder: TrustFolder, metadata: TrustedMetadata, identity: str
    ) -> None:
        super().__init__(fetcher, form)
        self._folder = folder
        self._metadata = metadata
        self._identity = identity
        self._bins: set[str] = set()
        self._listed: dict[str, Expected] | None = None

    async def names(self) -> tuple[SkillName, ...]:
        before, after = self.form.records.split("{name}")
        paths = [path for path in await self._everything() if path.startswith(before) and path.endswith(after)]
        try:
            return tuple(skill_name(path.removeprefix(before).removesuffix(after)) for path in paths)
        except InvalidName as error:
            raise IntegrityError(f"the index {self._identity} lists a record: {error.message}") from error

    async def record(self, name: SkillName, to: Destination) -> Record:
        path = self.form.records.replace("{name}", name)
        if await self._expected(path) is None:
            raise SkillNotFound(name, self._identity)
        return parse_record(await self._copy(path, to), name, self.fetcher.place(path))

    async def finish(self, to: Destination, names: Sequence[SkillName], *, whole: bool) -> None:
        """timestamp.json comes last of the metadata: before it, a reader sees what was there before."""
        index = await self._copy(INDEX, to)
        if whole:
            for path in await self._everything():
                await self._copy(path, to)
        for role in sorted(self._bins):
            self._put(to, role)
        self._put(to, "targets")
        self._put(to, "snapshot")
        await self._put_roots(to)
        to.write(f"{self.form.metadata}timestamp.json", self._file("timestamp").read_bytes())
        to.write(INDEX, index)

    async def _copy(self, path: str, to: Destination) -> bytes:
        expected = await self._expected(path)
        if expected is None:
            raise IntegrityError(f"the index {self._identity} does not vouch for its own {path}")
        folder, slash, file = inside(path, self._identity).rpartition("/")
        hashed = f"{folder}{slash}{expected.sha256}.{file}"
        try:
            await to.fetch(self.fetcher, hashed, expected, silent)
        except NotThere:
            raise IntegrityError(
                f"{self.fetcher.place(hashed)} is not there, though the index vouches for it", hint="try again later"
            ) from None
        return to.read(hashed) or b""

    async def _expected(self, path: str) -> Expected | None:
        if self._listed is not None:
            return self._listed.get(path)
        expected = await self._metadata.expected(path)
        top = self._targets_role("targets")
        if (bins := self._delegated()) is not None and path not in top.targets:
            self._bins.add(bins.get_role_for_target(path))
        return expected

    async def _everything(self) -> dict[str, Expected]:
        """All that the index vouches for: every bin is verified by asking for a path that falls into it."""
        if self._listed is None:
            await self._expected(INDEX)
            for path in _one_path_for_each(self._delegated()):
                await self._expected(path)
            roles = ("targets", *sorted(self._bins))
            self._listed = await to_thread.run_sync(lambda: dict(self._targets(roles)))
        return self._listed

    def _targets(self, roles: Sequence[str]) -> Iterator[tuple[str, Expected]]:
        for role in roles:
            for path, target in self._targets_role(role).targets.items():
                try:
                    yield path, Expected(target.length, sha256(target.hashes.get("sha256", "")))
                except InvalidName as error:
                    raise IntegrityError(f"the index {self._identity} names no sha256 of {path}") from error

    def _delegated(self) -> SuccinctRoles | None:
        delegations = self._targets_role("targets").delegations
        return None if delegations is None else delegations.succinct_roles

    def _put(self, to: Destination, role: str) -> None:
        data = self._file(role).read_bytes()
        version = Metadata[Any].from_bytes(data).signed.version
        to.write(f"{self.form.metadata}{version}.{role}.json", data)

    async def _put_roots(self, to: Destination) -> None:
        """Every root: whoever trusted an early one has to be led to the newest."""
        newest = Metadata[Root].from_bytes(self._file("root").read_bytes()).signed.version
        for version in range(1, newest + 1):
            path = f"{self.form.metadata}{version}.root.json"
            kept = self._folder.metadata / "root_history" / f"{version}.root.json"
            if kept.is_file():
                to.write(path, kept.read_bytes())
                continue
            try:
                data = await read_metadata(self.fetcher, path)
            except NotThere:
                continue  # one that this machine did not begin with; nobody can begin with it any more
            read_root(data, self.fetcher.place(path))
            to.write(path, data)

    def _file(self, role: str) -> Path:
        return self._folder.metadata / f"{role}.json"

    def _targets_role(self, role: str) -> Targets:
        return Metadata[Targets].from_bytes(self._file(role).read_bytes()).signed


@asynccontextmanager
async def open_signed_original(
    layout: Layout, identity: str, fetcher: Fetcher, to: Destination
) -> AsyncGenerator[SignedOriginal]:
    """The index that this machine trusts as `identity`, brought up to date; raises what `TrustedMetadata` raises."""
    trusted = TrustFolder(layout, identity)
    with scratch(layout, "copy") as work:
        folder = TrustFolder(Layout(work), identity)
        folder.path.parent.mkdir(parents=True)
        async with trusted.exclusive():
            await to_thread.run_sync(lambda: shutil.copytree(trusted.path, folder.path, symlinks=True))
        file = parse_index(folder.index.read_bytes(), str(folder.index))
        if file.releases is None:
            raise IntegrityError(f"{folder.index} is signed, and says that it is not")
        fetcher.allow(file.bases)
        form = file.releases
        await to_thread.run_sync(_seed, to.folder / form.metadata, folder.metadata)
        metadata = TrustedMetadata(folder, fetcher, form.metadata)
        await metadata.refresh()
        yield SignedOriginal(fetcher, form, folder, metadata, identity)


def _seed(copied: Path, metadata: Path) -> None:
    """Bins that were copied before need not be fetched again; whether they are still right, tuf decides."""
    newest: dict[str, tuple[int, Path]] = {}
    for file in copied.glob("*.json") if copied.is_dir() else ():
        version, _, name = file.name.partition(".")
        if version.isdecimal() and name.removesuffix(".json") not in _TOP:
            newest[name] = max(newest.get(name, (0, file)), (int(version), file))
    for name, (_, file) in newest.items():
        if not (metadata / name).exists():
            shutil.copyfile(file, metadata / name)


def _one_path_for_each(bins: SuccinctRoles | None) -> Iterator[str]:
    if bins is None:
        return
    waiting = set(bins.get_roles())
    for number in count():
        role = bins.get_role_for_target(f"bin/{number}")
        if role in waiting:
            waiting.remove(role)
            yield f"bin/{number}"
        if not waiting:
            return
