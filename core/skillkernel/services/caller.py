"""Who asks: one call of one skill, as the kernel itself knows it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from skillkernel.errors import SkillKernelError
from skillkernel.worker.seam import WorkerSpec


class Ended(Protocol):
    """How a call that was made for a skill ended."""

    @property
    def result(self) -> Any:
        """Its result, if it has one."""
        ...

    @property
    def error(self) -> SkillKernelError | None:
        """Its error, if it has one."""
        ...


@dataclass(frozen=True, slots=True)
class Caller:
    """The call that a request is served for.

    `rows` are its permissions as they were granted (`network:{server}`), narrowed by the session; `settings` are what
    their braces stand for, `asked` what the skill's manifest asks for. `depth` counts the skills that led here: 0 for a
    call of the model or of a person. `call` makes a call (tool, JSON arguments) on this one's behalf, `think` asks the
    session's model (prompt, tokens at most), `worker` tells which worker it runs in; None: nothing serves
    that.
    """

    skill: str
    owner: str
    tool: str
    session: str
    number: int
    rows: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    depth: int = 0
    asked: tuple[str, ...] = ()
    call: Callable[[str, str], Awaitable[Ended]] | None = field(default=None, compare=False, repr=False)
    think: Callable[[str, int], Awaitable[str]] | None = field(default=None, compare=False, repr=False)
    worker: Callable[[], WorkerSpec] | None = field(default=None, compare=False, repr=False)

    def granted(self, kind: str) -> tuple[str, ...]:
        """The values of one kind (`network`, `files.read` …) that were granted, braces and all."""
        return rows_of(kind, self.rows)


def rows_of(kind: str, rows: Iterable[str]) -> tuple[str, ...]:
    """The values of one kind among permission rows."""
    prefix = f"{kind}:"
    return tuple(row.removeprefix(prefix) for row in rows if row.startswith(prefix))
