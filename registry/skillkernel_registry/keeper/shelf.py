"""Where an index's keeper puts its records and search files, signed or not."""

from abc import ABC, abstractmethod

from skillkernel_registry.index_files import IndexFiles
from skillkernel_registry.keeper.keys import Keys

INDEX = "index.json"
METADATA = "metadata/"


class Shelf(ABC):
    """The records and search files of an index; what is put and dropped takes effect with `save`."""

    @abstractmethod
    def read_target(self, path: str) -> bytes | None:
        """The bytes of a file as they are, or as they were put; None when there is none."""

    @abstractmethod
    def put(self, path: str, data: bytes) -> None:
        """Have this file from the next save on."""

    @abstractmethod
    def drop(self, path: str) -> None:
        """Have no such file from the next save on."""

    @abstractmethod
    def save(self, keys: Keys, *, skills: int) -> None:
        """Make it so, in an order in which every moment is a whole index."""


class PlainShelf(Shelf):
    """Those of an index that nobody signs: files under their own names."""

    def __init__(self, files: IndexFiles) -> None:
        self._files = files
        self._changed: dict[str, bytes | None] = {}

    def read_target(self, path: str) -> bytes | None:
        return self._changed[path] if path in self._changed else self._files.read(path)

    def put(self, path: str, data: bytes) -> None:
        self._changed[path] = data

    def drop(self, path: str) -> None:
        self._changed[path] = None

    def save(self, keys: Keys, *, skills: int) -> None:
        for path, data in self._changed.items():
            if data is None:
                self._files.remove(path)
            else:
                self._files.write(path, data)
        self._changed.clear()
