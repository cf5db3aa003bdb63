"""The metadata of one signed index, brought up to date by tuf's client and kept in its trust folder.

tuf decides everything: this module runs it in a thread, one process at a time on a folder, from the pinned root on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from anyio import Lock, to_thread
from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, Timestamp  # pyright: ignore[reportPrivateImportUsage] # tuf documents them here
from tuf.ngclient.config import UpdaterConfig
from tuf.ngclient.updater import Updater

from skillkernel.errors import InvalidName, Missing
from skillkernel.names import sha256
from skillkernel_registry.download import METADATA_LIMIT, METADATA_PACE, Expected, Pace
from skillkernel_registry.errors import IndexTampered
from skillkernel_registry.fetch import Fetcher
from skillkernel_registry.trust.failures import explain
from skillkernel_registry.trust.policy import Policy, parse_policy
from skillkernel_registry.trust.roots import TrustFolder, check_pinned
from skillkernel_registry.trust.tuf_fetch import RootsRead, ThreadFetcher

_Result = TypeVar("_Result")
_SEEN = (Timestamp.type, Snapshot.type)
"""The roles that hold the versions of the others."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of one metadata file after decoding, by role; root rotations since the pinned one; and how slow it may be."""

    root: int = 500_000
    timestamp: int = 16_000
    snapshot: int = 2_000_000
    targets: int = 4_000_000
    rotations: int = 1_024
    pace: Pace = METADATA_PACE


DEFAULT_LIMITS = Limits()


class TrustedMetadata:
    """What an index vouches for as of one `refresh`, which comes before every question.

    `base` is the folder of the metadata inside the index. `policy` is what its root asks.
    """

    def __init__(self, folder: TrustFolder, fetcher: Fetcher, base: str, limits: Limits = DEFAULT_LIMITS) -> None:
        self._folder = folder
        self._fetcher = fetcher
        self._base = base
        self._config = UpdaterConfig(
            max_root_rotations=limits.rotations,
            root_max_length=limits.root,
            timestamp_max_length=limits.timestamp,
            snapshot_max_length=limits.snapshot,
            targets_max_length=limits.targets,
        )
        self._reader = ThreadFetcher(fetcher, limits.pace)
        self._lock = Lock()
        self._updater: Updater | None = None
        self.policy = Policy()

    async def refresh(self) -> None:
        """Bring it up to date.

        Raises `IndexRolledBack`, `IndexExpired`, `IndexTampered`, `IndexUnreachable`, and `IntegrityError` when the
        pinned root is damaged or a file is too long.
        """
        await self._run(self._refresh)

    async def expected(self, path: str) -> Expected | None:
        """What the file at `path` has to be; None when the index does not vouch for any. Raises as `refresh` does."""
        return await self._run(lambda: self._expected(path))

    async def _run(self, work: Callable[[], _Result]) -> _Result:
        async with self._lock, self._folder.exclusive():
            return await to_thread.run_sync(lambda: self._explained(work))

    def _explained(self, work: Callable[[], _Result]) -> _Result:
        try:
            return work()
        except (RepositoryError, DownloadError) as error:
            last = self._reader.last
            raise explain(error, last, self._fetcher.place(last.path), self._folder.metadata) from error
        except OSError as error:
            raise Missing(
                f"{self._folder.path} cannot be used: {error.strerror or error}",
                hint="free space, or mend its rights; `skill index forget` the index if it cannot be saved",
            ) from error

    def _refresh(self) -> None:
        first = check_pinned(self._folder)
        self._folder.metadata.mkdir(exist_ok=True)
        self._sweep()
        if any(self._kept(role).exists() for role in _SEEN):
            self._read_roots(first)
            self._drop_what_revoked_keys_signed()
        self._updater = self._begun(first)
        self._updater.refresh()
        root = self._newest_root()
        self.policy = parse_policy(root.unrecognized_fields, f"the index's root {root.version}")

    def _begun(self, first: bytes) -> Updater:
        folder = str(self._folder.metadata)
        return Updater(folder, self._base, fetcher=self._reader, config=self._config, bootstrap=first)

    def _read_roots(self, first: bytes) -> None:
        self._reader.roots_only = True
        try:
            self._begun(first).refresh()
        except RootsRead:
            pass
        finally:
            self._reader.roots_only = False

    def _drop_what_revoked_keys_signed(self) -> None:
        """Forget the versions that were seen when the keys that signed them are revoked (TUF 5.3.11).

        Whoever had the keys may have driven the versions up, past all that an honest keeper will ever publish. tuf
        passes over a kept file that the root does not vouch for, but each by itself: the other one would still hold
        what the same thief wrote, so both go.
        """
        root = self._newest_root()
        if any(self._is_revoked(role, root) for role in _SEEN):
            for role in _SEEN:
                self._kept(role).unlink(missing_ok=True)

    def _is_revoked(self, role: str, root: Root) -> bool:
        try:
            kept = Metadata[Any].from_bytes(self._kept(role).read_bytes())
        except (OSError, RepositoryError):
            return False
        return not root.get_verification_result(role, kept.signed_bytes, kept.signatures)

    def _kept(self, role: str) -> Path:
        return self._folder.metadata / f"{role}.json"

    def _newest_root(self) -> Root:
        return Metadata[Root].from_bytes(self._kept(Root.type).read_bytes()).signed

    def _sweep(self) -> None:
        """Take away what tuf was writing when it was killed: it writes beside and renames."""
        for left in self._folder.metadata.glob("tmp*"):
            left.unlink(missing_ok=True)

    def _expected(self, path: str) -> Expected | None:
        if self._updater is None:
            raise RuntimeError("asked before the first refresh")
        info = self._updater.get_targetinfo(path)
        if info is None:
            return None
        if info.length > METADATA_LIMIT:
            raise IndexTampered(
                f"the index says that {path} has {info.length} bytes; {METADATA_LIMIT} are allowed",
                hint="tell whoever runs the index",
            )
        try:
            return Expected(info.length, sha256(info.hashes.get("sha256", "")))
        except InvalidName as error:
            raise IndexTampered(f"the index names no sha256 of {path}", hint="tell whoever runs the index") from error
