"""Starting a kernel for one command."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from skillkernel_cli.asking import ask_yes_no, can_ask
from skillkernel_cli.asking_permission import ask_person, grant_for_good
from skillkernel_cli.output import note
from skillkernel_cli.status import FetchProgress

if TYPE_CHECKING:
    from skillkernel.kernel import Kernel

T = TypeVar("T")


def run_async(main: Callable[[], Awaitable[T]]) -> T:
    """Run a coroutine function to its end; Ctrl-C or SIGTERM cancels it once, and ends the process the second time."""
    import anyio

    from skillkernel_cli.interrupts import until_terminated

    return anyio.run(until_terminated, main)


def say_when_nothing_is_installed(kernel: "Kernel") -> None:
    """A model without tools can only talk, and may talk as if it had done something."""
    if not kernel.targets():
        note("no skill is installed, so the model can only talk: try `skill install calendar`")


def host(work: Callable[..., Awaitable[T]], *, yes: bool = False, allow: Sequence[str] = ()) -> T:
    """Open a kernel that asks on the terminal, where there is one, and give it to `work`."""

    async def main() -> T:
        from skillkernel.kernel import Kernel

        asks = can_ask()
        progress = FetchProgress()
        async with Kernel(
            yes=yes,
            allow=allow,
            ask=ask_person if asks else None,
            grant=grant_for_good if asks else None,
            agree=ask_yes_no if asks else None,
            notify=progress,
        ) as kernel:
            return await work(kernel)

    return run_async(main)
