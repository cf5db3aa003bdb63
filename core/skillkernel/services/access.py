"""One thing that a skill reached for, as the journal keeps it and `skill trace` shows it."""

from dataclasses import dataclass
from typing import Literal, Protocol

from skillkernel.services.caller import Caller

Kind = Literal["network", "file", "program", "service", "secret"]
Ruling = Literal["granted", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Access:
    """What was reached for (`example.org:443`, a path, a program's name …), how that was ruled, and why."""

    kind: Kind
    target: str
    ruling: Ruling
    reason: str = ""


class AccessLog(Protocol):
    """Where accesses are written down."""

    def begin(self, caller: Caller, access: Access) -> int:
        """Write one down and return its number."""
        ...

    def conclude(self, number: int, reason: str) -> None:
        """Add to its reason how it ended."""
        ...

    def end(self, number: int, *, sent: int, received: int, seconds: float) -> None:
        """Add what a connection carried, in bytes, and how long it lasted."""
        ...
