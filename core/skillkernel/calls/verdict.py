"""What every stage of a call says: passed, repaired, asked or refused, and why."""

from enum import StrEnum
from types import TracebackType
from typing import Self

import msgspec

from skillkernel.errors import SkillKernelError


class Ruling(StrEnum):
    """The four things a stage can say."""

    PASS = "pass"  # noqa: S105 # a ruling, not a password
    REPAIR = "repair"
    ASK = "ask"
    REFUSE = "refuse"


class Verdict(msgspec.Struct, frozen=True):
    """One stage's ruling; `reason` is empty where there is nothing to explain."""

    stage: str
    verdict: Ruling
    reason: str = ""

    def as_json(self) -> dict[str, str]:
        """The shape that `--json` promises."""
        return {"stage": self.stage, "verdict": self.verdict.value, "reason": self.reason}


class Trail:
    """The verdicts of one call, in the order of its stages."""

    __slots__ = ("verdicts",)

    def __init__(self) -> None:
        self.verdicts: list[Verdict] = []

    def stage(self, name: str) -> "Stage":
        """Record the verdict of the `with` block: what it said, `pass` when it said nothing, `refuse` when it raised."""
        return Stage(name, self.verdicts)


class Stage:
    """A stage while it decides."""

    __slots__ = ("_verdicts", "name", "reason", "ruling")

    def __init__(self, name: str, verdicts: list[Verdict]) -> None:
        self.name = name
        self.ruling = Ruling.PASS
        self.reason = ""
        self._verdicts = verdicts

    def say(self, ruling: Ruling, reason: str) -> None:
        """Set the verdict that will be recorded."""
        self.ruling = ruling
        self.reason = reason

    def __enter__(self) -> Self:
        return self

    # Not contextlib's generator: nine stages a call would spend more in it than in what they check.
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._verdicts.append(Verdict(self.name, self.ruling, self.reason))
        elif isinstance(error, SkillKernelError):
            self._verdicts.append(Verdict(self.name, Ruling.REFUSE, error.message))
