"""What a session tells whoever listens, in the order it happens; `as_json` is the line that `--json` prints."""

from dataclasses import dataclass
from typing import Any

from skillkernel.calls.types import Outcome, error_json
from skillkernel.calls.verdict import Verdict
from skillkernel.errors import SkillKernelError


@dataclass(frozen=True, slots=True)
class Requested:
    """A request was taken up."""

    session: str
    text: str

    def as_json(self) -> dict[str, Any]:
        return {"event": "request", "session": self.session, "text": self.text}


@dataclass(frozen=True, slots=True)
class ModelAsked:
    """A model is being asked for its next reply; `notice` is something to show while waiting."""

    model: str
    notice: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"event": "model", "model": self.model, "notice": self.notice}


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A piece of text as the model writes it; the whole comes again as `Answered`."""

    text: str

    def as_json(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class CallPassed:
    """A call passed its checks and starts; `shown` is the canonical call, safe to print."""

    id: str
    tool: str
    arguments: dict[str, Any]
    shown: str
    verdicts: tuple[Verdict, ...]

    def as_json(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class ToolProgress:
    """A running tool says how far it is."""

    tool: str
    fraction: float | None
    text: str

    def as_json(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class CallEnded:
    """A call ended, or was refused; its JSON is two lines, `call` and `result`."""

    outcome: Outcome

    def as_json(self) -> list[dict[str, Any]]:
        outcome = self.outcome
        return [
            {
                "event": "call",
                "id": outcome.request.id,
                "tool": outcome.tool,
                "arguments": outcome.arguments,
                "verdicts": [verdict.as_json() for verdict in outcome.verdicts],
                "duration_ms": round(outcome.duration_ms, 3),
            },
            {
                "event": "result",
                "id": outcome.request.id,
                "tool": outcome.tool,
                "ok": outcome.ok,
                "result": outcome.result,
                "error": error_json(outcome.error),
            },
        ]


@dataclass(frozen=True, slots=True)
class Answered:
    """The end of a turn: the answer."""

    text: str

    def as_json(self) -> dict[str, Any]:
        return {"event": "answer", "text": self.text}


@dataclass(frozen=True, slots=True)
class Stopped:
    """The end of a turn without an answer, on the kernel's own decision."""

    reason: str

    def as_json(self) -> dict[str, Any]:
        return {"event": "stopped", "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Failed:
    """The end of a turn by an error."""

    error: SkillKernelError

    def as_json(self) -> dict[str, Any]:
        return {"event": "error", **(error_json(self.error) or {})}


SessionEvent = Requested | ModelAsked | TextPiece | CallPassed | ToolProgress | CallEnded | Answered | Stopped | Failed
