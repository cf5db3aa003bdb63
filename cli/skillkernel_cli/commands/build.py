"""`skill build`: from a skill's source to skill.json and a wheel."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from skillkernel_registry.build import BuildResult


def build_command(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="The skill's source, with its pyproject.toml.")
    ] = Path(),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when skill.json or the lock is not up to date.")
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Keep the locked dependencies as they are.")] = False,
) -> None:
    """Derive skill.json from [tool.skill] and the functions, inside the sandbox, and make the wheel.

    Example: skill build skills/calendar --check
    """
    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.installing import InstallProgress
    from skillkernel_cli.output import data, note

    async def main() -> "BuildResult":
        from skillkernel.home import open_home
        from skillkernel_registry.build import build

        progress = InstallProgress()
        try:
            return await build(open_home(), folder, check=check, offline=offline, on_progress=progress)
        finally:
            progress.clear()

    result = run_async(main)
    for file in result.changed:
        note(f"wrote {file}")
    if result.wheel is not None:
        data(str(result.wheel))
    else:
        note(f"{result.manifest.name} {result.manifest.version}: up to date")
