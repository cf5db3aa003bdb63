"""An index whose files are vouched for by keys: what is read of it was compared with its signed metadata."""

import inspect

from skillkernel.catalogue.types import Layout
from skillkernel.errors import IntegrityError
from skillkernel.names import SkillName
from skillkernel_registry.download import read_metadata
from skillkernel_registry.errors import IndexTampered, IndexUnreachable, IndexUnsigned, RootRefused
from skillkernel_registry.fetch import Fetcher, NotThere
from skillkernel_registry.index import Index, IndexTerms, NewRoot
from skillkernel_registry.index_format import IndexFile, Releases, parse_index
from skillkernel_registry.location import Location, WebLocation
from skillkernel_registry.published_index import PublishedIndex
from skillkernel_registry.trust.kept import KeptFetcher
from skillkernel_registry.trust.metadata import DEFAULT_LIMITS, Limits, TrustedMetadata
from skillkernel_registry.trust.roots import TrustFolder, describe_root, known_root, pin_root
from skillkernel_registry.trust.vouched import INDEX, VouchedFiles


class SignedIndex(PublishedIndex):
    """Records and search files are targets of TUF; wheels and provenance are pinned in the records."""

    def __init__(
        self,
        layout: Layout,
        identity: str,
        fetcher: Fetcher,
        file: IndexFile,
        form: Releases,
        root: str,
        files: VouchedFiles,
        metadata: TrustedMetadata,
    ) -> None:
        super().__init__(layout, identity, fetcher, file, form)
        self.root = root
        self._files = files
        self._metadata = metadata

    def must_attest(self, name: SkillName) -> bool:
        return self._metadata.policy.must_attest(name)

    async def _read(self, path: str) -> bytes:
        return await self._files.read(path)


async def open_signed_index(
    layout: Layout,
    identity: str,
    location: Location,
    fetcher: Fetcher,
    file: IndexFile | None,
    terms: IndexTerms,
    *,
    limits: Limits = DEFAULT_LIMITS,
) -> Index:
    """The index at `location`, its metadata brought up to date; on the first use, `terms` decide whether it is trusted.

    `file` is its index.json as anybody can read it; None where `was_signed`, so that nothing is fetched twice. With
    `terms.offline` nothing is fetched from the web. Raises `RootRefused`, `IndexUnsigned` for one without metadata, and what
    `TrustedMetadata.refresh` raises; the fetcher is closed then.
    """
    folder = TrustFolder(layout, identity)
    if terms.offline and isinstance(location, WebLocation):
        fetcher = KeptFetcher(fetcher, folder.metadata)
    try:
        base = await _metadata_folder(folder, fetcher, file, str(location))
        root = known_root(layout, identity) or await _first_trust(
            layout, identity, location, fetcher, base, terms, limits
        )
        metadata = TrustedMetadata(folder, fetcher, base, limits)
        await metadata.refresh()
        files = VouchedFiles(layout, folder, fetcher, metadata)
        signed = parse_index(await _vouched_index(files, fetcher), fetcher.place(INDEX))
        form = _signed_form(signed, fetcher)
        fetcher.allow(signed.bases)
    except BaseException:
        await fetcher.aclose()
        raise
    return SignedIndex(layout, identity, fetcher, signed, form, root.fingerprint, files, metadata)


async def _metadata_folder(folder: TrustFolder, fetcher: Fetcher, file: IndexFile | None, location: str) -> str:
    """Where the metadata is, by what was vouched for before, or by what anybody may write: it is checked all the same."""
    try:
        file = parse_index(folder.index.read_bytes(), str(folder.index))
    except (OSError, IntegrityError):
        try:
            file = file or parse_index(await read_metadata(fetcher, INDEX), fetcher.place(INDEX))
        except NotThere:
            raise IndexUnreachable(
                f"{fetcher.place(INDEX)} is not there", hint="is it the folder of an index?"
            ) from None
    if file.releases is not None and file.releases.metadata:
        return file.releases.metadata
    if not folder.path.is_dir():
        raise IndexUnsigned(location)
    raise IndexTampered(
        f"the index {location} was signed before, and is not any more",
        hint="ask whoever runs it; if that is meant, `skill index forget` it, then say --unsigned",
    )


async def _first_trust(
    layout: Layout, identity: str, location: Location, fetcher: Fetcher, base: str, terms: IndexTerms, limits: Limits
) -> NewRoot:
    """Pin the first root of the chain: its fingerprint stays the same for everybody, whatever keys came after it."""
    path = f"{base}1.root.json"
    try:
        data = await read_metadata(fetcher, path, limit=limits.root, pace=limits.pace)
    except NotThere:
        raise IndexTampered(
            f"{fetcher.place(path)} is not there, though the index says that it is signed",
            hint="tell whoever runs the index",
        ) from None
    answer = terms.accept_root(describe_root(str(location), data))
    if inspect.isawaitable(answer):
        answer = await answer
    if not answer:
        raise RootRefused(str(location))
    return pin_root(layout, identity, data)


async def _vouched_index(files: VouchedFiles, fetcher: Fetcher) -> bytes:
    try:
        return await files.read(INDEX)
    except NotThere:
        raise IndexTampered(
            f"the index does not vouch for its own {fetcher.place(INDEX)}", hint="tell whoever runs the index"
        ) from None


def _signed_form(file: IndexFile, fetcher: Fetcher) -> Releases:
    if file.releases is None or not file.releases.metadata:
        raise IndexTampered(
            f"{fetcher.place(INDEX)} is signed, and says that it is not", hint="tell whoever runs the index"
        )
    return file.releases
