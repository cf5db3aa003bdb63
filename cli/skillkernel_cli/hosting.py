"""Starting a kernel for one command."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from skillkernel_cli.asking import ask_yes_no, can_ask
from skillkernel_cli.asking_permission import ask_person, grant_for_good
from skillkernel_cli.event_loop import run_async
from skillkernel_cli.output import note
from skillkernel_cli.status import FetchProgress

if TYPE_CHECKING:
    from skillkernel.kernel import Kernel

T = TypeVar("T")


def say_when_nothing_is_installed(kernel: "Kernel") -> None:
    """A model without tools can only talk, and may talk as if it had done something."""
    if not kernel.targets():
        note("no skill is installed, so the model can only talk: try `skill install calendar`")


def host(work: Callable[..., Awaitable[T]], *, yes: bool = False, allow: Sequence[str] = ()) -> T:
    """Open a kernel that asks on the terminal, where there is one, and give it to `work`.

    Skills that follow a source folder are brought up to date first.
    """
    from skillkernel_cli.installing import install_what_changed

    install_what_changed(yes=yes)

    async def main() -> T:
        async with opened_kernel(yes=yes, allow=allow) as kernel:
            return await work(kernel)

    return run_async(main)


@asynccontextmanager
async def opened_kernel(*, yes: bool = False, allow: Sequence[str] = ()) -> AsyncGenerator["Kernel"]:
    """A kernel that asks on the terminal, where there is one."""
    from skillkernel.kernel import Kernel

    asks = can_ask()
    async with Kernel(
        yes=yes,
        allow=allow,
        ask=ask_person if asks else None,
        grant=grant_for_good if asks else None,
        agree=ask_yes_no if asks else None,
        notify=FetchProgress(),
    ) as kernel:
        yield kernel
