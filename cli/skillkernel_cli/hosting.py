"""Starting a kernel for one command."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from skillkernel_cli.asking import ask_approval, can_ask

T = TypeVar("T")


def run_async(main: Callable[[], Awaitable[T]]) -> T:
    """Run a coroutine function to its end; Ctrl-C cancels it once, and ends the process the second time."""
    import anyio

    return anyio.run(main)


def host(work: Callable[..., Awaitable[T]], *, yes: bool = False, allow: Sequence[str] = ()) -> T:
    """Open a kernel that asks on the terminal, where there is one, and give it to `work`."""

    async def main() -> T:
        from skillkernel.kernel import Kernel

        async with Kernel(yes=yes, allow=allow, ask=ask_approval if can_ask() else None) as kernel:
            return await work(kernel)

    return run_async(main)
