"""Who uses the cache now: many may at once, and only with nobody in it is it cleaned.

An install that waits for its person's answer has its wheels in the cache; a build has its tools there.
"""

import fcntl
import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import anyio

from skillkernel.catalogue.types import Layout
from skillkernel_registry.progress import OnProgress, Progress, Stage

_POLL_SECONDS = 0.1


@contextmanager
def cache_in_use(layout: Layout) -> Generator[None]:
    """What is in the cache stays until the block ends; waits while it is being cleaned."""
    descriptor = _open(layout)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


@asynccontextmanager
async def cache_alone(layout: Layout, on_progress: OnProgress) -> AsyncGenerator[None]:
    """Nobody else uses the cache until the block ends; waits for those who do."""
    descriptor = _open(layout)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                on_progress(Progress(Stage.WAIT, "whoever installs or builds"))
                await anyio.sleep(_POLL_SECONDS)
            else:
                break
        yield
    finally:
        os.close(descriptor)


def _open(layout: Layout) -> int:
    return os.open(layout.home / "cache.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
