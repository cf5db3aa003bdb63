"""What the installer asks of an index, whatever its form."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from skillkernel.names import SkillName
from skillkernel_registry.index_format import Record, Release, SearchLine
from skillkernel_registry.progress import OnProgress


@dataclass(frozen=True, slots=True)
class NewRoot:
    """A signed index that is met for the first time: `fingerprint` is the SHA-256 of its root.json, `keys` its key ids."""

    index: str
    fingerprint: str
    keys: tuple[str, ...]
    threshold: int


AcceptRoot = Callable[[NewRoot], bool | Awaitable[bool]]
"""Shows what an index is signed with, and returns whether a person trusts it from now on."""


def accept_no_root(root: NewRoot) -> bool:
    """Trust no index that nobody spoke for."""
    return False


@dataclass(frozen=True, slots=True)
class IndexTerms:
    """On what terms indexes are used.

    `unsigned`: one without signatures is taken as it stands. `accept_root`: asked on the first use of a signed one.
    `trust_config`: a Sigstore ClientTrustConfig file for attestations, in place of the public instance. `offline`: a signed
    index is not asked anything; what is kept of it here and has not expired is used.
    """

    unsigned: bool = False
    accept_root: AcceptRoot = accept_no_root
    trust_config: Path | None = None
    offline: bool = False


STRICT = IndexTerms()


class PythonLinks(Protocol):
    """Where the Python wheels are that come with an index."""

    async def links(self) -> tuple[str, ...]: ...


class Index(ABC):
    """Skills that can be installed; `identity` is what data and grants are bound to.

    `root` is the SHA-256 of the root.json that it was first trusted with, empty where nothing is signed. `warnings` are
    sentences for a person, gathered while it is used; `remarks` are those on the last search alone.
    `python` knows of Python wheels that come with it.
    """

    identity: str
    root: str = ""
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    python: "PythonLinks | None" = None

    async def of(self, name: SkillName) -> "Index":
        """The one index that answers for a name: itself, unless it stands for several."""
        return self

    async def links(self) -> tuple[str, ...]:
        """Folders or addresses of Python wheels that come with the index, for uv's --find-links."""
        return () if self.python is None else await self.python.links()

    @abstractmethod
    async def record(self, name: SkillName) -> Record:
        """The releases of a skill; raise `SkillNotFound`."""

    @abstractmethod
    async def wheel(self, name: SkillName, release: Release, on_progress: OnProgress) -> Path:
        """The release as a wheel on this machine, with the length and hash that the record promised, if it did."""

    async def provenance(self, name: SkillName, release: Release) -> bytes | None:
        """The release's PEP 740 provenance object as the record promised it, None when it has none."""
        return None

    def must_attest(self, name: SkillName) -> bool:
        """Whether the index, by its signed root, lets no release of this skill pass without an attestation."""
        return False

    @abstractmethod
    async def lines(self, text: str = "") -> tuple[SearchLine, ...]:
        """Skills among which are all that a search for `text` can find; everything when it is empty.

        Raises `UsageError` for an empty text where an index is too large to list.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """Let go of what is open."""
