"""Telling a session's own process from another one that got its number later."""

import os
from pathlib import Path


def host_start(pid: int) -> str:
    """When the process started, in the operating system's own words; empty where that cannot be found out."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


def is_running(pid: int, started: str) -> bool:
    """Whether the process that a session was written down with still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return host_start(pid) == started
