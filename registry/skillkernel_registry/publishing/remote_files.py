"""An index on another machine, where two people may publish at the same moment.

What was read is written only while it is still what was read, and metadata that is numbered and not named by its
content (`7.snapshot.json`) only while nobody has that number: whoever comes second is told, and overwrites nothing. A
number that stands longer than `LEASE` without having come into force was left by a publisher that stopped halfway.
"""

import hashlib
import re
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from skillkernel_registry.errors import IndexBusy
from skillkernel_registry.fetch import inside
from skillkernel_registry.index_files import IndexFiles

LEASE = 900.0
"""Seconds that a publisher has for its numbered files before another takes them for left over."""
_NUMBERED = re.compile(r"(.*/)?\d{1,9}\.[^/]+\.json")


@dataclass(frozen=True, slots=True)
class Condition:
    """When a file may be written: while its tag is this one, while it is `absent`, or always."""

    tag: str = ""
    absent: bool = False


ALWAYS = Condition()


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as it is kept: `tag` stands for exactly these bytes, empty where the server has none; `age` in seconds."""

    data: bytes
    tag: str = ""
    age: float = 0.0


class NotAsExpected(Exception):
    """The condition of a write did not hold: an answer, caught here."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a file was when it was last read or written here; `digest` is empty when it was not there."""

    tag: str
    digest: str


class RemoteFiles(IndexFiles):
    """The rule above; how a file is fetched, put and deleted its subclasses know."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._seen: dict[str, _Seen] = {}

    def place(self, path: str) -> str:
        return self._where + (inside(path, self._where) if path else "")

    def read(self, path: str) -> bytes | None:
        stored = self._get(inside(path, self._where))
        self._seen[path] = _Seen(stored.tag, _digest(stored.data)) if stored else _Seen("", "")
        return stored.data if stored else None

    def write(self, path: str, data: bytes) -> None:
        """Also raises `IndexBusy` when somebody else wrote the file meanwhile."""
        inside(path, self._where)
        try:
            tag = self._put(path, data, self._condition(path))
        except NotAsExpected:
            tag = self._settle(path, data)
        self._seen[path] = _Seen(tag, _digest(data))

    def remove(self, path: str) -> None:
        self._delete(inside(path, self._where))
        self._seen.pop(path, None)

    @abstractmethod
    def paths(self, under: str) -> Iterator[str]: ...

    @abstractmethod
    def _get(self, path: str) -> Stored | None:
        """The file, None when it is not there; raise `IndexUnreachable`."""

    @abstractmethod
    def _put(self, path: str, data: bytes, condition: Condition) -> str:
        """Write the file and return its new tag, empty when the server says none; raise `NotAsExpected`."""

    @abstractmethod
    def _delete(self, path: str) -> None:
        """Take the file away, if it is there; raise `IndexUnreachable`."""

    def _condition(self, path: str) -> Condition:
        seen = self._seen.get(path)
        if seen is None:
            return Condition(absent=True) if _NUMBERED.fullmatch(path) else ALWAYS
        if not seen.digest:
            return Condition(absent=True)
        if not seen.tag:
            self._look_again(path, seen)
        return Condition(tag=seen.tag)

    def _look_again(self, path: str, seen: _Seen) -> None:
        """For a server without tags: less than a condition, since somebody may write between this and our write."""
        now = self._get(path)
        if now is None or _digest(now.data) != seen.digest:
            raise self._busy(path)

    def _settle(self, path: str, data: bytes) -> str:
        """After a condition failed: our own bytes are there by an earlier try, or a leftover, or somebody else's."""
        now = self._get(path)
        if now is not None and now.data == data:
            return now.tag
        left_over = now is not None and now.tag and now.age > LEASE and _NUMBERED.fullmatch(path)
        if now is None or not left_over:
            raise self._busy(path)
        try:
            return self._put(path, data, Condition(tag=now.tag))
        except NotAsExpected:
            raise self._busy(path) from None

    def _busy(self, path: str) -> IndexBusy:
        return IndexBusy(self._where, f"somebody else wrote {path} at the same time")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
