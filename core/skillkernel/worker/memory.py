"""How much memory the processes of a sandbox hold, read from /proc."""

import os
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_PROC = Path("/proc")


def resident_bytes(root: int) -> int:
    """The resident memory of process `root` and all below it; pages that they share count once for each.

    A process that detaches itself stays below `root`, since that holds the pid namespace's first process.
    """
    total, pending = 0, [root]
    while pending:
        process = _PROC / str(pending.pop())
        try:
            total += int((process / "statm").read_bytes().split()[1]) * _PAGE
            for thread in os.listdir(process / "task"):  # noqa: PTH208 # names alone, hot
                pending += map(int, (process / "task" / thread / "children").read_bytes().split())
        except (OSError, IndexError):  # it ended meanwhile
            continue
    return total
