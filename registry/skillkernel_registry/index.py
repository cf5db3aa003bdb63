"""What the installer asks of an index, whatever its form."""

from abc import ABC, abstractmethod
from pathlib import Path

from skillkernel.names import SkillName
from skillkernel_registry.index_format import Record, Release, SearchLine
from skillkernel_registry.progress import OnProgress


class Index(ABC):
    """Skills that can be installed; `identity` is what data and grants are bound to."""

    identity: str

    @abstractmethod
    async def record(self, name: SkillName) -> Record:
        """The releases of a skill; raise `SkillNotFound`."""

    @abstractmethod
    async def wheel(self, name: SkillName, release: Release, on_progress: OnProgress) -> Path:
        """The release as a wheel on this machine, with the length and hash that the record promised, if it did."""

    @abstractmethod
    async def lines(self) -> tuple[SearchLine, ...]:
        """What can be found by search."""

    @abstractmethod
    async def aclose(self) -> None:
        """Let go of what is open."""
