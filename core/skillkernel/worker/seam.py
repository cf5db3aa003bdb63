"""The seam between a call and the process that runs it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from skillkernel.permissions.granted_path import GrantedPath

Tier = Literal["A", "B", "none"]
"""Which walls a worker stands in: bubblewrap's, those of Landlock and seccomp alone, or, by a person's word, none."""


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """All that decides what a worker may see and do; two equal specs may share one warm process.

    `environment` is the read-only folder of the skill and its dependencies, `data` its private writable folder (made
    by the kernel), `module` the entry point's value, `uid_key` the text from which its host uid is chosen as root.
    Sizes are in 10^6 bytes. `paths` are the granted files and folders, `trust` the host's file of certificate
    authorities, None for a skill without network. `narrowed` marks the worker of calls that other skills make: it has
    fewer grants, and does not take the place of the other one. `watched` has it say what its code reaches for in vain,
    `once` gives it one call and no other.
    """

    skill: str
    module: str
    environment: Path
    data: Path
    store: str
    uid_key: str
    grants: tuple[str, ...] = ()
    settings_json: str = "{}"
    time_zone: str = "UTC"
    rss_mb: int = 512
    storage_mb: int = 100
    tier: Tier = "A"
    paths: tuple[GrantedPath, ...] = ()
    trust: Path | None = None
    narrowed: bool = False
    watched: bool = False
    once: bool = False


class NameNotFound(OSError):
    """A host's name that could not be resolved."""


class Lent(Protocol):
    """What a service lent to one worker beyond one request; kept weakly, so it is the service that keeps it alive."""

    def call_ended(self) -> None:
        """A call of that worker has ended."""
        ...

    def worker_ended(self) -> None:
        """That worker is no more."""
        ...


@dataclass(frozen=True, slots=True)
class ServiceReply:
    """What a service answers: a JSON value and at most one descriptor, which whoever passes it on then closes.

    `lent` is told when calls of the worker that asked end, and when the worker does.
    """

    value: Any = None
    descriptor: int | None = None
    lent: Lent | None = None


class Services(Protocol):
    """What the kernel does for a worker during one call, each request checked against that call's permissions.

    `serve` raises `OSError` with the errno that the worker's code shall see (EACCES: not granted), `NameNotFound`, or a
    `SkillKernelError`.
    """

    async def serve(self, method: str, params: msgspec.Raw) -> ServiceReply:
        """Answer one request."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running tool says it is: `fraction` from 0 to 1, or None when it cannot tell."""

    fraction: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call to run: `arguments` were validated before; `timeout` is in seconds.

    `meanwhile` is called when the worker has the call, before its answer is looked at and before anything is served to
    it; the `JournalError` that it may raise stops the call and is raised instead of the answer. `mask` takes secrets out of
    what the worker printed, now and later, before that is told.
    """

    tool: str
    arguments: dict[str, Any]
    timeout: float
    idempotency_key: str
    session: str = ""
    secrets: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    max_result_bytes: int = 1_000_000
    on_progress: Callable[[Progress], None] | None = None
    services: Services | None = None
    meanwhile: Callable[[], None] | None = None
    mask: Callable[[str], str] | None = None


class Workers(Protocol):
    """The pool of warm workers, one per spec.

    `call` returns the tool's JSON result. It raises `ToolError` when the tool says no, a `WorkerError` when the process
    misbehaves (the next call gets a fresh one), `SandboxMissing` when no wall can be had. When the awaiting task is
    cancelled, the tool is told, and after two seconds the worker is killed.
    """

    async def call(self, spec: WorkerSpec, invocation: Invocation) -> Any:
        """Run one call in the worker of this spec, started on first use."""
        ...

    def retire(self, skill: str) -> None:
        """What that skill is or may do has changed: its workers get no further call, and end when theirs have."""
        ...

    async def aclose(self) -> None:
        """End every worker."""
        ...
