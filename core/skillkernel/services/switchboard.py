"""Which service answers which request of a worker.

Threat: a worker that asks for what nobody offers, or asks so often that asking is the attack. A method that is not in
the table is refused and written down; a call may ask `MOST_REQUESTS` times.
"""

import errno
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import msgspec

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
