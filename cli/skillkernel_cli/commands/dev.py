"""`skill dev`: a skill's source, run as it will be, while it is written."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from skillkernel_cli.development import Workbench


def dev_command(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="The skill's source.")] = Path(),
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Agree to whatever it asks for while you change it.")
    ] = False,
) -> int:
    """Install a source folder so that it is followed, show every call of it, and make those that you type.

    A line is TOOL {JSON}; an empty line lists the tools, Ctrl-D ends it. What you save is built and taken over at once.

    Example: skill dev weather
    """
    from skillkernel_cli.development import Workbench
    from skillkernel_cli.event_loop import run_async

    async def main() -> int:
        return await _work(Workbench(folder.absolute(), yes=yes))

    return run_async(main)


async def _work(bench: "Workbench") -> int:
    import anyio

    from skillkernel_cli.asking import can_ask, read_line
    from skillkernel_cli.failures import INTERRUPTED
    from skillkernel_cli.interrupts import Interrupts

    await bench.begin()
    prompt = "> " if can_ask() else ""
    with Interrupts() as interrupts, interrupts.scope() as scope:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(bench.follow)
            tasks.start_soon(bench.show_calls)
            while True:
                try:
                    line = (await read_line(prompt)).strip()
                except EOFError:
                    break
                await bench.make(line)
            await bench.show_rest()
            tasks.cancel_scope.cancel()
    return INTERRUPTED if scope.cancelled_caught else 0
