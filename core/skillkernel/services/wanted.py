"""`wanted`: what a watched skill's code reached for in vain, as its worker tells it; nothing is given.

Threat: a skill that fills the journal. Notices are believed by nobody but the person who reads them, and are bounded.
"""

from typing import Annotated, Literal

import msgspec

from skillkernel.services.access import Access, AccessLog
from skillkernel.services.caller import Caller
from skillkernel.services.params import read_params
from skillkernel.worker.seam import ServiceReply

MOST_NOTICES = 500
_REASONS = {
    "read": "files.read was not granted",
    "write": "files.write was not granted",
    "run": "programs was not granted",
    "use": "not granted",
}


class WantedParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A path, a program or a secret's name, and what was to be done with it."""

    kind: Literal["file", "program", "secret"]
    target: Annotated[str, msgspec.Meta(max_length=1_000)]
    how: Literal["read", "write", "run", "use"]


class WantedService:
    """The service `wanted`, for one session of learning."""

    def __init__(self, log: AccessLog) -> None:
        self._log = log
        self._count = 0

    async def serve(self, caller: Caller, params: msgspec.Raw) -> ServiceReply:
        """Write it down as refused."""
        told = read_params("wanted", params, WantedParams)
        self._count += 1
        if told.kind == "secret" and told.target in caller.granted("secrets"):
            return ServiceReply()  # granted, and not set
        if self._count <= MOST_NOTICES:
            self._log.begin(caller, Access(told.kind, told.target, "refused", _REASONS[told.how]))
        return ServiceReply()
