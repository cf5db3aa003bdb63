"""Ctrl-C in a conversation ends what is going on, and only that; twice in a row, or SIGTERM, it ends the process."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Self, TypeVar

import anyio

from skillkernel_cli.failures import Terminated

T = TypeVar("T")


async def until_terminated(main: Callable[[], Awaitable[T]]) -> T:
    """Await `main`; SIGTERM cancels it, as Ctrl-C would, and raises `Terminated`; a second one ends the process."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    came = False

    def end() -> None:
        nonlocal came
        came = True
        loop.remove_signal_handler(signal.SIGTERM)
        if task is not None:
            task.cancel()

    loop.add_signal_handler(signal.SIGTERM, end)
    try:
        return await main()
    except asyncio.CancelledError:
        if came:
            raise Terminated from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


class Interrupts:
    """Takes SIGINT over while the block runs, and cancels the innermost `scope` when it comes."""

    def __init__(self) -> None:
        self._scope: anyio.CancelScope | None = None

    def __enter__(self) -> Self:
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)

    @contextmanager
    def scope(self) -> Generator[anyio.CancelScope, None, None]:
        """A piece of work that Ctrl-C ends; its `cancelled_caught` tells whether it did."""
        with anyio.CancelScope() as scope:
            self._scope = scope
            try:
                yield scope
            finally:
                self._scope = None

    def _interrupt(self) -> None:
        if self._scope is None or self._scope.cancel_called:
            raise KeyboardInterrupt
        self._scope.cancel()
