"""Stage 7: who has to say yes before a call runs.

Reads never ask. Writes ask on a terminal; `yes` answers for them. Sends and destroys always ask, unless the person named
the tool beforehand. With nobody to ask, the answer is no.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from skillkernel.calls.types import Target
from skillkernel.errors import ApprovalRefused
from skillkernel.manifest.types import Effect


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked: `call` is exactly what will run, safe to print."""

    tool: str
    effect: Effect
    summary: str
    call: str


Ask = Callable[[Question], Awaitable[bool]]
"""Somebody to ask; True is yes."""


class Standing(StrEnum):
    """What a policy says without asking."""

    ALLOWED = "allowed"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the person said beforehand: `yes` answers for writes, `allow` names tools (`mail.send`) of any effect."""

    yes: bool = False
    allow: frozenset[str] = frozenset()

    def standing(self, tool: str, effect: Effect) -> tuple[Standing, str]:
        """Whether a call may run without asking, and why."""
        if effect is Effect.READ:
            return Standing.ALLOWED, ""
        if tool in self.allow:
            return Standing.ALLOWED, f"allowed by name: {tool}"
        if effect is Effect.WRITE and self.yes:
            return Standing.ALLOWED, "writes were agreed to beforehand"
        return Standing.ASK, f"{tool} has the effect {effect.value}"


async def approve(target: Target, call: str, policy: Policy, ask: Ask | None) -> str:
    """Return the reason why the call may run; raise `ApprovalRefused` when a person, or nobody, says otherwise."""
    tool, effect = str(target.id), target.tool.effect
    standing, reason = policy.standing(tool, effect)
    if standing is Standing.ALLOWED:
        return reason
    pre_approval = "--yes" if effect is Effect.WRITE else f"--allow {tool}"
    if ask is None:
        raise ApprovalRefused(
            f"{tool} would {_DOES[effect]}, and there is nobody to ask",
            hint=f"run it on a terminal, or agree beforehand with {pre_approval}",
        )
    if not await ask(Question(tool, effect, target.tool.description, call)):
        raise ApprovalRefused(
            f"you refused {tool}", hint="ask the user what to do instead; do not call it again unchanged"
        )
    return "a person said yes"


_DOES = {
    Effect.READ: "look something up",
    Effect.WRITE: "change your data",
    Effect.SEND: "send something out",
    Effect.DESTROY: "delete something for good",
}
