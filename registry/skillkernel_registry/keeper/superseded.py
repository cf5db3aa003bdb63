"""Files that nothing current names any more, kept for a while because a client may be in the midst of reading them.

`metadata/superseded.json` lists them with the day on which they were left; it is the keeper's own note, unsigned, and
nothing is deleted on its word alone.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import msgspec

from skillkernel.errors import IntegrityError
from skillkernel_registry.fetch import inside
from skillkernel_registry.index_files import IndexFiles

PATH = "metadata/superseded.json"
GRACE = timedelta(days=7)
"""How long a file is kept after it was left."""


class Left(msgspec.Struct, frozen=True):
    """A file and when it was left, as an ISO 8601 time; `skill` is whose wheel or provenance it is."""

    path: str
    since: str
    skill: str = ""


def leave(files: IndexFiles, left: Iterable[Left]) -> None:
    """Note more files that were left."""
    new = {one.path: one for one in left}
    if new:
        _write(files, {one.path: one for one in read(files)} | new)


def sweep(files: IndexFiles, now: datetime, grace: timedelta, in_use: Callable[[Left], bool]) -> list[str]:
    """Delete what was left longer ago than `grace` and is in use no more; return the paths."""
    listed = {one.path: one for one in read(files)}
    due = [one for one in listed.values() if datetime.fromisoformat(one.since) + grace <= now]
    gone = [one.path for one in due if not in_use(one)]
    for path in gone:
        files.remove(path)
    if due:
        _write(files, {path: one for path, one in listed.items() if one not in due})
    return gone


def read(files: IndexFiles) -> list[Left]:
    """What was left; nothing where the list cannot be read: then files stay that could go."""
    data = files.read(PATH)
    try:
        listed = [] if data is None else msgspec.json.decode(data, type=list[Left])
        for one in listed:
            inside(one.path, PATH)
            datetime.fromisoformat(one.since)
    except (msgspec.DecodeError, ValueError, IntegrityError):
        return []
    return listed


def _write(files: IndexFiles, listed: dict[str, Left]) -> None:
    if listed:
        files.write(PATH, msgspec.json.encode(sorted(listed.values(), key=lambda one: (one.since, one.path))))
    else:
        files.remove(PATH)
