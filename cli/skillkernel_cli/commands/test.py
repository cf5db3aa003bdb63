"""`skill test`: a skill's own tests, inside the sandbox."""
# ruff: noqa: PT028 # `test_command` is no test: its parameters are a command's, with their defaults

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from skillkernel_registry.authoring.own_tests import TestRun


def test_command(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="The skill's source, with its pyproject.toml.")
    ] = Path(),
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[-- PYTEST ARGUMENTS]", help="Passed on to pytest.")
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", metavar="SECONDS", help="For all tests together.")] = 300.0,
    offline: Annotated[bool, typer.Option("--offline", help="Fetch nothing.")] = False,
) -> int:
    """Run a skill's tests behind the walls that it will have: no network but a loopback of its own, its own files.

    Example: skill test . -- -k today -x
    """
    import sys

    from skillkernel_cli.event_loop import run_async
    from skillkernel_cli.safe_stream import SafeStream

    streams = {1: SafeStream(sys.stdout), 2: SafeStream(sys.stderr)}
    colour = "yes" if sys.stdout.isatty() else "no"

    async def main() -> "TestRun":
        from skillkernel.home import open_home
        from skillkernel_registry.authoring.own_tests import run_own_tests

        return await run_own_tests(
            open_home(),
            folder,
            arguments=[f"--color={colour}", *(arguments or ())],
            seconds=timeout,
            offline=offline,
            on_output=lambda number, piece: streams[number].write(piece),
        )

    try:
        run = run_async(main)
    finally:
        for stream in streams.values():
            stream.close()
    return 0 if run.passed else 1
