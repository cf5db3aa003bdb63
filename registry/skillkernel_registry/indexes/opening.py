"""The opening of indexes: one by its address or name, or all that config.toml has.

What an index is bound to is decided here: the embedded one is trusted as part of this distribution, a signed one by the
keys of its root, an unsigned one by a person's word alone, and never again once it was seen signed.
"""

from dataclasses import dataclass, replace
from functools import partial

from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel.errors import IntegrityError, Missing, UsageError
from skillkernel.near import nearest
from skillkernel_registry.download import read_metadata
from skillkernel_registry.errors import IndexUnreachable, IndexUnsigned
from skillkernel_registry.fetch import Fetcher, FolderFetcher, NotThere
from skillkernel_registry.first_party import FIRST_PARTY, first_party_folder
from skillkernel_registry.index import STRICT, Index, IndexTerms, NewRoot
from skillkernel_registry.index_format import IndexFile, parse_index
from skillkernel_registry.indexes.config import IndexEntry, list_indexes
from skillkernel_registry.indexes.index_set import IndexSet, Member
from skillkernel_registry.location import FolderLocation, Location, WebLocation, parse_location
from skillkernel_registry.published_index import PublishedIndex
from skillkernel_registry.transfer.mirror_file import MirrorFile, PythonWheels, read_mirror
from skillkernel_registry.transfer.partial_index import PartialIndex, PerhapsPartialIndex


@dataclass(frozen=True, slots=True)
class Site:
    """One index to be opened: its files are at `location`; `root` is the fingerprint that it must have, if any."""

    identity: str
    location: Location
    terms: IndexTerms
    root: str = ""

    @property
    def is_itself(self) -> bool:
        """Whether nobody said that the files are those of another index."""
        return self.identity == str(self.location)


async def open_indexes(layout: Layout, where: str | None, terms: IndexTerms, installed: Catalogue) -> Index:
    """The index of that name in config.toml or at that address; without one all of config.toml's, in order.

    An address opens nothing else. Raises `UsageError` for an address that cannot be one and for a mistake in config.toml,
    and for an index that is opened at once what `open_site` raises.
    """
    if where is not None:
        return await open_site(layout, find_site(layout, where, terms))
    members = [
        Member(entry, partial(open_site, layout, _entry_site(entry, replace(terms, unsigned=entry.unsigned))))
        for entry in list_indexes(layout)
        if entry.enabled
    ]
    if not members:
        raise UsageError("config.toml leaves out every index", hint="name one with --index, or mend [[index]]")
    return IndexSet(members, installed)


async def open_index(layout: Layout, where: str | None, terms: IndexTerms = STRICT) -> Index:
    """The index at the address `where`, or the embedded one; raises what `open_site` raises."""
    return await open_site(layout, _address_site(where, terms))


def find_site(layout: Layout, where: str, terms: IndexTerms) -> Site:
    """The index of that name or identity in config.toml, or at that address; raise `UsageError`."""
    entries = list_indexes(layout)
    for entry in entries:
        if where in {entry.name, entry.identity}:
            return _entry_site(entry, replace(terms, unsigned=terms.unsigned or entry.unsigned))
    site = _address_site(where, terms)
    if isinstance(site.location, FolderLocation) and not site.location.path.exists():
        near = nearest(where, [entry.name for entry in entries], limit=1)
        raise IndexUnreachable(
            f"{site.location} is not there",
            hint=f"did you mean the index {near[0]} of config.toml?" if near else "give the folder of an index",
        )
    return site


async def open_site(layout: Layout, site: Site) -> Index:
    """An index, ready to be asked.

    Raises `IndexUnsigned`, `IndexUnreachable`, `IntegrityError` for a malformed file, an index that was signed before and
    one with another root than it must have, and what the trust in a signed one raises.
    """
    fetcher = fetcher_of(site.location)
    try:
        return await _opened(layout, site, fetcher)
    except BaseException:
        await fetcher.aclose()
        raise


def fetcher_of(location: Location) -> Fetcher:
    """What reads the files there."""
    if isinstance(location, FolderLocation):
        return FolderFetcher(location.path)
    from skillkernel_registry.http_fetch import HttpFetcher  # httpx takes longer to import than a folder to read

    return HttpFetcher(location.url)


async def read_index_file(fetcher: Fetcher, location: Location) -> IndexFile:
    """index.json; the fetcher may follow the redirects that it declares from now on."""
    place = fetcher.place("index.json")
    try:
        data = await read_metadata(fetcher, "index.json")
    except NotThere:
        raise IndexUnreachable(f"{place} is not there", hint=f"is {location} the folder of an index?") from None
    file = parse_index(data, place)
    fetcher.allow(file.bases)
    return file


def _entry_site(entry: IndexEntry, terms: IndexTerms) -> Site:
    if entry.name == FIRST_PARTY:
        return _address_site(None, terms)
    location = parse_location(entry.mirror or entry.url)
    return Site(entry.identity, location, _bound_terms(entry, terms), entry.root)


def _address_site(where: str | None, terms: IndexTerms) -> Site:
    if where in {None, FIRST_PARTY}:
        return Site(FIRST_PARTY, FolderLocation(first_party_folder()), terms)
    location = parse_location(where or "")
    return Site(FIRST_PARTY if _is_embedded(location) else str(location), location, terms)


async def _opened(layout: Layout, site: Site, fetcher: Fetcher) -> Index:
    if site.identity == FIRST_PARTY:
        return _plain(layout, site, fetcher, await read_index_file(fetcher, site.location))
    from skillkernel_registry.trust.roots import was_signed

    known = was_signed(layout, site.identity)
    on_the_web = _is_known_on_the_web(site, known=known)
    mirror = None if on_the_web else await _mirror(site, fetcher)
    if known:
        index = await _signed(layout, site, fetcher, None)
    else:
        index = await _new(layout, site, fetcher, mirror)
    if not _is_out_of_reach(site):
        index.python = PythonWheels(site.location, fetcher)
    if on_the_web and not site.terms.offline:
        return PerhapsPartialIndex(index, fetcher)
    return index if mirror is None or mirror.skills is None else PartialIndex(index, mirror.skills)


def _is_known_on_the_web(site: Site, *, known: bool) -> bool:
    """Then its metadata is all that is asked for; whether it is a copy, when something is missing."""
    return known and site.is_itself and isinstance(site.location, WebLocation)


async def _mirror(site: Site, fetcher: Fetcher) -> MirrorFile | None:
    return None if _is_out_of_reach(site) else await read_mirror(fetcher)


def _is_out_of_reach(site: Site) -> bool:
    return site.terms.offline and isinstance(site.location, WebLocation)


async def _new(layout: Layout, site: Site, fetcher: Fetcher, mirror: MirrorFile | None) -> Index:
    """An index of which this machine knows no root under this identity."""
    if _is_out_of_reach(site):
        raise IndexUnreachable(
            f"nothing of the index {site.location} is kept on this machine, and nobody may be asked for it",
            hint="do it once without --offline",
        )
    file = await read_index_file(fetcher, site.location)
    if file.releases is not None and file.releases.metadata:
        return await _signed(layout, _as_original(layout, site, mirror), fetcher, file)
    if site.root:
        raise _other_root(site.identity, site.root, "")
    if not site.terms.unsigned:
        raise IndexUnsigned(site.identity)
    return _plain(layout, site, fetcher, file)


async def _signed(layout: Layout, site: Site, fetcher: Fetcher, file: IndexFile | None) -> Index:
    from skillkernel_registry.trust.signed_index import open_signed_index

    index = await open_signed_index(layout, site.identity, site.location, fetcher, file, site.terms)
    if site.root and index.root != site.root:
        raise _other_root(site.identity, site.root, index.root)
    return index


def _as_original(layout: Layout, site: Site, mirror: MirrorFile | None) -> Site:
    """A mirror counts as its original where this machine knows the original's keys: then those are what it must show."""
    from skillkernel_registry.trust.roots import was_signed

    counts = mirror is not None and site.is_itself and was_signed(layout, mirror.of)
    return replace(site, identity=mirror.of) if mirror is not None and counts else site


def _plain(layout: Layout, site: Site, fetcher: Fetcher, file: IndexFile) -> Index:
    if file.releases is not None:
        return PublishedIndex(layout, site.identity, fetcher, file, file.releases)
    if not isinstance(site.location, FolderLocation):
        raise UsageError(
            f"the index {site.location} holds sources, which are built from a folder", hint="clone it first"
        )
    from skillkernel_registry.sources_index import SourcesIndex  # what builds wheels takes long to import

    return SourcesIndex(layout, site.identity, site.location.path, file)


def _bound_terms(entry: IndexEntry, terms: IndexTerms) -> IndexTerms:
    """With a root in config.toml nobody is asked: it is that one, or the index is not what it was said to be."""
    if not entry.root:
        return terms

    def accept(root: NewRoot) -> bool:
        if root.fingerprint != entry.root:
            raise _other_root(entry.identity, entry.root, root.fingerprint)
        return True

    return replace(terms, accept_root=accept)


def _other_root(identity: str, expected: str, found: str) -> IntegrityError:
    return IntegrityError(
        f"the index {identity} has {f'the root {found}' if found else 'no root'}, and config.toml says {expected}",
        hint="ask its keeper for the SHA-256 of its root.json; do not use it before they agree",
    )


def _is_embedded(location: Location) -> bool:
    if not isinstance(location, FolderLocation):
        return False
    try:
        return location.path.resolve() == first_party_folder()
    except Missing:
        return False
