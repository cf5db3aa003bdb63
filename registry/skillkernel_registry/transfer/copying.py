"""Copying skills of one index into a folder that is an index again."""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import msgspec
from anyio import to_thread

from skillkernel.catalogue.types import Layout
from skillkernel.errors import IntegrityError, SkillKernelError
from skillkernel.names import SkillName
from skillkernel_registry.fetch import NotThere
from skillkernel_registry.index import Index
from skillkernel_registry.index_format import Record, Release
from skillkernel_registry.indexes.opening import Site, fetcher_of, open_site, read_index_file
from skillkernel_registry.progress import OnProgress
from skillkernel_registry.publish import publish
from skillkernel_registry.transfer.destination import Destination
from skillkernel_registry.transfer.mirror_file import MIRROR, MirrorFile, read_mirror
from skillkernel_registry.transfer.original import Original, PlainOriginal
from skillkernel_registry.wheel_cache import is_kept, wheel_place

AT_ONCE = 8
"""Files that are fetched at the same time."""
Choose = Callable[[Record], Iterable[Release]]


@asynccontextmanager
async def opened_site(layout: Layout, site: Site) -> AsyncGenerator[Index]:
    """An index, with all that decides whether it is trusted, closed at the end."""
    index = await open_site(layout, site)
    try:
        yield index
    finally:
        await index.aclose()


async def name_of_original(site: Site, index: Index) -> str:
    """Whose copy a copy of this index is: of a copy, its original."""
    fetcher = fetcher_of(site.location)
    try:
        mirror = await read_mirror(fetcher)
    finally:
        await fetcher.aclose()
    return index.identity if mirror is None else mirror.of


async def copy_skills(
    layout: Layout,
    site: Site,
    index: Index,
    to: Destination,
    names: Sequence[SkillName] | None,
    choose: Choose,
    on_progress: OnProgress,
    claim: MirrorFile | None = None,
) -> tuple[SkillName, ...]:
    """Copy the releases that `choose` names of these skills, of all when `names` is None; return the skills.

    Raises `SkillNotFound`, `UsageError` for an index that cannot be listed, `IntegrityError` for a file that is not what
    was promised, `IndexUnreachable`. What is in the folder stays as it was found until the last file; a new copy that is
    not whole says so by `claim` before it can be read at all.
    """
    async with _original(layout, site, index, to) as original:
        there = tuple(names) if names is not None else await original.names()
        await _copy_files(layout, original, to, there, choose, on_progress)
        claim_first(to, claim)
        await original.finish(to, there, whole=names is None)
    return there


def write_mirror_file(to: Destination, mirror: MirrorFile) -> None:
    """Say in the folder what it holds."""
    to.write(MIRROR, msgspec.json.format(msgspec.json.encode(mirror), indent=1) + b"\n")


def claim_first(to: Destination, claim: MirrorFile | None) -> None:
    """Say of a new copy what it will hold; one that was there before goes on saying what it held, which stays true."""
    if claim is not None and to.before is None:
        write_mirror_file(to, claim)


async def publish_wheels(site: Site, wheels: Sequence[Path], to: Destination, claim: MirrorFile | None = None) -> None:
    """Make an index of these wheels in the folder: an index of sources has none to copy."""
    fetcher = fetcher_of(site.location)
    file = await read_index_file(fetcher, site.location)
    made = to.workshop()
    await to_thread.run_sync(lambda: publish(wheels, made, name=file.name, publisher=file.publisher))
    paths = sorted(str(path.relative_to(made)) for path in made.rglob("*") if path.is_file())
    claim_first(to, claim)
    for path in sorted(paths, key=lambda path: (path == "index.json", not path.startswith("wheels/"))):
        to.write(path, (made / path).read_bytes())


@asynccontextmanager
async def _original(layout: Layout, site: Site, index: Index, to: Destination) -> AsyncGenerator[Original]:
    fetcher = fetcher_of(site.location)
    try:
        if index.root:
            from skillkernel_registry.transfer.signed_original import open_signed_original

            async with open_signed_original(layout, index.identity, fetcher, to) as signed:
                yield signed
        else:
            file = await read_index_file(fetcher, site.location)
            if file.releases is None:
                raise IntegrityError(f"{fetcher.place('index.json')} was changed meanwhile", hint="run the same again")
            yield PlainOriginal(fetcher, file, file.releases, index.identity)
    finally:
        await fetcher.aclose()


async def _copy_files(
    layout: Layout,
    original: Original,
    to: Destination,
    names: Sequence[SkillName],
    choose: Choose,
    on_progress: OnProgress,
) -> None:
    limiter = anyio.CapacityLimiter(AT_ONCE)

    async def copy(name: SkillName) -> None:
        async with limiter:
            record = await original.record(name, to)
            for release in choose(record):
                await _copy_release(layout, original, to, release, on_progress)

    try:
        async with anyio.create_task_group() as tasks:
            for name in names:
                tasks.start_soon(copy, name)
    except* (SkillKernelError, OSError) as group:
        raise _first(group) from None


async def _copy_release(
    layout: Layout, original: Original, to: Destination, release: Release, on_progress: OnProgress
) -> None:
    kept = wheel_place(layout, release.sha256, Path(release.wheel).name)
    path = original.form.wheels + release.wheel
    try:
        if is_kept(kept, release.sha256):
            to.take(kept, path, release.sha256)
        else:
            await original.wheel(release, to, on_progress)
        if release.provenance is not None:
            await original.provenance(release.provenance, to, on_progress)
    except NotThere as gone:
        raise IntegrityError(
            f"{original.fetcher.place(str(gone))} is not there, though a record names it",
            hint="tell whoever runs the index",
        ) from None


def _first(group: BaseExceptionGroup[Exception]) -> Exception:
    """What went wrong first; the rest was stopped because of it."""
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
