"""Signed indexes in a folder, kept by the real keeper, and tuf's own client over them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface, Updater

from fakes.wheels import SkillWheelFake
from skillkernel.names import skill_name
from skillkernel_registry.index_format import Record, parse_record
from skillkernel_registry.keeper.attesting import sigstore_check
from skillkernel_registry.keeper.folder_files import FolderFiles
from skillkernel_registry.keeper.founding import Attestations, Plan, found_signed
from skillkernel_registry.keeper.keeper import Keeper
from skillkernel_registry.keeper.keys import Keys
from skillkernel_registry.keeper.outcome import Outcome


@dataclass
class SignedIndex:
    """A signed index in `folder` with its private keys in `keys`; `now` is what its keeper's clock says.

    `trust` is the ClientTrustConfig that attestations are checked with, None for the public Sigstore instance.
    """

    folder: Path
    keys: Path
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    trust: Path | None = None

    @property
    def files(self) -> FolderFiles:
        return FolderFiles(self.folder)

    @property
    def keeper(self) -> Keeper:
        return Keeper.open(self.files, self.keys, now=lambda: self.now, check=sigstore_check(self.trust))

    @property
    def first_root(self) -> bytes:
        """The root.json that a client is handed first."""
        return (self.folder / "metadata/1.root.json").read_bytes()

    def add(self, *fakes: SkillWheelFake, **options: Any) -> Outcome:
        """Publish these skills; `options` are those of `Keeper.add`."""
        built = self.folder.with_name(f"{self.folder.name}-built")
        return self.keeper.add([fake.write(built) for fake in fakes], **options)


def write_signed_index(
    folder: Path,
    keys: Path,
    *fakes: SkillWheelFake,
    publisher: str = "somebody",
    attestations: Attestations = "none",
    now: datetime | None = None,
    **plan: Any,
) -> SignedIndex:
    """A new signed index in `folder` with these skills in it; `plan` is what else `founding.Plan` takes."""
    index = SignedIndex(folder, keys) if now is None else SignedIndex(folder, keys, now)
    whole = Plan(name="test", publisher=publisher, attestations=attestations, **plan)
    found_signed(index.files, Keys([keys]), whole, index.now)
    if fakes:
        index.add(*fakes)
    return index


class TufClient:
    """tuf's own client with a memory of its own in `folder`, over an index at an address or in a folder."""

    def __init__(self, folder: Path, index: str | Path, bootstrap: bytes) -> None:
        self.folder = folder
        self._url = index if isinstance(index, str) else "folder:/"
        self._fetcher = None if isinstance(index, str) else _FolderFetcher(index)
        self._bootstrap = bootstrap
        (folder / "metadata").mkdir(parents=True)
        (folder / "targets").mkdir()

    def read(self, *paths: str) -> list[bytes | None]:
        """Refresh, and fetch these targets as the index has them now, None for one that it does not have."""
        updater = Updater(
            str(self.folder / "metadata"),
            f"{self._url}metadata/",
            str(self.folder / "targets"),
            self._url,
            self._fetcher,
            bootstrap=self._bootstrap,
        )
        updater.refresh()
        found: list[bytes | None] = []
        for path in paths:
            info = updater.get_targetinfo(path)
            found.append(None if info is None else Path(updater.download_target(info)).read_bytes())
        return found

    def record(self, name: str) -> Record | None:
        """A skill's record as the index has it now."""
        (data,) = self.read(f"skills/{name}.json")
        return None if data is None else parse_record(data, skill_name(name), name)

    def versions(self, name: str) -> list[str]:
        """The versions that are neither yanked nor gone."""
        record = self.record(name)
        return [release.version for release in record.releases if not release.yanked] if record else []


class _FolderFetcher(FetcherInterface):
    """The files of a folder as if a web server had them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            return iter([(self._folder / url.removeprefix("folder:/")).read_bytes()])
        except FileNotFoundError as error:
            raise DownloadHTTPError("it is not there", 404) from error
