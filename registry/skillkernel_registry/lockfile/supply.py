"""Where the wheels of a lock come from: this machine's cache, the lock's own folder, or the index that it names.

Threat: a lock that calls one publisher's wheel another's, or the wheel of its own folder that of an index. A wheel is
taken as an index's only if that index said so, now or before on this machine.
"""

from pathlib import Path

from anyio import to_thread

from skillkernel.catalogue.types import Layout
from skillkernel.catalogue.verify import LOCAL
from skillkernel.errors import IntegrityError, Missing
from skillkernel.names import skill_name
from skillkernel_registry.errors import IndexUnreachable, SkillNotFound
from skillkernel_registry.index import Index
from skillkernel_registry.lockfile.format import LockedSkill
from skillkernel_registry.lockfile.kept import Origin, find_wheel, origins, remember_origin
from skillkernel_registry.lockfile.opening import Openings
from skillkernel_registry.progress import OnProgress, Progress, Stage
from skillkernel_registry.resolution.candidate import Candidate
from skillkernel_registry.resolution.versions import fits, this_host, unfit, withdrawn
from skillkernel_registry.wheel import SkillWheel, inspect_wheel
from skillkernel_registry.wheel_cache import hash_file, keep_wheel


class Supply:
    """Finds each locked wheel; `folder` is where the lock stands."""

    def __init__(
        self,
        layout: Layout,
        folder: Path,
        indexes: Openings,
        on_progress: OnProgress,
    ) -> None:
        self._layout = layout
        self._folder = folder
        self._indexes = indexes
        self._on_progress = on_progress
        self.warnings: list[str] = []
        """Sentences for a person, gathered while wheels are found."""

    async def find(self, locked: LockedSkill, address: str) -> Candidate:
        """The locked wheel; raise `Missing` when it cannot be had here, `IntegrityError` when it is not as locked."""
        kept = await to_thread.run_sync(find_wheel, self._layout, locked.wheel, locked.sha256)
        if address == LOCAL:
            return await self._candidate(locked, kept or await self._beside(locked), address)
        wanted = Origin(index=address, publisher=locked.publisher, signer=locked.signer)
        if kept is not None and wanted in await to_thread.run_sync(origins, self._layout, locked.sha256):
            return await self._candidate(locked, kept, address)
        try:
            return await self._from_index(locked, address)
        except IndexUnreachable as error:
            raise IndexUnreachable(f"{_named(locked)}: {error.message}", hint=error.hint) from error

    async def _beside(self, locked: LockedSkill) -> Path:
        """A wheel of nobody's index lies beside the lock."""
        place = self._folder / locked.wheel
        if not await to_thread.run_sync(place.is_file):
            raise Missing(
                f"{_named(locked)} is a wheel of somebody's own, and it is not here",
                hint=f"put {locked.wheel} beside the lock",
            )
        return await to_thread.run_sync(keep_wheel, self._layout, place)

    async def _from_index(self, locked: LockedSkill, address: str) -> Candidate:
        index = await self._indexes.open(address)
        if index.identity != address:
            raise IntegrityError(f"{address} is the index {index.identity}", hint="lock anew, so that it says so")
        self._on_progress(Progress(Stage.RESOLVE, locked.name))
        try:
            record = await index.record(skill_name(locked.name))
        except SkillNotFound:
            raise Missing(
                f"{_named(locked)} is not in {index.identity}", hint="was it removed there? then lock anew"
            ) from None
        if record.publisher != locked.publisher:
            raise _other(locked, index, f"published by {record.publisher!r} there, by {locked.publisher!r} in the lock")
        release = next((one for one in record.releases if one.version == locked.version), None)
        if release is None:
            raise Missing(f"{_named(locked)} is not in {index.identity}", hint="was it removed there? then lock anew")
        if release.sha256 not in {"", locked.sha256}:
            raise _other(locked, index, f"sha256 {release.sha256} there, {locked.sha256} in the lock")
        if why := withdrawn(release):
            self.warnings.append(f"{_named(locked)} was withdrawn by its publisher: {why}")
        path = await index.wheel(skill_name(locked.name), release, self._on_progress)
        found = await to_thread.run_sync(hash_file, path)
        if found != locked.sha256:
            raise _other(locked, index, f"sha256 {found} there, {locked.sha256} in the lock")
        signer = await self._indexes.signer(index, record, release, path)
        if signer != locked.signer:
            raise _other(
                locked, index, f"signed by {signer or 'nobody'} there, by {locked.signer or 'nobody'} in the lock"
            )
        candidate = await self._candidate(locked, path, address)
        await to_thread.run_sync(remember_origin, self._layout, candidate)
        return candidate

    async def _candidate(self, locked: LockedSkill, path: Path, index: str) -> Candidate:
        self._on_progress(Progress(Stage.INSPECT, path.name))
        wheel = await to_thread.run_sync(inspect_wheel, path)
        _check(locked, wheel)
        return Candidate(wheel, index, locked.publisher, locked.requested, locked.signer)


def _check(locked: LockedSkill, wheel: SkillWheel) -> None:
    found = (wheel.manifest.name, wheel.manifest.version, wheel.sha256)
    if found != (locked.name, locked.version, locked.sha256):
        raise IntegrityError(
            f"{wheel.path.name} is {found[0]} {found[1]} with sha256 {found[2]}, not what the lock says of {_named(locked)}",
            hint="somebody changed it: get it again, or lock anew",
        )
    host, manifest = this_host(), wheel.manifest
    if not fits(manifest.requires_kernel, wheel.requires_python, host):
        raise unfit(manifest.name, manifest.version, manifest.requires_kernel, wheel.requires_python, host)


def _named(locked: LockedSkill) -> str:
    return f"{locked.name} {locked.version}"


def _other(locked: LockedSkill, index: Index, how: str) -> IntegrityError:
    return IntegrityError(
        f"{_named(locked)} of {index.identity} is not the one of the lock: {how}",
        hint="if that is right, lock anew; if you do not know why, do not install it",
    )
