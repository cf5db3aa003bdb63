"""What is said before an install of names that could be taken for others, or that others have as well."""

from collections.abc import Iterable, Mapping

from skillkernel.catalogue.types import Catalogue
from skillkernel.errors import SkillKernelError
from skillkernel_registry.first_party import FIRST_PARTY, first_party_folder
from skillkernel_registry.index import Index
from skillkernel_registry.index_format import parse_index, parse_search
from skillkernel_registry.indexes.index_set import IndexSet
from skillkernel_registry.indexes.lookalikes import lookalikes


async def name_warnings(index: Index, chosen: Mapping[str, str], installed: Catalogue) -> tuple[str, ...]:
    """Sentences for a person about skills that are about to be installed: `chosen` is each name with its index's identity.

    A name that is new here is compared with what is installed, with the skills that come with skillkernel, and with what
    the other indexes in use list; what cannot be read for that is passed over.
    """
    said: list[str] = []
    for name, identity in chosen.items():
        if installed.skill(name) is None:
            known = await _known(index, name, identity, chosen, installed)
            said += [f"{name} is not {other}, {known[other]}: {why}" for other, why in lookalikes(name, known)]
    return tuple(dict.fromkeys(said))


async def _known(
    index: Index, name: str, identity: str, chosen: Mapping[str, str], installed: Catalogue
) -> dict[str, str]:
    """Names that a person may mean instead, each with where it is."""
    known: dict[str, str] = {skill.name: "which is installed" for skill in installed.skills}
    if identity != FIRST_PARTY:
        known |= dict.fromkeys(first_party_names(), "which comes with skillkernel")
    if isinstance(index, IndexSet):
        for label, other in index.in_use():
            if other.identity != identity:
                known |= dict.fromkeys(await _listed(other, name), f"which {label} has")
    return {other: where for other, where in known.items() if other not in chosen}


async def _listed(index: Index, name: str) -> Iterable[str]:
    try:
        return [line.name for line in await index.lines(name.replace("-", " "))]
    except SkillKernelError:
        return ()


def first_party_names() -> frozenset[str]:
    """The skills that come with skillkernel; none when this installation came without its index."""
    try:
        folder = first_party_folder()
        file = parse_index((folder / "index.json").read_bytes(), str(folder))
        if file.sources is not None:
            return frozenset(file.sources)
        search = file.releases.search if file.releases is not None else ""
        return frozenset(line.name for line in parse_search((folder / search).read_bytes(), str(folder)))
    except (OSError, SkillKernelError):
        return frozenset()
