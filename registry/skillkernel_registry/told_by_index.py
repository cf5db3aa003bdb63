"""What an index says of a choice beyond its records: names that could be taken for others, and where Python wheels are."""

from collections.abc import Sequence
from dataclasses import dataclass

from skillkernel.catalogue.types import Catalogue
from skillkernel.catalogue.verify import LOCAL
from skillkernel_registry.index_on_demand import OpenIndex
from skillkernel_registry.indexes.name_warnings import name_warnings
from skillkernel_registry.resolution.candidate import Candidate


@dataclass(frozen=True, slots=True)
class ToldByIndex:
    """`warnings` are sentences for a person, `links` places of Python wheels that come with the index."""

    warnings: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


async def told_by_index(opening: OpenIndex, candidates: Sequence[Candidate], before: Catalogue) -> ToldByIndex:
    """What there is to know of these candidates, which are about to be installed; no index is opened for local ones."""
    chosen: dict[str, str] = {one.wheel.manifest.name: one.index for one in candidates if one.index != LOCAL}
    if not chosen:
        return ToldByIndex()
    index = await opening()
    needed = any(one.wheel.lock.here() for one in candidates)
    return ToldByIndex(await name_warnings(index, chosen, before), await index.links() if needed else ())
