"""`skill uninstall`: take a skill away, and leave its data and secrets."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from skillkernel_registry.uninstall import UninstallResult


def uninstall_command(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    purge: Annotated[bool, typer.Option("--purge", help="Delete its data and secrets too, for good.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before deleting data.")] = False,
) -> None:
    """Remove a skill; its data and secrets stay unless you say --purge.

    Example: skill uninstall calendar
    """
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.output import note

    async def main() -> "UninstallResult":
        from skillkernel.home import open_home
        from skillkernel_registry.uninstall import uninstall

        if purge and not yes:
            await _ask_to_purge(name)
        return await uninstall(open_home(), name, purge=purge)

    result = run_async(main)
    note(f"uninstalled {result.skill.name} {result.skill.version}")
    if result.purged:
        note("its data is deleted")
    elif result.data is not None:
        note(f"its data stays in {result.data}; `skill uninstall --purge` would have deleted it")
    if result.secrets:
        note(
            "its secrets are deleted"
            if purge
            else "its secrets stay; `skill uninstall --purge` would have deleted them"
        )


async def _ask_to_purge(name: str) -> None:
    from skillkernel.errors import ApprovalRefused
    from skillkernel_cli.asking import ask_yes_no, can_ask

    if not can_ask():
        raise ApprovalRefused(
            f"deleting the data of {name} needs a yes, and there is no terminal to ask on",
            hint="agree beforehand with --yes",
        )
    if not await ask_yes_no(f"delete all data and secrets of {name} for good?"):
        raise ApprovalRefused(f"{name} was left as it is", hint="without --purge its data stays")
