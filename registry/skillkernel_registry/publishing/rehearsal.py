"""A publication that is tried and not made: what is there is read, what is written stays in memory."""

from collections.abc import Iterator

from skillkernel_registry.index_files import IndexFiles


class Rehearsal(IndexFiles):
    """The files of an index, where each write and removal is seen by this reader alone."""

    def __init__(self, files: IndexFiles) -> None:
        self._files = files
        self._changed: dict[str, bytes | None] = {}

    def place(self, path: str) -> str:
        return self._files.place(path)

    def read(self, path: str) -> bytes | None:
        return self._changed[path] if path in self._changed else self._files.read(path)

    def write(self, path: str, data: bytes) -> None:
        self._changed[path] = data

    def remove(self, path: str) -> None:
        self._changed[path] = None

    def paths(self, under: str) -> Iterator[str]:
        there = {path for path in self._files.paths(under) if path not in self._changed}
        yield from sorted(there | {p for p, data in self._changed.items() if data is not None and p.startswith(under)})
