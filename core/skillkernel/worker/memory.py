"""What the processes of a sandbox use, read from /proc: memory, processor time, threads."""

import os
from pathlib import Path
from typing import NamedTuple

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PROC = Path("/proc")
_FIRST_TIME = 11
"""utime, stime, cutime and cstime, counted from the field behind the name (proc_pid_stat(5))."""


class Usage(NamedTuple):
    """Bytes in memory, seconds of processor time (with that of children who were waited for), threads."""

    resident: int
    cpu_seconds: float
    threads: int


def usage(root: int) -> Usage:
    """What process `root` and all below it use; pages that they share count once for each.

    A process that detaches itself stays below `root`, since that holds the pid namespace's first process.
    """
    resident, ticks, threads, pending = 0, 0, 0, [root]
    while pending:
        process = _PROC / str(pending.pop())
        try:
            resident += int((process / "statm").read_bytes().split()[1]) * _PAGE
            behind_the_name = (process / "stat").read_bytes().rpartition(b")")[2].split()
            ticks += sum(map(int, behind_the_name[_FIRST_TIME : _FIRST_TIME + 4]))
            for thread in os.listdir(process / "task"):  # noqa: PTH208 # names alone, hot
                threads += 1
                pending += map(int, (process / "task" / thread / "children").read_bytes().split())
        except (OSError, IndexError):  # it ended meanwhile
            continue
    return Usage(resident, ticks / _TICKS, threads)


def resident_bytes(root: int) -> int:
    """The resident memory of process `root` and all below it."""
    return usage(root).resident
