"""The wheels of what was chosen, fetched side by side and held against the records that they were chosen by.

What decides is the record, since that is what an index vouches for; a wheel that says something else is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from anyio import to_thread

from skillkernel.catalogue.types import Layout
from skillkernel.catalogue.verify import LOCAL
from skillkernel.errors import IntegrityError
from skillkernel.names import SkillName
from skillkernel_registry.index import IndexTerms
from skillkernel_registry.index_format import Release
from skillkernel_registry.progress import OnProgress, Progress, Stage
from skillkernel_registry.resolution.candidate import Candidate
from skillkernel_registry.resolution.choice import Choice
from skillkernel_registry.resolution.promise import contradiction
from skillkernel_registry.resolution.records import Found, Records
from skillkernel_registry.resolution.side_by_side import side_by_side
from skillkernel_registry.resolution.versions import withdrawn
from skillkernel_registry.wheel import SkillWheel, inspect_wheel

AT_ONCE = 4
"""Wheels that are fetched at the same time."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Fetches wheels on these terms; `named` are the skills that a person asked for."""

    layout: Layout
    terms: IndexTerms
    on_progress: OnProgress
    records: Records
    named: frozenset[SkillName]

    async def candidates(self, choices: Sequence[Choice]) -> tuple[Candidate, ...]:
        """A candidate for each choice, in their order; raise what index, download and inspection raise."""
        return await side_by_side(self._candidate, choices, AT_ONCE)

    async def _candidate(self, choice: Choice) -> Candidate:
        requested = choice.name in self.named
        if isinstance(choice.source, SkillWheel):
            return Candidate(choice.source, LOCAL, "", requested)
        assert isinstance(choice.source, Release)  # noqa: S101 # what stays as it is installed is never fetched
        found, release = await self.records.found(choice.name), choice.source
        path = await found.index.wheel(choice.name, release, self.on_progress)
        signer = await self._signer(found, release, path)
        wheel = await inspect(path, self.on_progress)
        if problem := contradiction(choice.name, release, wheel):
            raise IntegrityError(
                f"{found.index.identity} promised {choice.name} {release.version}, and {problem}",
                hint="tell whoever runs the index",
            )
        publisher = found.record.publisher
        return Candidate(wheel, found.index.identity, publisher, requested, signer, withdrawn(release))

    async def _signer(self, found: Found, release: Release, wheel: Path) -> str:
        """Who attested the wheel, in words; checked before anything in the wheel is looked at."""
        if release.provenance is None and not found.index.must_attest(SkillName(found.record.name)):
            if found.record.publishers:
                unattested = (
                    f"{found.record.name} {release.version} has no attestation, though its index says who attests it"
                )
                found.index.warnings = (*found.index.warnings, unattested)
            return ""
        from skillkernel_registry.provenance.check import check_provenance  # sigstore is slow to import

        return await check_provenance(self.layout, found.index, found.record, release, wheel, self.terms)


async def inspect(path: Path, on_progress: OnProgress) -> SkillWheel:
    """Look a wheel through in a thread; raise as `inspect_wheel` does."""
    on_progress(Progress(Stage.INSPECT, path.name))
    return await to_thread.run_sync(inspect_wheel, path)
