"""Ending a sandbox, whatever it has come to.

Threat: bubblewrap that is killed between its fork and the moment when its child asks to die with it: the child then
waits for ever for a parent that is gone. Until the child has a session of its own, it is in its parent's process group.
"""

import os
import signal
from contextlib import suppress
from typing import Protocol


class Started(Protocol):
    """A process of subprocess or asyncio."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...


def kill_group(process: Started) -> None:
    """Kill a process that leads its own session, and with it those of its group; nothing when it was waited for."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
