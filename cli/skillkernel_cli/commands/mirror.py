"""`skill mirror`: an index copied to a folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import Json, Unsigned

if TYPE_CHECKING:
    from skillkernel_registry.transfer.mirror import Mirrored


def mirror_command(
    to: Annotated[
        Path, typer.Option("--to", metavar="FOLDER", help="A new folder, or one that was mirrored to before.")
    ],
    index: Annotated[
        str, typer.Option("--index", metavar="URL", help="What to copy: a name of config.toml, a folder, https://.")
    ],
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="These skills alone, with what they require.")
    ] = None,
    unsigned: Unsigned = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Trust an index that is met for the first time.")] = False,
    json: Json = False,
) -> None:
    """Copy an index, or some of its skills, to a folder that can be installed from; again: what changed.

    Example: skill mirror --index https://skills.corp.example/ --to /media/usb/skills
    """
    from msgspec import to_builtins

    from skillkernel.home import open_home
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.index_terms import index_terms
    from skillkernel_cli.installing import InstallProgress
    from skillkernel_cli.output import json_document, note
    from skillkernel_registry.transfer.mirror import mirror

    progress = InstallProgress()

    async def main() -> "Mirrored":
        terms = index_terms(unsigned=unsigned, yes=yes)
        return await mirror(open_home(), index, to.absolute(), names or (), terms=terms, on_progress=progress)

    try:
        done = run_async(main)
    finally:
        progress.clear()
    if json:
        json_document(to_builtins(done))
    skills = "1 skill" if len(done.skills) == 1 else f"{len(done.skills)} skills"
    note(f"{to} holds {skills} of {done.original}: {done.fetched} files came, {done.kept} were there")
