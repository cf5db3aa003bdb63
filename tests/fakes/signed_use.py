"""Opening a signed index as a command does; `python -m fakes.signed_use HOME WHERE` prints the wheel that it fetched."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from skillkernel.catalogue.types import Layout
from skillkernel.names import skill_name
from skillkernel_registry.download import read_metadata
from skillkernel_registry.fetch import FolderFetcher
from skillkernel_registry.http_fetch import HttpFetcher
from skillkernel_registry.index import Index, IndexTerms, NewRoot
from skillkernel_registry.index_format import IndexFile, parse_index
from skillkernel_registry.location import FolderLocation, parse_location
from skillkernel_registry.progress import silent
from skillkernel_registry.trust.metadata import DEFAULT_LIMITS, Limits
from skillkernel_registry.trust.roots import was_signed
from skillkernel_registry.trust.signed_index import open_signed_index


def accept_every_root(root: NewRoot) -> bool:
    """As a person who says yes."""
    return True


TRUSTING = IndexTerms(accept_root=accept_every_root)


@asynccontextmanager
async def opened(
    layout: Layout, where: str, terms: IndexTerms = TRUSTING, limits: Limits = DEFAULT_LIMITS
) -> AsyncGenerator[Index]:
    """The signed index at a folder or an address."""
    location = parse_location(where)
    fetcher = FolderFetcher(location.path) if isinstance(location, FolderLocation) else HttpFetcher(location.url)
    file: IndexFile | None = None
    if not terms.offline and not was_signed(layout, str(location)):
        file = parse_index(await read_metadata(fetcher, "index.json"), "index.json")
    index = await open_signed_index(layout, str(location), location, fetcher, file, terms, limits=limits)
    try:
        yield index
    finally:
        await index.aclose()


async def fetched(layout: Layout, where: str, name: str = "tiny", limits: Limits = DEFAULT_LIMITS) -> Path:
    """The newest wheel of a skill."""
    async with opened(layout, where, limits=limits) as index:
        record = await index.record(skill_name(name))
        return await index.wheel(skill_name(name), record.releases[-1], silent)


if __name__ == "__main__":
    print(anyio.run(fetched, Layout(Path(sys.argv[1])), sys.argv[2]).name)  # noqa: T201 # what the test reads
