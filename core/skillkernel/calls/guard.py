"""Stage 6: a session's budget, and the loop detector in front of every call."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

import msgspec

from skillkernel.calls.loops import LoopDetector
from skillkernel.errors import BudgetSpent, LoopDetected


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one session may spend: `seconds` of wall time, `tokens` read and written by the model together."""

    calls: Annotated[int, msgspec.Meta(gt=0)] = 60
    tokens: Annotated[int, msgspec.Meta(gt=0)] = 400_000
    seconds: Annotated[float, msgspec.Meta(gt=0)] = 1800.0


@dataclass(slots=True)
class Guard:
    """Counts what a session spends and watches it for loops."""

    budget: Budget = field(default_factory=Budget)
    loops: LoopDetector = field(default_factory=LoopDetector)
    clock: Callable[[], float] = time.monotonic
    calls: int = 0
    tokens: int = 0
    _started: float | None = None

    def check_budget(self) -> None:
        """Raise `BudgetSpent` when nothing more may be spent."""
        if self._started is None:
            self._started = self.clock()
        spent = (
            ("calls", self.calls, self.budget.calls),
            ("tokens", self.tokens, self.budget.tokens),
            ("seconds", self.clock() - self._started, self.budget.seconds),
        )
        for what, used, limit in spent:
            if used >= limit:
                raise BudgetSpent(
                    f"the session has used its {limit:g} {what}",
                    hint="start a new session, or set [budget] in config.toml",
                )

    def check_call(self, call_key: str) -> None:
        """Count the call; raise `BudgetSpent`, or `LoopDetected` when running it would close a loop."""
        self.check_budget()
        self.calls += 1
        loop = self.loops.check(call_key)
        if loop:
            raise LoopDetected(loop, hint="use the results that are there, try something else, or answer the user")
        self.loops.admit(call_key)
