"""Granted files that are opened by the kernel: `open()` of such a path asks for a descriptor, all else is as ever.

A single file that is mounted can neither be replaced nor follow when it is, so the kernel opens it anew each time. In a
granted folder it is asked where the operating system says no: without mounts a folder may belong to another user, or
hold a part that is denied. This is convenience: what may be opened the kernel decides.
"""

import builtins
import io
import os
from collections.abc import Callable, Iterable
from typing import Any

from skillkernel.worker.inside.ask import ask_kernel


def install(files: Iterable[str], folders: Iterable[str]) -> None:
    """Have `open`, `io.open` and so pathlib ask the kernel for these absolute paths, and for what is in the folders."""
    granted = frozenset(files)
    within = tuple(folder.rstrip("/") + "/" for folder in folders)
    plain: Callable[..., Any] = io.open

    def open_granted(file: Any, *arguments: Any, **named: Any) -> Any:
        if not isinstance(file, int) and len(arguments) < 7 and named.get("opener") is None:
            named.pop("opener", None)
            path = os.path.abspath(os.fsdecode(file))  # noqa: PTH100 # a text, however it was given
            if path in granted:
                return plain(path, *arguments, **named, opener=_ask)
            if within and path.startswith(within):
                return plain(path, *arguments, **named, opener=_try_first)
        return plain(file, *arguments, **named)

    io.open = open_granted
    builtins.open = open_granted


def _try_first(path: str, flags: int) -> int:
    try:
        return os.open(path, flags, 0o666)
    except PermissionError:
        return _ask(path, flags)


def _ask(path: str, flags: int) -> int:
    _, descriptor = ask_kernel("open", {"path": path, "flags": flags})
    if descriptor is None:
        raise PermissionError(f"the kernel gave no file for {path}")
    return descriptor
