"""Where the files of an index are kept by whoever keeps it: a folder, a git working tree, a web server, a bucket."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext


class IndexFiles(ABC):
    """The files of one index by their path inside it.

    Whoever changes an index writes in an order in which every moment is a whole index: what is named by its content
    first, what points to it last. A write is all or nothing: a reader sees the old bytes or the new.
    """

    @abstractmethod
    def place(self, path: str) -> str:
        """Where `path` is, for people."""

    @abstractmethod
    def read(self, path: str) -> bytes | None:
        """The whole file, None when it is not there; raise `IndexUnreachable`."""

    @abstractmethod
    def write(self, path: str, data: bytes) -> None:
        """Put a file there in place of what was; raise `IndexUnreachable`."""

    @abstractmethod
    def remove(self, path: str) -> None:
        """Take a file away; nothing happens when it is not there."""

    @abstractmethod
    def paths(self, under: str) -> Iterator[str]:
        """Every file of the folder `under` (it ends in `/`); raise `UsageError` where files cannot be listed."""

    def exclusive(self) -> AbstractContextManager[None]:
        """Keep others who would change the index out for a block, where the place can; raise `IndexBusy`."""
        return nullcontext()

    def commit(self, message: str) -> None:  # noqa: B027 # most places have nothing to do at the end
        """Make what was written since the last commit one change, where the place knows such a thing."""
