"""Which files this process may still open: a Landlock domain (landlock(7)), built from two lists of paths.

Threat: a file that is in sight but was not granted; in Tier B that is the whole disk. Nothing may be executed, no TCP
port connected or bound, no process outside signalled, no abstract socket outside reached, each as far as this Linux
knows how; what Landlock cannot forbid (stat, chmod, UDP, path sockets) is refused by the filter beside it. The calling
thread alone is bound, so there has to be one only.
"""

import errno
import os
import stat
import struct
from collections.abc import Iterable

from skillkernel.worker.inside.system import Memory, system_call

_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""The same numbers on every architecture."""
_ASK_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE, _IOCTL_DEV = 1, 2, 4, 8, 1 << 14, 1 << 15
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_TO_READ = _READ_FILE | _READ_DIR
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_ALL_FILE_RIGHTS = (1 << 16) - 1
_NETWORK_RIGHTS = 0b11
_SCOPES = 0b11


def version() -> int:
    """The ABI that this Linux speaks; 0 where it has no Landlock or it is switched off."""
    try:
        return system_call(_CREATE, 0, 0, _ASK_VERSION)
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EOPNOTSUPP):
            return 0
        raise


def restrict(abi: int, read: Iterable[str], write: Iterable[str], *, tcp: bool = False) -> None:
    """Keep to `read` and `write` (folders mean all beneath them; what does not exist is passed over), for good.

    `tcp` leaves ports alone, for a network that leads nowhere. Raises `OSError` when a rule or the domain is refused.
    """
    rights = _FILE_RIGHTS.get(abi, _ALL_FILE_RIGHTS)
    attributes = struct.pack("=QQQ", rights, 0 if tcp else _NETWORK_RIGHTS, _SCOPES)[
        : 8 if abi < 4 else 16 if abi < 6 else 24
    ]
    memory = Memory(attributes)
    ruleset = system_call(_CREATE, memory.address, len(attributes), 0)
    try:
        for path in read:
            _add(ruleset, path, _TO_READ)
        for path in write:
            _add(ruleset, path, rights & ~_EXECUTE & ~_IOCTL_DEV)
        system_call(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def _add(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _OF_A_FILE
        memory = Memory(struct.pack("=Qi", rights, descriptor))
        system_call(_ADD, ruleset, _PATH_BENEATH, memory.address, 0)
    finally:
        os.close(descriptor)
