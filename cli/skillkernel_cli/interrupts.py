"""Ctrl-C in a conversation: it ends what is going on, and only that; twice in a row it ends the process."""

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import anyio


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
