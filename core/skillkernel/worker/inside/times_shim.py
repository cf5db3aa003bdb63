"""`os.utime` of what is not there, in Tier B: an error, as everywhere.

There the filter lets a call that changes times do nothing and succeed, since it cannot tell whose file it is. But
`Path.touch` takes that success for a sign that the file exists, and would make none.
"""

import os
from collections.abc import Callable
from typing import Any


def install() -> None:
    """Have `os.utime` look first."""
    looking = looking_first(os.utime)
    for known in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
        if os.utime in known:
            known.add(looking)
    os.utime = looking


def looking_first(plain: Callable[..., None]) -> Callable[..., None]:
    """The same function, for paths that exist; raises `OSError` for others."""

    def utime(
        path: Any, *arguments: Any, dir_fd: int | None = None, follow_symlinks: bool = True, **named: Any
    ) -> None:
        os.stat(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)  # it may be a descriptor
        if dir_fd is not None:
            named["dir_fd"] = dir_fd
        plain(path, *arguments, follow_symlinks=follow_symlinks, **named)

    return utime
