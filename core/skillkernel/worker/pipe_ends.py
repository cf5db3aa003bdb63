"""The pipes between the kernel and a program that it runs once, on the event loop.

Threat: a program that never reads or never stops writing; nothing here waits without the loop, and what is not read
stays in the pipe.
"""

import asyncio
import os
from contextlib import ExitStack, suppress
from typing import NamedTuple

_PIECE = 65_536


class End:
    """One end of a pipe, or another descriptor that is waited for."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    async def ready(self, *, to_write: bool = False) -> None:
        """Wait until there is something to read, or room to write."""
        add, remove = self._loop.add_reader, self._loop.remove_reader
        if to_write:
            add, remove = self._loop.add_writer, self._loop.remove_writer
        event = asyncio.Event()
        add(self.descriptor, event.set)
        try:
            await event.wait()
        finally:
            remove(self.descriptor)

    async def read(self) -> bytes:
        """The next piece, empty at the end."""
        await self.ready()
        return os.read(self.descriptor, _PIECE)

    def read_now(self, most: int) -> bytes:
        """What is there already."""
        os.set_blocking(self.descriptor, False)
        try:
            return os.read(self.descriptor, most)
        except BlockingIOError:
            return b""

    async def write(self, content: bytes) -> None:
        """Write all of it, then close; whoever reads may stop at any time."""
        os.set_blocking(self.descriptor, False)
        rest = memoryview(content)
        with suppress(BrokenPipeError):
            while rest:
                await self.ready(to_write=True)
                rest = rest[os.write(self.descriptor, rest[:_PIECE]) :]
        self.close()


class Pipes(NamedTuple):
    """Those of one program as (end to read, end to write)."""

    stdin: tuple[End, End]
    stdout: tuple[End, End]
    stderr: tuple[End, End]
    status: tuple[End, End]

    @property
    def theirs(self) -> tuple[End, ...]:
        return self.stdin[0], self.stdout[1], self.stderr[1], self.status[1]


def pipe(stack: ExitStack) -> tuple[End, End]:
    read, write = map(End, os.pipe2(os.O_CLOEXEC))
    stack.callback(read.close)
    stack.callback(write.close)
    return read, write
