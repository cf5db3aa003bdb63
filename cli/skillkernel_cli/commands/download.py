"""`skill download`: skills and all that they need, in a folder to take along."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import Index, Json, TrustConfig, Unsigned

if TYPE_CHECKING:
    from skillkernel_registry.transfer.download import Downloaded


def download_command(
    skills: Annotated[
        list[str], typer.Argument(metavar="NAME[SPEC]...", help="Names such as calendar or 'calendar>=0.1'.")
    ],
    to: Annotated[
        Path, typer.Option("--to", metavar="FOLDER", help="A new folder, or one that was downloaded to before.")
    ],
    index: Index = None,
    deps: Annotated[bool, typer.Option("--deps/--no-deps", help="With the Python wheels that they need.")] = True,
    platform: Annotated[
        list[str] | None,
        typer.Option("--platform", metavar="TAG", help="Python wheels for another machine: manylinux_2_28_x86_64."),
    ] = None,
    python: Annotated[str, typer.Option("--python", metavar="VERSION", help="Python wheels for that Python.")] = "",
    unsigned: Unsigned = False,
    trust_config: TrustConfig = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Trust an index that is met for the first time.")] = False,
    json: Json = False,
) -> None:
    """Put skills with all that they need into a folder; `skill install --index FOLDER` takes it without a network.

    Example: skill download calendar --to /media/usb/skills
    """
    from msgspec import to_builtins

    from skillkernel.home import open_home
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.index_terms import index_terms
    from skillkernel_cli.installing import InstallProgress
    from skillkernel_cli.output import json_document, note
    from skillkernel_registry.transfer.download import download_skills
    from skillkernel_registry.transfer.python_wheels import Target

    progress = InstallProgress()

    async def main() -> "Downloaded":
        return await download_skills(
            open_home(),
            skills,
            to.absolute(),
            index=index,
            terms=index_terms(unsigned=unsigned, yes=yes, trust_config=trust_config),
            deps=deps,
            target=Target(tuple(platform or ()), python),
            on_progress=progress,
        )

    try:
        done = run_async(main)
    finally:
        progress.clear()
    if json:
        json_document(to_builtins(done))
    for warning in done.warnings:
        note(f"warning: {warning}")
    note(f"{to} holds {', '.join(done.skills)} and {len(done.python)} Python wheels")
