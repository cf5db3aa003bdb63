"""Who uses the cache now: many may at once, and only with nobody in it is it cleaned.

An install that waits for its person's answer has its wheels in the cache; a build has its tools there.
"""

import fcntl
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import anyio

from skillkernel.catalogue.types import Layout
from skillkernel_registry.progress import OnProgress, Progress, Stage, silent

P = ParamSpec("P")
T = TypeVar("T")
_POLL_SECONDS = 0.1


def using_cache(
    work: Callable[Concatenate[Layout, P], Awaitable[T]],
) -> Callable[Concatenate[Layout, P], Coroutine[Any, Any, T]]:
    """While this coroutine function runs, what is in the cache stays."""

    @wraps(work)
    async def wrapped(layout: Layout, /, *args: P.args, **kwargs: P.kwargs) -> T:
        async with _locked(layout, fcntl.LOCK_SH, silent):
            return await work(layout, *args, **kwargs)

    return wrapped


@contextmanager
def cache_in_use(layout: Layout) -> Generator[None]:
    """What is in the cache stays until the block ends; waits in this thread while it is being cleaned."""
    descriptor = _open(layout)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


@asynccontextmanager
async def cache_alone(layout: Layout, on_progress: OnProgress) -> AsyncGenerator[None]:
    """Nobody else uses the cache until the block ends; waits for those who do."""
    async with _locked(layout, fcntl.LOCK_EX, on_progress):
        yield


@asynccontextmanager
async def _locked(layout: Layout, how: int, on_progress: OnProgress) -> AsyncGenerator[None]:
    descriptor = _open(layout)
    try:
        while True:
            try:
                fcntl.flock(descriptor, how | fcntl.LOCK_NB)
            except BlockingIOError:
                on_progress(Progress(Stage.WAIT, "whoever installs or builds"))
                await anyio.sleep(_POLL_SECONDS)
            else:
                break
        yield
    finally:
        os.close(descriptor)


def _open(layout: Layout) -> int:
    layout.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(layout.home / "cache.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
