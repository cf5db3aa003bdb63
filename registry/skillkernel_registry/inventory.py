"""`skill list`, `skill info` and `skill search`: what is there, and what could be."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from anyio import to_thread

from skillkernel.catalogue.discovery import discover
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Broken, Installed, Layout
from skillkernel.catalogue.verify import verify_store
from skillkernel.errors import SkillKernelError
from skillkernel_registry.index import STRICT, IndexTerms
from skillkernel_registry.index_format import Record, Release, SearchLine
from skillkernel_registry.indexes.opening import open_indexes
from skillkernel_registry.request import NamedRequest, parse_named
from skillkernel_registry.resolution.versions import choose, this_host


@dataclass(frozen=True, slots=True)
class SkillInfo:
    """What an index says of a skill; `latest` is the release that would be installed, None when none runs here."""

    record: Record
    index: str
    latest: Release | None
    installed: Installed | None


async def list_installed(layout: Layout) -> list[Installed | Broken]:
    """Every installed skill in the order of names, broken ones with what is wrong.

    Behind them, with status `found`: skills that pip put beside the kernel, which nothing calls.
    """
    return await to_thread.run_sync(lambda: [*_installed(layout), *_beside_the_kernel()])


async def info(layout: Layout, name: str, *, index: str | None = None, terms: IndexTerms = STRICT) -> SkillInfo:
    """What an index knows of a skill (NAME or NAME with a specifier); raise `SkillNotFound`."""
    request = parse_named(name)
    catalogue = read_catalogue(layout)
    opened = await open_indexes(layout, index, terms, catalogue)
    try:
        answering = await opened.of(request.name)
        record = await answering.record(request.name)
    finally:
        await opened.aclose()
    return SkillInfo(record, answering.identity, _latest(request, record), catalogue.skill(request.name))


async def search(
    layout: Layout,
    text: str = "",
    *,
    index: str | None = None,
    terms: IndexTerms = STRICT,
    on_remark: Callable[[str], None] | None = None,
) -> list[SearchLine]:
    """The skills whose name or summary holds every word of `text`, those with one in the name first.

    `on_remark` is told in a sentence when an index cannot list all of them.
    """
    opened = await open_indexes(layout, index, terms, read_catalogue(layout))
    try:
        lines = await opened.lines(text)
        if on_remark is not None:
            for remark in opened.remarks:
                on_remark(remark)
    finally:
        await opened.aclose()
    named = (msgspec.structs.replace(line, index=line.index or opened.identity) for line in lines)
    return matching(tuple(named), text)


def matching(lines: tuple[SearchLine, ...], text: str) -> list[SearchLine]:
    """The pure part of `search`."""
    words = text.casefold().split()
    hits = [line for line in lines if all(word in f"{line.name} {line.summary}".casefold() for word in words)]
    return sorted(hits, key=lambda line: (not any(word in line.name for word in words), line.name))


def _latest(request: NamedRequest, record: Record) -> Release | None:
    try:
        return choose(request.name, record.releases, request.specifier, this_host())
    except SkillKernelError:
        return None


def _installed(layout: Layout) -> Iterator[Installed | Broken]:
    for skill in read_catalogue(layout).skills:
        try:
            verify_store(layout, skill)
        except SkillKernelError as error:
            yield Broken(name=skill.name, version=skill.version, status="broken", problem=error.message)
        else:
            yield skill


def _beside_the_kernel() -> Iterator[Broken]:
    for folder in dict.fromkeys(Path(entry) for entry in sys.path if entry):
        for found in discover(folder):
            problem = found.problem or "pip put it beside the kernel; only what `skill install` installs is called"
            yield Broken(name=found.name, version=found.version, status="found", problem=problem)
