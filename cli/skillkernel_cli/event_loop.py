"""Running the asynchronous part of a command."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


def run_async(main: Callable[[], Awaitable[T]]) -> T:
    """Run a coroutine function to its end; Ctrl-C or SIGTERM cancels it once, and ends the process the second time."""
    import anyio

    from skillkernel_cli.interrupts import until_terminated

    return anyio.run(until_terminated, main)
