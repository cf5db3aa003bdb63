"""`skill tools`: what the kernel can call."""

import gc
from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import Json

if TYPE_CHECKING:
    from skillkernel.catalogue.types import Target


def tools_command(
    search: Annotated[
        str, typer.Option("--search", metavar="TEXT", help="Only tools that match the text, best first.")
    ] = "",
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="At most so many.")] = None,
    json: Json = False,
) -> None:
    """List what the kernel can call.

    Example: skill tools --search "free time"
    """
    from skillkernel.calls.resolve import ToolTable
    from skillkernel.catalogue.read import read_catalogue
    from skillkernel.home import open_home
    from skillkernel_cli.output import json_document, note, print_table

    gc.disable()  # thousands of values that all live until the end: collecting them costs a tenth of the command
    targets = ToolTable(read_catalogue(open_home())).targets()
    if search:
        from skillkernel.sessions.offers import matching

        targets = matching(targets, search)
    if limit:
        targets = targets[:limit]
    if json:
        json_document([_as_json(target) for target in targets])
    elif targets:
        rows = [(str(t.id), t.tool.effect.value, t.tool.description.splitlines()[0]) for t in targets]
        print_table(rows, ("TOOL", "EFFECT", "DOES"))
    else:
        note("no tool matches" if search else "no skill is installed yet: try `skill install calendar`")


def _as_json(target: "Target") -> dict[str, object]:
    return {
        "name": str(target.id),
        "skill": target.id.skill,
        "description": target.tool.description,
        "effect": target.tool.effect.value,
        "input_schema": target.tool.input_schema,
    }
