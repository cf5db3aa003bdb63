"""Single granted files, opened by the kernel: `open()` of such a path asks for a descriptor, everything else is as ever.

A file that is mounted can neither be replaced nor follow when it is, and as root it may belong to somebody else; so the
kernel opens it anew each time. This is convenience: what may be opened the kernel decides.
"""

import builtins
import io
import os
from collections.abc import Callable, Iterable
from typing import Any

from skillkernel.worker.inside.ask import ask_kernel


def install(files: Iterable[str]) -> None:
    """Have `open`, `io.open` and so pathlib ask the kernel for these absolute paths."""
    granted = frozenset(files)
    if not granted:
        return
    plain: Callable[..., Any] = io.open

    def open_granted(file: Any, *arguments: Any, **named: Any) -> Any:
        if not isinstance(file, int) and len(arguments) < 7 and named.get("opener") is None:
            path = os.path.abspath(os.fsdecode(file))  # noqa: PTH100 # a text, however it was given
            if path in granted:
                named["opener"] = _ask
                file = path
        return plain(file, *arguments, **named)

    io.open = open_granted
    builtins.open = open_granted


def _ask(path: str, flags: int) -> int:
    _, descriptor = ask_kernel("open", {"path": path, "flags": flags})
    if descriptor is None:
        raise PermissionError(f"the kernel gave no file for {path}")
    return descriptor
