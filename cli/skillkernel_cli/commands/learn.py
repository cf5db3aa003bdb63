"""`skill learn`: one call with nothing granted, and what it wanted."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skillkernel_cli.options import Allow, Json, Yes

if TYPE_CHECKING:
    from skillkernel.calls.types import Outcome
    from skillkernel.catalogue.types import Installed
    from skillkernel.kernel import Kernel
    from skillkernel.permissions.wanted import Wanted


def learn_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="An installed skill.")],
    tool: Annotated[str, typer.Argument(metavar="TOOL", help="One of its tools.")],
    arguments: Annotated[str, typer.Argument(metavar="JSON", help="The arguments; - reads them from stdin.")] = "{}",
    granted: Annotated[
        bool, typer.Option("--granted", help="Let it use what you granted, so that it gets further.")
    ] = False,
    yes: Yes = False,
    allow: Allow = None,
    json: Json = False,
) -> int:
    """Make one call with nothing granted, and show what it reached for and how that could be allowed; grants nothing.

    Example: skill learn calendar list_events '{"date": "2026-12-24"}'
    """
    from pathlib import Path

    from skillkernel.journal.accesses import JournaledAccesses
    from skillkernel.permissions.wanted import wanted
    from skillkernel_cli.hosting import host
    from skillkernel_cli.output import json_document
    from skillkernel_registry.settings import find_installed

    text = sys.stdin.read() if arguments == "-" else arguments

    async def work(kernel: "Kernel") -> "tuple[Installed, Outcome, tuple[Wanted, ...]]":
        skill = find_installed(kernel.catalogue, name)
        outcome, session = await kernel.learn(f"{name}.{tool}", text, with_grants=granted)
        accesses = JournaledAccesses(kernel.journal).of(session=session, skill=name)
        return skill, outcome, wanted(skill, accesses, Path.home())

    skill, outcome, found = host(work, yes=yes, allow=allow or ())
    if json:
        json_document(_as_json(skill, outcome, found))
    elif outcome.error is None or _ran(outcome):
        _print(skill, outcome, found)
    else:
        raise outcome.error
    return 0 if outcome.error is None or _ran(outcome) else outcome.error.exit_code


def _ran(outcome: "Outcome") -> bool:
    """Whether the call came as far as the skill, so that what it wanted is known."""
    return any(verdict.stage == "run" for verdict in outcome.verdicts)


def _as_json(skill: "Installed", outcome: "Outcome", found: "tuple[Wanted, ...]") -> dict[str, Any]:
    return {
        **{key: value for key, value in outcome.as_json().items() if key in ("ok", "tool", "arguments", "error")},
        "wanted": [
            {
                "row": one.row,
                "asked": one.asked or None,
                "target": one.target,
                "reason": one.reason,
                "remedy": _remedy(skill, one),
            }
            for one in found
        ],
    }


def _print(skill: "Installed", outcome: "Outcome", found: "tuple[Wanted, ...]") -> None:
    from skillkernel.text import canonical_call
    from skillkernel_cli.output import data, note

    if outcome.arguments is not None:
        note(canonical_call(outcome.tool, outcome.arguments))
    note("it ended well" if outcome.error is None else f"it ended: {outcome.error.message}")
    if not found:
        data(f"{outcome.tool} wanted nothing that it did not have")
        return
    for one in found:
        data(one.row)
        data(f"    its manifest {'asks' if one.asked else 'does not ask'} for it: {_remedy(skill, one)}")
    note("nothing was granted")


def _remedy(skill: "Installed", one: "Wanted") -> str:
    from skillkernel.permissions.decide import grant_command
    from skillkernel.permissions.rows import split_row

    if one.asked:
        return grant_command(skill.name, (one.asked,))
    import msgspec

    kind, value = split_row(one.row)
    key = f'"{kind}"' if "." in kind else kind
    return f"[tool.skill.permissions] {key} = [{msgspec.json.encode(value).decode()}]"
