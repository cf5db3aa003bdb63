"""What a worker says, read as data: the shape of its messages, and the errors that they stand for.

All of it is untrusted: a message that has another shape ends the worker, and an error's kind only chooses among the
errors that a tool may cause.
"""

from typing import Any, NoReturn, cast

import msgspec

from skillkernel.errors import (
    ArgumentsInvalid,
    ResultInvalid,
    SecretMissing,
    SkillBroken,
    SkillKernelError,
    ToolCrashed,
    ToolError,
    WorkerOverLimit,
    WorkerStartFailed,
)

_DEEPEST = 100
_MISTAKE = "this is a mistake in the skill: tell its author"
_MAY_CAUSE: dict[str, type[SkillKernelError]] = {
    kind.code: kind
    for kind in (ToolError, SecretMissing, ArgumentsInvalid, ResultInvalid, SkillBroken, WorkerOverLimit)
}


class NotAnAnswer(ValueError):
    """Bytes that are no message of ours; the text says why."""


class ErrorData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Beside an error's message: a code of skillkernel.errors, and what to do."""

    kind: str
    hint: str = ""


class ErrorObject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """JSON-RPC 2.0, section 5.1."""

    code: int
    message: str
    data: ErrorData


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A response (`id` and one of `result`, `error`) or a notification (`method` and `params`)."""

    jsonrpc: str
    id: str | msgspec.UnsetType = msgspec.UNSET
    result: Any = msgspec.UNSET
    error: ErrorObject | msgspec.UnsetType = msgspec.UNSET
    method: str | msgspec.UnsetType = msgspec.UNSET
    params: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class ProgressParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters of the notification `progress`."""

    id: str
    text: str
    fraction: float | None = None


_decode_message = msgspec.json.Decoder(Message).decode
_decode_progress = msgspec.json.Decoder(ProgressParams).decode


def read_message(body: bytes) -> Message:
    """Read one frame's body; raise `NotAnAnswer` when it is no well-formed JSON-RPC 2.0 message."""
    try:
        message = _decode_message(body)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise NotAnAnswer(f"what is no message: {error}") from None
    except RecursionError:
        raise NotAnAnswer("JSON that is nested too deep") from None
    if message.jsonrpc != "2.0":
        raise NotAnAnswer(f"a message of JSON-RPC version {message.jsonrpc[:20]!r}")
    parts = [part is not msgspec.UNSET for part in (message.id, message.result, message.error, message.method)]
    if parts not in ([True, True, False, False], [True, False, True, False], [False, False, False, True]):
        raise NotAnAnswer("a message that is neither an answer nor a notification")
    if body.count(b"[") + body.count(b"{") > _DEEPEST and _deeper_than(message.result, _DEEPEST):
        raise NotAnAnswer("JSON that is nested too deep")
    return message


def read_progress(message: Message) -> ProgressParams:
    """Read a notification's parameters; raise `NotAnAnswer` when it is not the one that there is."""
    if message.method != "progress" or message.params is msgspec.UNSET:
        raise NotAnAnswer("a notification that it may not send")
    try:
        return _decode_progress(message.params)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotAnAnswer(f"what is no progress: {error}") from None


def raise_for(error: ErrorObject, tool: str) -> NoReturn:
    """Raise the error that the worker's answer stands for."""
    kind = _MAY_CAUSE.get(error.data.kind)
    if kind in (ToolError, SecretMissing):
        raise kind(error.message, hint=error.data.hint)
    if kind is not None:
        raise kind(f"{tool}: {error.message}", hint=error.data.hint)
    if error.data.kind == WorkerStartFailed.code:
        raise WorkerStartFailed(f"{tool} cannot be loaded: {error.message}", hint=error.data.hint or _MISTAKE)
    raise ToolCrashed(f"{tool} crashed: {error.message}", hint=_MISTAKE)


def _deeper_than(value: object, levels: int) -> bool:
    layer = _inside(value)
    while layer and levels:
        levels -= 1
        layer = [inner for outer in layer for inner in _inside(outer)]
    return bool(layer)


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(cast("dict[str, object]", value).values())
    return cast("list[object]", value) if isinstance(value, list) else []
