"""What a change makes of the search files: pure but for the reading of those that are concerned.

A file that would be longer than clients take lists no longer every skill with a word of its beginning, but those that have
one in their names; where these are too many as well, it lists nothing. Both are said in the file, and stay so until all
files are made anew.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec

from skillkernel_registry.index_format import Holds, Releases, SearchFile, SearchLine, parse_search_file
from skillkernel_registry.search_words import shards_of

LONGEST = 3_500_000
"""Bytes of a search file; clients take 4,000,000 (download.METADATA_LIMIT)."""
_LESS: dict[Holds, Holds] = {"all": "names", "names": "nothing"}
Read = Callable[[str], bytes | None]


@dataclass(frozen=True, slots=True)
class LineChange:
    """How one skill was listed and how it is from now on; None where it was not or will not be."""

    old: SearchLine | None
    new: SearchLine | None


def changed_lists(form: Releases, changes: Iterable[LineChange], read: Read) -> dict[str, bytes | None]:
    """The search files that change, by their path, with their new bytes, None where nothing is left to list."""
    lists: dict[str, SearchFile] = {}
    lines: dict[str, dict[str, SearchLine]] = {}
    for change in changes:
        before, after = _places(form, change.old), _places(form, change.new)
        for path in sorted(before | after):
            if change.old == change.new and path in before & after:
                continue
            if path not in lists:
                lists[path] = file_of(read(path), path)
                lines[path] = {line.name: line for line in lists[path].skills}
            _apply(lines[path], change, listed=path in after)
    return {path: _fitting(form, path, lines[path].values(), lists[path].holds) for path in sorted(lists)}


def all_lists(
    form: Releases, lines: Iterable[SearchLine], holds: Mapping[str, Holds] | None = None
) -> dict[str, bytes]:
    """Every search file of an index with these skills; those in `holds` hold no more than is said there."""
    most = holds or {}
    lists: dict[str, list[SearchLine]] = {path: [] for path, said in most.items() if said != "all"}
    for line in lines:
        for path in _places(form, line):
            lists.setdefault(path, []).append(line)
    made = {path: _fitting(form, path, listed, most.get(path, "all")) for path, listed in lists.items()}
    return {path: data for path, data in made.items() if data is not None}


def file_of(data: bytes | None, place: str) -> SearchFile:
    """A search file, empty when it is not there; raise `IntegrityError`."""
    return SearchFile() if data is None else parse_search_file(data, place)


def lines_of(data: bytes | None, place: str) -> tuple[SearchLine, ...]:
    """The skills of a search file, none when it is not there; raise `IntegrityError`."""
    return file_of(data, place).skills


def _fitting(form: Releases, path: str, lines: Iterable[SearchLine], holds: Holds) -> bytes | None:
    """A search file that clients take, None for one that says nothing."""
    listed = [line for line in lines if _is_held(form, path, line, holds)]
    if not listed and holds == "all":
        return None
    data = encoded(listed, holds)
    return _fitting(form, path, listed, _LESS[holds]) if len(data) > LONGEST and holds in _LESS else data


def _is_held(form: Releases, path: str, line: SearchLine, holds: Holds) -> bool:
    return holds == "all" or (holds == "names" and path in _places(form, msgspec.structs.replace(line, summary="")))


def encoded(lines: Iterable[SearchLine], holds: Holds = "all") -> bytes:
    """A search file; a field that is empty is left out."""
    listed = [
        {"name": line.name, "version": line.version, "summary": line.summary}
        if line.version
        else {"name": line.name, "summary": line.summary}
        for line in sorted(lines, key=lambda line: line.name)
    ]
    return msgspec.json.encode({"skills": listed} | ({"holds": holds} if holds != "all" else {}))


def _places(form: Releases, line: SearchLine | None) -> set[str]:
    if line is None:
        return set()
    return shards_of(line.name, line.summary, form) if form.search_prefix else {form.search}


def _apply(lines: dict[str, SearchLine], change: LineChange, *, listed: bool) -> None:
    if change.old is not None:
        lines.pop(change.old.name, None)
    if change.new is not None and listed:
        lines[change.new.name] = change.new
