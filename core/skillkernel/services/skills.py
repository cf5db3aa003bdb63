"""`call`: a tool of another skill, through every check, with no more rights than the caller has.

Threat: the confused deputy, a skill that calls itself or a ring of skills for ever, and a call that costs somebody
else's budget. The callee has to be named in the caller's `kernel` permissions; it runs with what both may do, at most
`DEEPEST` skills deep, in the caller's session and on its budget; a person is asked as for any other call.
"""

import errno

import msgspec

from skillkernel.services.access import Access, AccessLog
from skillkernel.services.caller import Caller
from skillkernel.services.params import read_params
from skillkernel.worker.seam import ServiceReply

DEEPEST = 3


class CallParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tool by the name that people write (`calculator.evaluate`), and its arguments."""

    tool: str
    arguments: msgspec.Raw


class SkillService:
    """The service `call`."""

    def __init__(self, log: AccessLog) -> None:
        self._log = log

    async def serve(self, caller: Caller, params: msgspec.Raw) -> ServiceReply:
        """Make the call and return its result; raise `PermissionError`, or the error that the call ended with."""
        asked = read_params("call", params, CallParams)
        skill = asked.tool.partition(".")[0]
        problem = self._problem(caller, skill)
        self._log.begin(caller, Access("service", asked.tool, "refused" if problem else "granted", problem))
        if problem or caller.call is None:
            raise PermissionError(errno.EACCES, f"{caller.skill} may not call {asked.tool}: {problem}")
        outcome = await caller.call(asked.tool, bytes(asked.arguments).decode())
        if outcome.error is not None:
            raise outcome.error
        return ServiceReply(outcome.result)

    def _problem(self, caller: Caller, skill: str) -> str:
        if skill == caller.skill:
            return "a skill calls its own functions without the kernel"
        if skill not in caller.granted("kernel"):
            if f"kernel:{skill}" in caller.asked:
                return f"it was not granted: `skill grant {caller.skill} kernel:{skill}`"
            return f"its manifest does not ask for kernel:{skill}"
        if caller.depth + 1 > DEEPEST:
            return f"at most {DEEPEST} skills may call each other in a row"
        return "" if caller.call is not None else "no session serves it"
