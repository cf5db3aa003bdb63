"""What a change makes of the search files: pure but for the reading of those that are concerned."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec

from skillkernel_registry.index_format import Releases, SearchLine, parse_search
from skillkernel_registry.search_words import shards_of

Read = Callable[[str], bytes | None]


@dataclass(frozen=True, slots=True)
class LineChange:
    """How one skill was listed and how it is from now on; None where it was not or will not be."""

    old: SearchLine | None
    new: SearchLine | None


def changed_lists(form: Releases, changes: Iterable[LineChange], read: Read) -> dict[str, bytes | None]:
    """The search files that change, by their path, with their new bytes, None where nothing is left to list."""
    lists: dict[str, dict[str, SearchLine]] = {}
    touched: set[str] = set()
    for change in changes:
        before, after = _places(form, change.old), _places(form, change.new)
        for path in sorted(before | after):
            if change.old == change.new and path in before & after:
                continue
            lines = lists.setdefault(path, {line.name: line for line in lines_of(read(path), path)})
            _apply(lines, change, listed=path in after)
            touched.add(path)
    return {path: encoded(lists[path].values()) if lists[path] else None for path in sorted(touched)}


def all_lists(form: Releases, lines: Iterable[SearchLine]) -> dict[str, bytes]:
    """Every search file of an index with these skills."""
    lists: dict[str, list[SearchLine]] = {}
    for line in lines:
        for path in _places(form, line):
            lists.setdefault(path, []).append(line)
    return {path: encoded(listed) for path, listed in lists.items()}


def lines_of(data: bytes | None, place: str) -> tuple[SearchLine, ...]:
    """The skills of a search file, none when it is not there; raise `IntegrityError`."""
    return () if data is None else parse_search(data, place)


def encoded(lines: Iterable[SearchLine]) -> bytes:
    """A search file; a field that is empty is left out."""
    listed = [
        {"name": line.name, "version": line.version, "summary": line.summary}
        if line.version
        else {"name": line.name, "summary": line.summary}
        for line in sorted(lines, key=lambda line: line.name)
    ]
    return msgspec.json.encode({"skills": listed})


def _places(form: Releases, line: SearchLine | None) -> set[str]:
    if line is None:
        return set()
    return shards_of(line.name, line.summary, form) if form.search_prefix else {form.search}


def _apply(lines: dict[str, SearchLine], change: LineChange, *, listed: bool) -> None:
    if change.old is not None:
        lines.pop(change.old.name, None)
    if change.new is not None and listed:
        lines[change.new.name] = change.new
