"""A worker's hold on its environment: while it runs, nobody who cleans up takes the files away under it."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path


def hold(environment: Path) -> int:
    """A descriptor that says so until it is closed; -1 for a folder that cannot be opened, which the launch will say.

    `skill cache clean` asks for the same lock, alone (skillkernel_registry.cache).
    """
    try:
        descriptor = os.open(environment, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return -1
    with suppress(OSError):  # a file system without locks, or somebody who takes it away at this moment
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return descriptor


def let_go(descriptor: int) -> None:
    """End a hold."""
    if descriptor >= 0:
        os.close(descriptor)
