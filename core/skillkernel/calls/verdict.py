"""What every stage of a call says: passed, repaired, asked or refused, and why."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from skillkernel.errors import SkillKernelError


class Ruling(StrEnum):
    """The four things a stage can say."""

    PASS = "pass"  # noqa: S105 # a ruling, not a password
    REPAIR = "repair"
    ASK = "ask"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One stage's ruling; `reason` is empty where there is nothing to explain."""

    stage: str
    verdict: Ruling
    reason: str = ""

    def as_json(self) -> dict[str, str]:
        """The shape that `--json` promises."""
        return {"stage": self.stage, "verdict": self.verdict.value, "reason": self.reason}


@dataclass(slots=True)
class Trail:
    """The verdicts of one call, in the order of its stages."""

    verdicts: list[Verdict] = field(default_factory=list[Verdict])

    @contextmanager
    def stage(self, name: str) -> Generator["Stage", None, None]:
        """Record the verdict of the block: what it said, `pass` when it said nothing, `refuse` when it raised."""
        stage = Stage(name)
        try:
            yield stage
        except SkillKernelError as error:
            self.verdicts.append(Verdict(name, Ruling.REFUSE, error.message))
            raise
        self.verdicts.append(Verdict(name, stage.ruling, stage.reason))


@dataclass(slots=True)
class Stage:
    """A stage while it decides."""

    name: str
    ruling: Ruling = Ruling.PASS
    reason: str = ""

    def say(self, ruling: Ruling, reason: str) -> None:
        """Set the verdict that will be recorded."""
        self.ruling = ruling
        self.reason = reason
