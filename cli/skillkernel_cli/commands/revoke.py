"""`skill revoke`: take back what a skill was granted."""

from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import Json

if TYPE_CHECKING:
    from skillkernel_registry.grants import GrantsResult


def revoke_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="An installed skill.")],
    rows: Annotated[
        list[str] | None, typer.Argument(metavar="ROW...", help="As `skill permissions` shows them.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Everything that it was granted.")] = False,
    json: Json = False,
) -> None:
    """Take back what a skill was granted; its next call, in a running `skill chat` too, has it no longer.

    Example: skill revoke calendar 'network:{server}'
    """
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.granting import changed_json, check_rows, say_changed
    from skillkernel_cli.output import json_document

    check_rows(rows, every=every, command=f"skill revoke {name}")

    async def main() -> "GrantsResult":
        from skillkernel.home import open_home
        from skillkernel_registry.grants import revoke

        return await revoke(open_home(), name, None if every else rows)

    result = run_async(main)
    say_changed(result)
    if json:
        json_document(changed_json(result))
