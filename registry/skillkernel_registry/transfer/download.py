"""`skill download`: skills and all that they need, in a folder to install from where there is no network."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel.errors import UsageError
from skillkernel.names import SkillName, skill_name
from skillkernel_registry.index import STRICT, IndexTerms
from skillkernel_registry.index_format import Record, Release
from skillkernel_registry.index_on_demand import index_on_demand
from skillkernel_registry.indexes.opening import find_site
from skillkernel_registry.progress import OnProgress, silent
from skillkernel_registry.request import NamedRequest, parse_named
from skillkernel_registry.resolution.candidate import Candidate
from skillkernel_registry.resolution.resolver import Resolver
from skillkernel_registry.sources_index import SourcesIndex
from skillkernel_registry.transfer.copying import (
    Choose,
    copy_skills,
    name_of_original,
    opened_site,
    publish_wheels,
    write_mirror_file,
)
from skillkernel_registry.transfer.destination import Destination, open_destination
from skillkernel_registry.transfer.mirror_file import MirrorFile
from skillkernel_registry.transfer.python_wheels import THIS_MACHINE, Target, fetch_python_wheels


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What is in the folder now: `skills` as NAME VERSION, `python` as wheels' file names."""

    original: str
    skills: tuple[str, ...]
    python: tuple[str, ...]
    warnings: tuple[str, ...]


async def download_skills(
    layout: Layout,
    requests: Sequence[str],
    to: Path,
    *,
    index: str | None = None,
    terms: IndexTerms = STRICT,
    deps: bool = True,
    target: Target = THIS_MACHINE,
    on_progress: OnProgress = silent,
) -> Downloaded:
    """Put the skills that these requests resolve to on a new machine into `to`, with their Python wheels for `target`.

    All have to come from one index. Raises what resolving and copying raise, and `Missing` for a Python wheel that
    cannot be had.
    """
    asked = [parse_named(text) for text in requests]
    candidates, warnings = await _resolved(layout, asked, index, terms, on_progress)
    identity = _one_index(candidates)
    site = find_site(layout, index or identity, terms)
    async with opened_site(layout, site) as opened:
        original = await name_of_original(site, opened)
        with open_destination(to, original) as destination:
            there = _with_those_before(candidates, destination)
            if isinstance(opened, SourcesIndex):
                there = {one.wheel.manifest.name: (one.wheel.manifest.version,) for one in candidates}
                claim = MirrorFile(of=original, skills=_by_text(there))
                await publish_wheels(site, [one.wheel.path for one in candidates], destination, claim)
            else:
                claim = MirrorFile(of=original, skills=_by_text(there))
                names, choose = tuple(there), _only(there)
                await copy_skills(layout, site, opened, destination, names, choose, on_progress, claim)
            locks = [candidate.wheel.lock for candidate in candidates] if deps else []
            python = await fetch_python_wheels(locks, target, destination)
            had = destination.before is not None and destination.before.python
            write_mirror_file(destination, MirrorFile(of=original, python=bool(python) or had, skills=_by_text(there)))
    told = tuple(f"{one.wheel.manifest.name} {one.wheel.manifest.version}" for one in candidates)
    return Downloaded(original, told, python, warnings)


async def _resolved(
    layout: Layout, asked: Sequence[NamedRequest], index: str | None, terms: IndexTerms, on_progress: OnProgress
) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
    """As on a machine where nothing is installed: what is installed here is there as little as the network."""
    async with index_on_demand(layout, index, terms, Catalogue(), on_progress) as opening:
        resolver = Resolver(layout, Catalogue(), opening, on_progress, terms)
        return await resolver.resolve(asked), resolver.warnings


def _one_index(candidates: Sequence[Candidate]) -> str:
    identities = sorted({candidate.index for candidate in candidates})
    if len(identities) != 1:
        raise UsageError(
            f"these skills come from {' and '.join(identities)}", hint="download from one index at a time, by --index"
        )
    return identities[0]


def _with_those_before(candidates: Sequence[Candidate], to: Destination) -> dict[SkillName, tuple[str, ...]]:
    """Each skill with its versions: those of the folder, whose records have to fit the new metadata, and the new ones."""
    before = {} if to.before is None else to.before.skills
    if before is None:
        raise UsageError(f"{to.folder} is a whole copy", hint="`skill mirror` brings it up to date")
    there = {skill_name(name): versions for name, versions in before.items()}
    for candidate in candidates:
        manifest = candidate.wheel.manifest
        versions = there.get(manifest.name)
        if versions != ():
            there[manifest.name] = tuple(dict.fromkeys((*(versions or ()), manifest.version)))
    return there


def _only(there: dict[SkillName, tuple[str, ...]]) -> Choose:
    def choose(record: Record) -> Iterable[Release]:
        versions = there[skill_name(record.name)]
        return [release for release in record.releases if not versions or release.version in versions]

    return choose


def _by_text(there: dict[SkillName, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {str(name): versions for name, versions in there.items()}
