"""`skill rollback`: back to an earlier generation."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from skillkernel.catalogue.types import Catalogue


def rollback_command(
    to: Annotated[
        int | None, typer.Option("--to", metavar="N", min=1, help="A generation; without it, the one before.")
    ] = None,
) -> None:
    """Put the skills and grants of an earlier generation back in force; a second time undoes the first.

    Example: skill rollback
    """
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.output import note

    async def main() -> "Catalogue":
        from skillkernel.home import open_home
        from skillkernel_registry.rollback import rollback

        return await rollback(open_home(), to=to)

    now = run_async(main)
    note(
        f"generation {now.generation} is in force: {', '.join(f'{s.name} {s.version}' for s in now.skills) or 'no skills'}"
    )
    for skill in now.skills:
        if rows := skill.granted.rows():
            note(f"  {skill.name} may: {', '.join(rows)}")
        if skill.settings:
            note(f"  {skill.name} is set to: {', '.join(f'{key}={value}' for key, value in skill.settings.items())}")
