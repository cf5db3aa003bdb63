"""An access log in memory."""

from dataclasses import dataclass, field

from skillkernel.services.access import Access
from skillkernel.services.caller import Caller


@dataclass
class KeptAccesses:
    """What was written down, in order; `ends` by the access's number, which counts from 0."""

    begun: list[Access] = field(default_factory=list[Access])
    ends: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])

    def begin(self, caller: Caller, access: Access) -> int:
        """Keep one."""
        self.begun.append(access)
        return len(self.begun) - 1

    def conclude(self, number: int, reason: str) -> None:
        """Connections end; what concludes is a run."""
        raise AssertionError(f"access {number} is no run: {reason}")

    def end(self, number: int, *, sent: int, received: int, seconds: float) -> None:
        """Keep what it carried."""
        assert seconds >= 0
        self.ends[number] = (sent, received)
