"""Which service answers which request of a worker.

Threat: a worker that asks for what nobody offers, or asks so often that asking is the attack. A method that is not in
the table is refused and written down; a call may ask `MOST_REQUESTS` times.
"""

import errno
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec

from skillkernel.errors import SkillKernelError, ToolCrashed
from skillkernel.services.access import Access, AccessLog
from skillkernel.services.caller import Caller
from skillkernel.worker.seam import ServiceReply

MOST_REQUESTS = 10_000
Service = Callable[[Caller, msgspec.Raw], Awaitable[ServiceReply]]
"""Answers one request; raises as `Services.serve` says. Its own accesses it writes down itself."""


@dataclass(frozen=True, slots=True)
class Switchboard:
    """The services of one session, by the method that asks for them."""

    services: Mapping[str, Service]
    log: AccessLog

    def for_call(self, caller: Caller) -> "CallServices":
        """What answers the requests of one call."""
        return CallServices(self, caller)


@dataclass(slots=True)
class CallServices:
    """`Services` for one call; `refused` holds what it was refused, for the error that the call may end with."""

    switchboard: Switchboard
    caller: Caller
    refused: list[str] = field(default_factory=list[str])
    asked: int = 0

    async def serve(self, method: str, params: msgspec.Raw) -> ServiceReply:
        """Answer one request."""
        self.asked += 1
        if self.asked > MOST_REQUESTS:
            raise OSError(errno.EDQUOT, f"one call may ask the kernel {MOST_REQUESTS} times")
        service = self.switchboard.services.get(method)
        if service is None:
            self.switchboard.log.begin(
                self.caller, Access("service", method[:100], "refused", "there is no such service")
            )
            raise OSError(errno.ENOSYS, f"the kernel has no service {method[:100]!r}")
        try:
            return await service(self.caller, params)
        except PermissionError as error:
            self.refused.append(error.strerror or str(error))
            raise

    @contextmanager
    def naming_refusals(self) -> Generator[None]:
        """Have the error that the call ends with say what it was refused, and how that could be granted."""
        try:
            yield
        except SkillKernelError as error:
            if self.refused:
                _name(error, list(dict.fromkeys(self.refused)))
            raise


_MOST_NAMED = 3


def _name(error: SkillKernelError, refused: list[str]) -> None:
    named = [text if text not in error.message else _remedy(text) for text in refused[:_MOST_NAMED]]
    own = "" if isinstance(error, ToolCrashed) else error.hint  # that hint blames the skill
    error.hint = "; ".join(text for text in (own, *named) if text)


def _remedy(refusal: str) -> str:
    """What follows the last colon of a refusal, if it has one: it was told once already."""
    return refusal.rpartition(": ")[2]
