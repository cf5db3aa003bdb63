"""The error that a call ends with says what the call was refused."""

import errno

import msgspec
import pytest

from fakes.accesses import KeptAccesses
from skillkernel.errors import SkillKernelError, ToolCrashed, ToolError
from skillkernel.services.caller import Caller
from skillkernel.services.switchboard import CallServices, Switchboard
from skillkernel.worker.seam import ServiceReply

REFUSAL = "demo was not granted network a.example:443: `skill grant demo network:a.example:443`"


async def refuse(caller: Caller, params: msgspec.Raw) -> ServiceReply:
    """A service that grants nothing."""
    raise PermissionError(errno.EACCES, REFUSAL)


async def refused(times: int = 1) -> CallServices:
    """The services of a call that was refused so often."""
    services = Switchboard({"connect": refuse}, KeptAccesses()).for_call(Caller("demo", "demo", "get", "s", 1, ()))
    for _ in range(times):
        with pytest.raises(PermissionError):
            await services.serve("connect", msgspec.Raw(b"{}"))
    return services


def ended_with(services: CallServices, error: SkillKernelError) -> str:
    """The hint with which such a call ends."""
    with pytest.raises(type(error)) as ended, services.naming_refusals():
        raise error
    return ended.value.hint


async def test_a_refusal_becomes_the_hint_once() -> None:
    assert ended_with(await refused(3), ToolError("the server is away")) == REFUSAL


async def test_a_tool_s_own_hint_stays() -> None:
    assert ended_with(await refused(), ToolError("no", hint="try later")) == f"try later; {REFUSAL}"


async def test_nobody_blames_the_skill_for_what_was_refused_and_nothing_is_told_twice() -> None:
    crash = ToolCrashed(f"demo.get crashed: OSError: {REFUSAL}", hint="this is a mistake in the skill: tell its author")
    assert ended_with(await refused(), crash) == "`skill grant demo network:a.example:443`"


async def test_without_a_refusal_an_error_is_left_alone() -> None:
    assert ended_with(await refused(0), ToolError("no", hint="try later")) == "try later"
