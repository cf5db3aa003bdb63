"""Asking a person at a permission's first use: may this skill do that, and for how long."""

import shutil
from typing import TYPE_CHECKING

from skillkernel.calls.approve import Answer, Question
from skillkernel.catalogue.types import Installed
from skillkernel_cli.asking import (
    ANSWERS,
    ask_approval,
    ask_yes_no,
    framed,
    nothing_typed_before,
    read_line,
    show_call,
)
from skillkernel_cli.output import note

if TYPE_CHECKING:
    from skillkernel.calls.permit import PermissionQuestion


async def ask_person(question: Question) -> Answer:
    """Ask about a permission, or about a call."""
    from skillkernel.calls.permit import PermissionQuestion

    return await (ask_permission(question) if isinstance(question, PermissionQuestion) else ask_approval(question))


async def grant_for_good(skill: Installed, rows: tuple[str, ...]) -> None:
    """Grant what a person answered "always" to, as `skill grant` does."""
    from skillkernel.home import open_home
    from skillkernel_registry.grants import grant_to

    result = await grant_to(open_home(), skill, rows)
    note(
        f"{skill.name}: granted {', '.join(result.added)} (generation {result.generation}; `skill rollback` undoes it)"
    )


async def ask_permission(question: "PermissionQuestion") -> Answer:
    """Show the permission, the tool and the call, and ask; what was typed before the question is no answer to it."""
    from skillkernel_registry.asks import row_now

    skill = question.tool.partition(".")[0]
    with nothing_typed_before():
        show_call(question)
        note(f"for this, {skill} would be allowed to")
        for row in question.rows:
            note(framed(row_now(row, question.settings), shutil.get_terminal_size().columns))
        return await _permission(question, skill)


async def _permission(question: "PermissionQuestion", skill: str) -> Answer:
    offered = "[o]nce / this [s]ession / [a]lways / [N]o" if question.rule else "[o]nce / this [s]ession / [N]o"
    while True:
        try:
            typed = (await read_line(f"allow {skill} that? {offered} ")).strip().casefold()
        except EOFError:
            return Answer.NO
        answer = ANSWERS.get(typed)
        if answer is Answer.ALWAYS and question.rule:
            note("this is granted, until you revoke it:")
            note(framed(question.rule, shutil.get_terminal_size().columns))
            if await ask_yes_no("grant it?"):
                return answer
        elif answer is not None and answer is not Answer.ALWAYS:
            return answer
        else:
            note(f"please answer {'o, s, a or n' if question.rule else 'o, s or n'}")
