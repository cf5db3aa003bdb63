"""`skill grant`: let a skill do what it asks for."""

from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import Json

if TYPE_CHECKING:
    from skillkernel_registry.grants import GrantsChange, GrantsResult


def grant_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="An installed skill.")],
    rows: Annotated[
        list[str] | None,
        typer.Argument(metavar="ROW...", help="As `skill permissions` shows them, such as network:example.org:443."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Everything that it asks for.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Agree beforehand.")] = False,
    json: Json = False,
) -> None:
    """Grant a skill some of what it asks for; of a folder also a part. `skill rollback` undoes it.

    Example: skill grant calendar 'network:{server}'
    """
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.granting import changed_json, check_rows, say_changed
    from skillkernel_cli.output import json_document

    check_rows(rows, every=every, command=f"skill grant {name}")

    async def consent(change: "GrantsChange") -> bool:
        return await _consent(change, yes=yes)

    async def main() -> "GrantsResult":
        from skillkernel.home import open_home
        from skillkernel_registry.grants import grant

        return await grant(open_home(), name, None if every else rows, consent=consent)

    result = run_async(main)
    say_changed(result)
    if json:
        json_document(changed_json(result))


async def _consent(change: "GrantsChange", *, yes: bool) -> bool:
    from skillkernel_cli.asking import ask_consent
    from skillkernel_registry.asks import row_now

    skill = change.skill
    may = [row_now(row, skill.settings) for row in change.added]
    needs = f"granting this to {skill.name} needs"
    return await ask_consent(f"{skill.name} {skill.version}", may, "grant it?", needs=needs, yes=yes)
