"""The last rights taken away inside a worker, after its limits and before one line of its skill: Landlock, then seccomp.

Threat: a thread that was there before stays free, a mechanism that is missing is passed over, a rule fails in silence.
So there is one thread, counted; everything that fails here ends the worker before the skill is loaded.
"""

import os
import struct
from binascii import a2b_base64
from contextlib import suppress
from typing import Any

from skillkernel.worker.inside import landlock
from skillkernel.worker.inside.ask import DOOR
from skillkernel.worker.inside.system import Memory, system_call

_PRCTL = {"x86_64": 157, "aarch64": 167}
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_NO_NEW_PRIVILEGES = 38
_DEATH_SIGNAL = 1
_SIGKILL = 9
_SET_FILTER, _ALL_THREADS = 1, 1


class CannotConfine(RuntimeError):
    """A wall could not be put up, so the skill is not loaded."""


def confine(start: dict[str, Any]) -> None:
    """Apply `start["walls"]`, whose keys are those of `Confinement`; none when it is None (a person said so).

    What was passed to build the walls is closed: an open folder outside, from which `..` leads everywhere.
    """
    passed = [number for number in map(int, os.listdir("/proc/self/fd")) if number > DOOR]  # noqa: PTH208 # names alone
    if start["walls"] is not None:
        _put_up(start["walls"])
    for number in passed:
        with suppress(OSError):  # the one that listed them
            os.close(number)


def _put_up(walls: dict[str, Any]) -> None:
    if len(os.listdir("/proc/self/task")) != 1:  # noqa: PTH208 # names alone; pathlib is not needed here
        raise CannotConfine("a thread was started before the walls were up")
    abi = landlock.version()
    if abi < walls["landlock_at_least"]:
        raise CannotConfine(
            f"Landlock of version {walls['landlock_at_least']} is needed, this Linux has {abi or 'none'}"
        )
    machine = os.uname().machine
    system_call(_PRCTL[machine], _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if abi:
        landlock.restrict(abi, walls["read"], walls["write"], tcp=walls["tcp"])
    program = Memory(a2b_base64(walls["filter"]))
    header = Memory(struct.pack("=HxxxxxxQ", program.size // 8, program.address))
    blocking = system_call(_SECCOMP[machine], _SET_FILTER, _ALL_THREADS, header.address)
    if blocking:
        raise CannotConfine(f"thread {blocking} cannot be confined")


def die_with_the_kernel(start: dict[str, Any]) -> None:
    """Be killed when the kernel, process `start["parent"]`, ends, also when it has by now; bubblewrap does it by itself."""
    parent = start["parent"]
    if parent is not None:
        system_call(_PRCTL[os.uname().machine], _DEATH_SIGNAL, _SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
