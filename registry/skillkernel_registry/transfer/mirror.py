"""`skill mirror`: an index, or some of its skills with what they require, copied to a folder that is an index again."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from skillkernel.catalogue.types import Layout
from skillkernel.errors import UsageError
from skillkernel.names import SkillName, skill_name
from skillkernel_registry.errors import SkillNotFound
from skillkernel_registry.index import STRICT, Index, IndexTerms
from skillkernel_registry.index_format import Record, Release
from skillkernel_registry.indexes.opening import find_site
from skillkernel_registry.progress import OnProgress, Progress, Stage, silent
from skillkernel_registry.request import parse_named
from skillkernel_registry.sources_index import SourcesIndex
from skillkernel_registry.transfer.copying import (
    copy_skills,
    name_of_original,
    opened_site,
    publish_wheels,
    write_mirror_file,
)
from skillkernel_registry.transfer.destination import Destination, open_destination
from skillkernel_registry.transfer.mirror_file import MirrorFile
from skillkernel_registry.transfer.partial_index import PartialIndex


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What a run did: `fetched` files came, `kept` were there already."""

    original: str
    skills: tuple[SkillName, ...]
    fetched: int
    kept: int


async def mirror(
    layout: Layout,
    where: str,
    to: Path,
    names: Sequence[str] = (),
    *,
    terms: IndexTerms = STRICT,
    on_progress: OnProgress = silent,
) -> Mirrored:
    """Copy an index by its name or address; with `names` only these skills, and those that they require.

    A second run fetches what changed; one that was killed is gone on with. Raises what opening and copying raise.
    """
    site = find_site(layout, where, terms)
    wanted = [skill_name(name) for name in names]
    on_progress(Progress(Stage.INDEX, where))
    async with opened_site(layout, site) as index:
        original = await name_of_original(site, index)
        with open_destination(to, original) as destination:
            skills = await _which(index, wanted, destination)
            claim = None if skills is None else MirrorFile(of=original, skills={name: () for name in skills})  # noqa: C420 # fromkeys keeps the keys' type
            if isinstance(index, SourcesIndex):
                skills = skills or tuple([skill_name(line.name) for line in await index.lines()])
                wheels = [await _built(index, name, on_progress) for name in skills]
                await publish_wheels(site, wheels, destination, claim)
                copied = skills
            else:
                copied = await copy_skills(layout, site, index, destination, skills, _all_releases, on_progress, claim)
            listed: dict[str, tuple[str, ...]] | None = None if skills is None else {name: () for name in copied}  # noqa: C420 # fromkeys keeps the keys' type
            python = destination.before is not None and destination.before.python
            write_mirror_file(destination, MirrorFile(of=original, python=python, skills=listed))
            return Mirrored(original, copied, destination.fetched, destination.kept)


def _all_releases(record: Record) -> Iterable[Release]:
    return record.releases


async def _which(index: Index, wanted: Sequence[SkillName], to: Destination) -> tuple[SkillName, ...] | None:
    """The skills to copy, None for all: what was asked for now and before, with what those require."""
    if isinstance(index, PartialIndex):
        raise UsageError(f"the copy of {index.identity} is not whole", hint="mirror its original, or download from it")
    if not wanted:
        return None
    before = () if to.before is None else to.before.skills
    if before is None:
        return None
    waiting = deque([*wanted, *map(skill_name, before)])
    found: dict[SkillName, None] = {}
    while waiting:
        name = waiting.popleft()
        if name in found:
            continue
        try:
            record = await index.record(name)
        except SkillNotFound:
            if name in wanted:
                raise
            continue
        found[name] = None
        waiting += [parse_named(text).name for release in record.releases for text in release.requires_skills]
    return tuple(found)


async def _built(index: Index, name: SkillName, on_progress: OnProgress) -> Path:
    record = await index.record(name)
    return await index.wheel(name, record.releases[0], on_progress)
