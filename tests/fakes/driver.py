"""A model that says what it was told to say."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import anyio

from skillkernel.errors import SkillKernelError
from skillkernel.model.driver import Finished, ModelEvent, ModelRequest, TextDelta, ToolCall


@dataclass(frozen=True)
class Reply:
    """One reply: text, then calls; or an error."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    error: SkillKernelError | None = None
    hangs: bool = False
    tokens: int = 10


@dataclass
class ScriptedDriver:
    """Gives its replies one after the other, the last one for ever, and keeps what it was asked."""

    replies: list[Reply]
    requests: list[ModelRequest] = field(default_factory=list[ModelRequest])
    name: str = "scripted/test"
    context_tokens: int = 8000
    closed: bool = False

    async def reply(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Yield the next reply word by word."""
        self.requests.append(request)
        reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
        if reply.hangs:
            await anyio.sleep_forever()
        if reply.error is not None:
            raise reply.error
        for piece in reply.text.split(" ") if reply.text else ():
            yield TextDelta(piece + " ")
        yield Finished("calls" if reply.calls else "stop", reply.calls, completion_tokens=reply.tokens)

    async def aclose(self) -> None:
        """Remember that it was closed."""
        self.closed = True


def call(name: str, arguments: str = "{}", ident: str = "c1") -> ToolCall:
    """A call as a model writes it."""
    return ToolCall(ident, name, arguments)
