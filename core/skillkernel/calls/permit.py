"""Stage 4: the permissions that a call runs with: those that were granted, and those that a person gives it now.

Threat: a person who says yes to one thing while another is run. The question shows the permission, the tool and the
call; what is given is given to that skill of that publisher alone; and after every question it is looked whether the skill
is still the one that was asked about. With nobody to ask, nothing is given.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from skillkernel.calls.approve import Answer, Question
from skillkernel.calls.desk import Desk
from skillkernel.catalogue.types import Installed, Target
from skillkernel.errors import ApprovalRefused, PermissionRefused
from skillkernel.permissions.decide import effective, grant_command, refusal
from skillkernel.permissions.first_use import to_ask_for
from skillkernel.permissions.narrow import stands_for


@dataclass(frozen=True, slots=True)
class PermissionQuestion(Question):
    """May the skill do this? `rows` are the permissions, `settings` what their braces stand for.

    `rule` is the command that "always" stands for; empty where that cannot be offered.
    """

    rows: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict[str, Any])


class Permitted(NamedTuple):
    """The rows that a call runs with; `asked_for` are those that a person was asked for, `reason` what they said; empty
    when nobody had to be waited for.

    `once` says that what they gave is for this call alone.
    """

    target: Target
    rows: tuple[str, ...]
    asked_for: tuple[str, ...] = ()
    reason: str = ""
    once: bool = False


async def permit(target: Target, call: str, desk: Desk) -> Permitted:
    """Return what the call may use; raise `PermissionRefused`, or `ApprovalRefused` when a person says no."""
    rows = _rows(target, desk)
    if desk.learning or not to_ask_for(target.skill, target.tool, rows, desk.permissions):
        return Permitted(target, rows)
    async with desk.answers.turn:
        rows = _rows(target, desk)
        wanted = to_ask_for(target.skill, target.tool, rows, desk.permissions)
        if not wanted:
            return Permitted(target, rows, reason="the answer to another call settled it")
        return await _ask(target, wanted, call, desk)


def still_permitted(permitted: Permitted, desk: Desk) -> None:
    """Return when the skill is what it was when the person was asked; raise `PermissionRefused` when it was changed."""
    if desk.keep_up is not None:
        desk.keep_up()
    target = permitted.target
    now = desk.tools.resolve(str(target.id)).skill
    if now is target.skill:
        return
    if msgspec.structs.replace(now, granted=target.skill.granted) != target.skill:
        raise PermissionRefused(
            f"{target.skill.name} was changed by somebody else meanwhile", hint="make the call again"
        )
    allowed = effective(now, desk.permissions, (*_given(now, desk), *permitted.asked_for))
    if lost := [row for row in permitted.rows if row not in allowed]:
        raise PermissionRefused(
            f"{', '.join(lost)} was taken from {now.name} by somebody else meanwhile", hint="make the call again"
        )


def _rows(target: Target, desk: Desk, *more: str) -> tuple[str, ...]:
    return effective(target.skill, desk.permissions, (*_given(target.skill, desk), *more))


def _given(skill: Installed, desk: Desk) -> tuple[str, ...]:
    """What a person gave the skill for this session, as long as it stands for what it stood for then."""
    given = desk.answers.rows.get(skill.owner)
    if not given:
        return ()
    return tuple(row for row, meant in given.items() if stands_for(row, skill.settings) == meant)


async def _ask(target: Target, wanted: tuple[str, ...], call: str, desk: Desk) -> Permitted:
    skill, tool = target.skill, target.tool
    key = f"permission {target.id} {' '.join(wanted)}"
    if desk.ask is None:
        raise refusal(skill, tool, wanted, desk.permissions)
    if key in desk.answers.refused:
        raise _refused(target, wanted, "before, and were not asked again")
    question = PermissionQuestion(
        tool=str(target.id),
        effect=tool.effect,
        summary=tool.description,
        call=call,
        rule=grant_command(skill.name, wanted) if desk.grant is not None else "",
        why=f"{skill.name} was not granted {', '.join(wanted)}",
        rows=wanted,
        settings=skill.settings,
    )
    match await desk.ask(question):
        case True | Answer.ONCE:
            return Permitted(target, _rows(target, desk, *wanted), wanted, "a person allowed it, once", once=True)
        case Answer.ALWAYS if desk.grant is not None:
            await desk.grant(skill, wanted)
            return Permitted(_as_now(target, desk), _rows(target, desk, *wanted), wanted, "a person granted it")
        case Answer.SESSION | Answer.ALWAYS:
            given = desk.answers.rows.setdefault(skill.owner, {})
            given.update((row, stands_for(row, skill.settings)) for row in wanted)
            return Permitted(target, _rows(target, desk), wanted, "a person allowed it for this session")
        case _:
            desk.answers.refused.add(key)
            raise _refused(target, wanted, "now")


def _as_now(target: Target, desk: Desk) -> Target:
    """The same tool with the grants of now; a skill that was changed otherwise is found out by `still_permitted`."""
    if desk.keep_up is not None:
        desk.keep_up()
    now = desk.tools.resolve(str(target.id))
    same = msgspec.structs.replace(now.skill, granted=target.skill.granted) == target.skill
    return now if same else target


def _refused(target: Target, rows: tuple[str, ...], when: str) -> ApprovalRefused:
    return ApprovalRefused(
        f"you refused {target.id} the permission {', '.join(rows)} {when}".removesuffix(" now"),
        hint="ask the user what to do instead; do not call it again unchanged",
    )
