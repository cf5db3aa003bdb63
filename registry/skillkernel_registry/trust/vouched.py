"""The files that an index vouches for by name: TUF's targets."""

from pathlib import Path

from skillkernel.catalogue.types import Layout
from skillkernel_registry.download import Expected, download
from skillkernel_registry.errors import IndexTampered
from skillkernel_registry.fetch import Fetcher, NotThere
from skillkernel_registry.progress import silent
from skillkernel_registry.scratch import scratch
from skillkernel_registry.trust.metadata import TrustedMetadata
from skillkernel_registry.trust.roots import TrustFolder
from skillkernel_registry.wheel_cache import is_kept, settle_wheel

INDEX = "index.json"


class VouchedFiles:
    """The targets of an index, kept under SKILL_HOME/cache/indexes so that one that did not change is not fetched again.

    index.json is kept in the trust folder: it says where the metadata is.
    """

    def __init__(self, layout: Layout, folder: TrustFolder, fetcher: Fetcher, metadata: TrustedMetadata) -> None:
        self._layout = layout
        self._folder = folder
        self._fetcher = fetcher
        self._metadata = metadata

    async def read(self, path: str) -> bytes:
        """The file as the metadata has it; raise `NotThere` when the index does not vouch for any of that name."""
        expected = await self._metadata.expected(path)
        if expected is None:
            raise NotThere(path)
        self._fetcher.place(path)
        kept = self._folder.index if path == INDEX else self._folder.kept / path
        if not is_kept(kept, expected.sha256):
            await self._fetch(path, expected, kept)
        return kept.read_bytes()

    async def _fetch(self, path: str, expected: Expected, kept: Path) -> None:
        folder, slash, name = path.rpartition("/")
        source = f"{folder}{slash}{expected.sha256}.{name}"
        try:
            with scratch(self._layout, "index") as work:
                partial = work / name
                await download(self._fetcher, source, expected, partial, silent)
                settle_wheel(partial, kept)
        except NotThere as gone:
            raise IndexTampered(
                f"{self._fetcher.place(source)} is not there, though the index vouches for it",
                hint="a mirror may be half-way through an update: try again later, and tell whoever runs the index",
            ) from gone
