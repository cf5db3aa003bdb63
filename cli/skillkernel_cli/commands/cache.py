"""`skill cache`: how much room is taken, and the cleaning up."""

from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import Json

if TYPE_CHECKING:
    from skillkernel_registry.cache.clean import Cleaned
    from skillkernel_registry.cache.size import Share

cache_group = typer.Typer(add_completion=False, rich_markup_mode=None)


@cache_group.callback(invoke_without_command=True)
def show(context: typer.Context, json: Json = False) -> None:
    """Show what takes how much room, and clean up what is made or fetched again when it is needed.

    Example: skill cache clean
    """
    if context.invoked_subcommand is None:
        _size(json=json)


@cache_group.command("size", short_help="What takes how much room.")
def size_command(json: Json = False) -> None:
    """Show what takes how much room, and how much of it `skill cache clean` would free.

    Example: skill cache size
    """
    _size(json=json)


@cache_group.command("clean", short_help="Free what is not needed.")
def clean_command(
    keep_generations: Annotated[
        int | None,
        typer.Option(
            "--keep-generations",
            metavar="N",
            min=1,
            help="How many generations stay; without it the newest ten, and all of the last 30 days.",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Wheels and what indexes said too; a network has to bring them again.")
    ] = False,
    json: Json = False,
) -> None:
    """Take away old generations, what no generation names, and what is made again when it is needed.

    What is in force, and what a running worker is in, stays. So do data, secrets, settings and the trust in indexes.

    Example: skill cache clean --keep-generations 3
    """
    from skillkernel.home import open_home
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.installing import InstallProgress
    from skillkernel_cli.output import json_document
    from skillkernel_registry.cache.clean import clean

    progress = InstallProgress()

    async def main() -> "Cleaned":
        try:
            return await clean(open_home(), keep=keep_generations, everything=everything, on_progress=progress)
        finally:
            progress.clear()

    cleaned = run_async(main)
    if json:
        json_document(
            {
                "freed": cleaned.freed,
                "generations": list(cleaned.generations),
                "held": list(cleaned.held),
                "unreadable": list(cleaned.unreadable),
            }
        )
    else:
        _told(cleaned)


def _told(cleaned: "Cleaned") -> None:
    from skillkernel_cli.output import note

    note(f"freed {megabytes(sum(cleaned.freed.values()))}")
    for kind, size in cleaned.freed.items():
        note(f"  {kind}: {megabytes(size)}")
    if cleaned.generations:
        note(f"generations that are gone: {', '.join(map(str, cleaned.generations))}")
    for store in cleaned.held:
        note(f"a running skill is in {store[:12]}…: it stays")
    if cleaned.unreadable:
        numbers = ", ".join(map(str, cleaned.unreadable))
        note(f"generation {numbers} cannot be read, so the store was left alone; `skill history` says why")


def _size(*, json: bool) -> None:
    from skillkernel.home import open_home
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.output import json_document, note, print_table
    from skillkernel_registry.cache.size import shares

    layout = open_home()

    async def main() -> "tuple[Share, ...]":
        return await shares(layout)

    rows = run_async(main)
    if json:
        json_document(
            [{"name": row.name, "place": str(row.place), "bytes": row.size, "spare": row.spare} for row in rows]
        )
        return
    print_table(
        [(row.name, megabytes(row.size), megabytes(row.spare), row.what) for row in rows],
        ("NAME", "SIZE", "CAN GO", "WHAT IT IS"),
    )
    note("`skill cache clean` frees what can go")


def megabytes(size: int) -> str:
    """A size for a person."""
    return f"{size / 1e6:.1f} MB"
