"""Starting a kernel for one command."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from skillkernel_cli.asking import ask_approval, ask_yes_no, can_ask
from skillkernel_cli.status import FetchProgress

T = TypeVar("T")


def run_async(main: Callable[[], Awaitable[T]]) -> T:
    """Run a coroutine function to its end; Ctrl-C cancels it once, and ends the process the second time."""
    import anyio

    return anyio.run(main)


def host(work: Callable[..., Awaitable[T]], *, yes: bool = False, allow: Sequence[str] = ()) -> T:
    """Open a kernel that asks on the terminal, where there is one, and give it to `work`."""

    async def main() -> T:
        from skillkernel.kernel import Kernel

        asks = can_ask()
        progress = FetchProgress()
        async with Kernel(
            yes=yes,
            allow=allow,
            ask=ask_approval if asks else None,
            agree=ask_yes_no if asks else None,
            notify=progress,
        ) as kernel:
            return await work(kernel)

    return run_async(main)
