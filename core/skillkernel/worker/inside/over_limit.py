"""Which limit an exception of a tool comes from, so that its error names that and not a number of the C library.

What is said here is only a better message: the limits hold without it.
"""

import _thread
import errno
from typing import Any


def limit_behind(error: BaseException, limits: Any) -> str:
    """In words, the limit that was reached; empty where it was another reason. `limits` are the four of `Limits`."""
    if limits is None:
        return ""
    address_space, file_size, descriptors, processes = limits
    if isinstance(error, MemoryError):
        return f"more than {address_space // 1_000_000} MB of address space (limit memory)"
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return _processes(processes)
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EMFILE:
        return f"more than {descriptors} open files (limit descriptors)"
    if number == errno.EFBIG:
        return f"more than {file_size // 1_000_000} MB in one file (storage_mb)"
    if number == errno.ENOMEM:
        return f"more than {address_space // 1_000_000} MB of address space (limit memory)"
    return _processes(processes) if number == errno.EAGAIN and not _can_start_a_thread() else ""


def _can_start_a_thread() -> bool:
    """What tells a fork that found no room from a socket that has nothing to say."""
    try:
        _thread.start_new_thread(lambda: None, ())
    except RuntimeError:
        return False
    return True


def _processes(most: int | None) -> str:
    return f"more than {most} processes and threads (limit processes)" if most else "more processes than this user may"
