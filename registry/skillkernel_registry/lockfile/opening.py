"""The indexes of a lock, opened as config.toml and the lock have them, and what they say about signers."""

import inspect
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from skillkernel.catalogue.types import Layout
from skillkernel.catalogue.verify import LOCAL
from skillkernel.errors import IntegrityError, SkillKernelError
from skillkernel.names import skill_name
from skillkernel_registry.index import Index, IndexTerms, NewRoot, accept_no_root
from skillkernel_registry.index_format import Record, Release
from skillkernel_registry.indexes.opening import find_site, open_site
from skillkernel_registry.progress import OnProgress, Progress, Stage
from skillkernel_registry.resolution.candidate import Candidate


class Openings:
    """Opens each index once; one that is new to this machine has to have the root that `roots` gives its address."""

    def __init__(self, layout: Layout, roots: Mapping[str, str], terms: IndexTerms, on_progress: OnProgress) -> None:
        self._layout = layout
        self._roots = roots
        self._terms = terms
        self._on_progress = on_progress
        self._opened: dict[str, Index] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the indexes said meanwhile, for a person."""
        return tuple(said for index in self._opened.values() for said in index.warnings)

    async def open(self, address: str) -> Index:
        """The index at an address; raise what opening it raises, `IntegrityError` for another root than the lock's."""
        root = self._roots.get(address, "")
        index = await self._open(address, self._bound(root))
        if root and not index.root:
            raise IntegrityError(
                f"the index {address} is not signed, and the lock says that it has the root {root}",
                hint="ask whoever runs it, or whoever wrote the lock; do not use it before they agree",
            )
        return index

    async def links(self, candidates: Iterable[Candidate]) -> tuple[str, ...]:
        """Where Python wheels are that come with the indexes of these candidates, for those that need any.

        An index that cannot be opened, or that only a person's word would open, has none: every package is pinned by
        its hash, and may be in a package index too.
        """
        addresses = sorted({one.index for one in candidates if one.index != LOCAL and one.wheel.lock.here()})
        found: dict[str, None] = {}
        for address in addresses:
            try:
                index = await self._open(address, replace(self._terms, accept_root=accept_no_root))
                found |= dict.fromkeys(await index.links())
            except SkillKernelError:
                continue
        return tuple(found)

    async def _open(self, address: str, terms: IndexTerms) -> Index:
        if address not in self._opened:
            self._on_progress(Progress(Stage.INDEX, address))
            self._opened[address] = await open_site(self._layout, find_site(self._layout, address, terms))
        return self._opened[address]

    async def signer(self, index: Index, record: Record, release: Release, wheel: Path) -> str:
        """Whose attestation a wheel came with; raise what checking it raises."""
        if release.provenance is None and not index.must_attest(skill_name(record.name)):
            return ""
        from skillkernel_registry.provenance.check import check_provenance  # sigstore is slow to import

        return await check_provenance(self._layout, index, record, release, wheel, self._terms)

    async def aclose(self) -> None:
        """Let go of them all."""
        async with AsyncExitStack() as stack:
            for index in self._opened.values():
                stack.push_async_callback(index.aclose)

    def _bound(self, fingerprint: str) -> IndexTerms:
        """The same terms, under which no other root than the lock's is even asked about."""

        async def accept(root: NewRoot) -> bool:
            if fingerprint and root.fingerprint != fingerprint:
                raise IntegrityError(
                    f"the index {root.index} has the root {root.fingerprint}, and the lock says {fingerprint}",
                    hint="one of them is not what was meant: ask whoever wrote the lock",
                )
            answer = self._terms.accept_root(root)
            return await answer if inspect.isawaitable(answer) else answer

        return replace(self._terms, accept_root=accept)


@asynccontextmanager
async def openings(
    layout: Layout, roots: Mapping[str, str], terms: IndexTerms, on_progress: OnProgress
) -> AsyncGenerator[Openings]:
    """Indexes by their addresses, closed at the end."""
    opened = Openings(layout, roots, terms, on_progress)
    try:
        yield opened
    finally:
        await opened.aclose()
