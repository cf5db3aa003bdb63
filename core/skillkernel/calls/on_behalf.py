"""What a call does for the skill that it runs: another call, or a question to the model, on the same budget.

The other call goes through every stage; it is narrowed to what the asking skill may do itself.
"""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from skillkernel.calls.types import ApprovedCall, CallRequest
from skillkernel.errors import ModelMissing
from skillkernel.permissions.narrow import handed_on

if TYPE_CHECKING:
    from skillkernel.calls.desk import Desk
    from skillkernel.calls.types import Outcome


async def call_for_skill(desk: "Desk", by: ApprovedCall, tool: str, arguments: str) -> "Outcome":
    """Make a call for the skill that runs `by`; how it ended is the outcome's, never an exception."""
    if desk.run_call is None:
        raise ModelMissing("nothing here can make calls for a skill")
    narrower = replace(
        desk,
        depth=desk.depth + 1,
        permissions=handed_on(by.rows, by.target.skill.settings),
        specs={},
    )
    return await desk.run_call(CallRequest(f"from {by.target.id}", tool, arguments), narrower)


async def think_for_skill(desk: "Desk", prompt: str, max_tokens: int) -> str:
    """Ask the session's model, without tools; raise `ModelMissing`, `ModelError` or `BudgetSpent`."""
    from skillkernel.model.driver import Finished, Message, ModelRequest, TextDelta

    if desk.driver is None:
        raise ModelMissing("no model answers in this session", hint="run it with `skill run` or `skill chat`")
    desk.guard.check_budget()
    now = datetime.now(ZoneInfo(desk.time_zone))
    asked = desk.journal.masking.text(prompt)
    request = ModelRequest((Message("user", asked),), (), now, desk.time_zone, max_tokens)
    said: list[str] = []
    async for event in desk.driver().reply(request):
        if isinstance(event, TextDelta):
            said.append(event.text)
        elif isinstance(event, Finished):
            desk.guard.tokens += event.prompt_tokens + event.completion_tokens
    return "".join(said)
