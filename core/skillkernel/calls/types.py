"""The values that a call's stages pass on; holding one proves that the stage before it passed."""

from typing import Any

import msgspec

from skillkernel.calls.verdict import Verdict
from skillkernel.catalogue.types import Target
from skillkernel.errors import SkillKernelError


class CallRequest(msgspec.Struct, frozen=True):
    """A call as somebody asked for it: nothing in it has been checked. `arguments` is JSON text."""

    id: str
    name: str
    arguments: str


class ApprovedCall(msgspec.Struct, frozen=True):
    """A call that may run: `canonical` are the bytes that were shown and hashed, `key` makes a repetition detectable.

    `rows` are the permissions that it runs with, `number` is its place in its session, from 1. With `once` some of its
    rows were given to this call alone.
    """

    target: Target
    arguments: dict[str, Any]
    canonical: bytes
    key: str
    number: int
    rows: tuple[str, ...]
    once: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """How a call ended: a result, or an error. `window` is what the model gets to read."""

    request: CallRequest
    tool: str
    arguments: dict[str, Any] | None
    result: Any
    error: SkillKernelError | None
    verdicts: tuple[Verdict, ...]
    duration_ms: float
    window: str

    @property
    def ok(self) -> bool:
        """Whether there is a result."""
        return self.error is None

    def as_json(self) -> dict[str, Any]:
        """The object that `skill call --json` prints."""
        return {
            "ok": self.ok,
            "tool": self.tool,
            "arguments": self.arguments,
            "result": self.result,
            "error": error_json(self.error),
            "verdicts": [verdict.as_json() for verdict in self.verdicts],
            "duration_ms": round(self.duration_ms, 3),
        }


def error_json(error: SkillKernelError | None) -> dict[str, str] | None:
    """An error as JSON: code, message, hint."""
    return None if error is None else {"code": error.code, "message": error.message, "hint": error.hint}


def error_for_model(error: SkillKernelError) -> str:
    """An error as a model reads it, so that it can mend the call."""
    return msgspec.json.encode({"error": error.message, "code": error.code, "hint": error.hint}).decode()
