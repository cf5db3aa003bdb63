"""The seam between a session and a model: what is asked, and what comes back, piece by piece."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call as the model wrote it: nothing in it has been checked. `arguments` is the raw text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. An assistant's may carry calls; a tool's answers the call `call_id` (`failed`: with an error)."""

    role: Literal["system", "user", "assistant", "tool"]
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class ToolOffer:
    """A tool that the model may call: `name` is the wire name (`calendar__create_event`)."""

    name: str
    description: str
    input_schema: dict[str, Any]
    effect: str = "read"
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """All that a model needs for its next reply; `now` is aware and in the user's time zone."""

    messages: tuple[Message, ...]
    tools: tuple[ToolOffer, ...]
    now: datetime
    time_zone: str
    max_tokens: int = 1024


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer, in order."""

    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the person should see while waiting, such as `loading Qwen2.5-Coder-0.5B`."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of every reply: its calls, why it ended, and the tokens it cost (0: not known)."""

    reason: Literal["stop", "calls", "length", "filtered"]
    calls: tuple[ToolCall, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0


ModelEvent = TextDelta | Notice | Finished


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What config.toml and the environment say of the model; empty strings: not said. Times are in seconds.

    `agree` asks the person before weights are fetched (the text says name, size and licence); None: nobody to ask.
    `notify` is told how a fetch goes: a text, and the share that is done from 0 to 1, None when there is none.
    """

    driver: str = ""
    model: str = ""
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    models_folder: Path = Path()
    connect_timeout: float = 5.0
    read_timeout: float = 60.0
    retries: int = 4
    context_tokens: int = 0
    agree: Callable[[str], Awaitable[bool]] | None = field(default=None, repr=False, compare=False)
    notify: Callable[[str, float | None], None] | None = field(default=None, repr=False, compare=False)


class Driver(Protocol):
    """A model that can be asked for its next reply.

    `reply` yields `TextDelta` and `Notice` and, last, exactly one `Finished`. It raises a `ModelError` or `Missing`
    with a hint, never a library's own exception. Closing the iterator early ends the request at the endpoint.
    """

    @property
    def name(self) -> str:
        """`driver/model`, as the journal and `skill doctor` show it."""
        ...

    @property
    def context_tokens(self) -> int:
        """The window's size in tokens."""
        ...

    def reply(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Ask for the next reply."""
        ...

    async def aclose(self) -> None:
        """Free what the driver holds."""
        ...
