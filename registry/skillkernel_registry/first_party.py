"""The index that comes with skillkernel, and the opening of any index.

In a clone or an editable install it is the repository's own index.json, whose skills are built on demand; in an
installed wheel it is what hatch_build.py put beside this module. Both have one identity, so that a person's data and
grants stay when the way of installing changes.
"""

from pathlib import Path

from skillkernel.catalogue.types import Layout
from skillkernel.errors import Missing, UsageError
from skillkernel_registry.download import read_metadata
from skillkernel_registry.errors import IndexUnreachable, IndexUnsigned
from skillkernel_registry.fetch import Fetcher, FolderFetcher, NotThere
from skillkernel_registry.index import STRICT, Index, IndexTerms
from skillkernel_registry.index_format import IndexFile, parse_index
from skillkernel_registry.location import FolderLocation, Location, parse_location
from skillkernel_registry.published_index import PublishedIndex
from skillkernel_registry.sources_index import SourcesIndex

FIRST_PARTY = "first-party"


def first_party_folder() -> Path:
    """The folder of the embedded index; raise `Missing` when this installation has none."""
    package = Path(__file__).resolve().parent
    built = package / "embedded_index"
    if (built / "index.json").is_file():
        return built
    repository = package.parents[1]
    if package.parent.name == "registry" and (repository / "index.json").is_file():
        return repository
    raise Missing("this installation of skillkernel came without its index", hint="install it again, or use --index")


async def open_index(layout: Layout, where: str | None, terms: IndexTerms = STRICT) -> Index:
    """The index at `where`, or the embedded one.

    Raises `UsageError` for an address that cannot be one, `IndexUnsigned`, `IndexUnreachable`, `IntegrityError` for a
    malformed file.
    """
    embedded = FolderLocation(first_party_folder()) if where is None else None
    location = embedded or parse_location(where or "")
    fetcher = _fetcher(location)
    try:
        file = await _read(fetcher, location)
    except BaseException:
        await fetcher.aclose()
        raise
    ours = embedded is not None or _is_embedded(location)
    identity = FIRST_PARTY if ours else str(location)
    if not ours and not terms.unsigned:
        await fetcher.aclose()
        raise IndexUnsigned(identity)
    if file.releases is not None:
        return PublishedIndex(layout, identity, fetcher, file, file.releases)
    await fetcher.aclose()
    if not isinstance(location, FolderLocation):
        raise UsageError(f"the index {location} holds sources, which are built from a folder", hint="clone it first")
    return SourcesIndex(layout, identity, location.path, file)


def _fetcher(location: Location) -> Fetcher:
    if isinstance(location, FolderLocation):
        return FolderFetcher(location.path)
    from skillkernel_registry.http_fetch import HttpFetcher  # httpx takes longer to import than a folder to read

    return HttpFetcher(location.url)


async def _read(fetcher: Fetcher, location: Location) -> IndexFile:
    place = fetcher.place("index.json")
    try:
        data = await read_metadata(fetcher, "index.json")
    except NotThere:
        raise IndexUnreachable(f"{place} is not there", hint=f"is {location} the folder of an index?") from None
    file = parse_index(data, place)
    fetcher.allow(file.bases)
    return file


def _is_embedded(location: Location) -> bool:
    if not isinstance(location, FolderLocation):
        return False
    try:
        return location.path.resolve() == first_party_folder()
    except Missing:
        return False
