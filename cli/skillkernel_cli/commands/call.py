"""`skill call`: one call through every check, without a model."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import Allow, Json, Yes

if TYPE_CHECKING:
    from skillkernel.calls.types import Outcome
    from skillkernel.kernel import Kernel


def call_command(
    tool: Annotated[str, typer.Argument(metavar="SKILL.TOOL")],
    arguments: Annotated[str, typer.Argument(metavar="JSON", help="The arguments; - reads them from stdin.")] = "{}",
    yes: Yes = False,
    allow: Allow = None,
    json: Json = False,
) -> int:
    """Make one call through every check, without a model, and print its result.

    Example: skill call calendar.list_events '{"date": "2026-12-24"}'
    """
    from skillkernel.errors import SkillKernelError
    from skillkernel_cli.hosting import host
    from skillkernel_cli.output import json_line

    text = sys.stdin.read() if arguments == "-" else arguments

    async def work(kernel: "Kernel") -> "Outcome":
        return await kernel.call(tool, text)

    try:
        outcome = host(work, yes=yes, allow=allow or ())
    except SkillKernelError as error:
        if not json:
            raise
        json_line(_failed_before(tool, error))
        return error.exit_code
    if json:
        json_line(outcome.as_json())
        return 0 if outcome.error is None else outcome.error.exit_code
    return _print(outcome)


def _failed_before(tool: str, error: object) -> dict[str, object]:
    from skillkernel.calls.types import error_json
    from skillkernel.errors import SkillKernelError

    problem = error if isinstance(error, SkillKernelError) else None
    return {
        "ok": False,
        "tool": tool,
        "arguments": None,
        "result": None,
        "error": error_json(problem),
        "verdicts": [],
        "duration_ms": 0.0,
    }


def _print(outcome: "Outcome") -> int:
    from skillkernel.calls.verdict import Ruling
    from skillkernel_cli.output import data, json_document, note

    for verdict in outcome.verdicts:
        if verdict.verdict is Ruling.REPAIR or (
            verdict.stage == "run" and verdict.verdict is Ruling.PASS and verdict.reason
        ):
            note(f"{verdict.stage}: {verdict.reason}")
    if outcome.error is not None:
        raise outcome.error
    if isinstance(outcome.result, str):
        data(outcome.result)
    else:
        json_document(outcome.result)
    return 0
