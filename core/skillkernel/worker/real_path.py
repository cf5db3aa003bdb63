"""Opening a path that nobody can exchange for another one meanwhile (openat2(2), Linux 5.6).

Threat: a link put in the way between the check of a path and its use, by another program or by a skill that may write
beside it. No link is followed, no magic link of /proc, nothing above the folder that was opened first.
"""

import errno
import os
import struct
from pathlib import Path

from skillkernel.worker.inside.system import Memory, system_call

_OPENAT2 = 437
"""The same number on every architecture."""
_NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x02, 0x04, 0x08


def open_real(path: Path) -> int:
    """A descriptor (O_PATH) of an absolute path without links; raise `OSError` when a link is in it."""
    return _openat2(-100, os.fspath(path), os.O_PATH | os.O_CLOEXEC, 0, _NO_SYMLINKS | _NO_MAGICLINKS)


def open_beneath(folder: int, path: str, flags: int, mode: int = 0o600) -> int:
    """Open `path`, relative, below the open `folder`; raise `OSError` when it leads out, or over a link."""
    return _openat2(folder, path, flags | os.O_CLOEXEC, mode, _BENEATH | _NO_SYMLINKS | _NO_MAGICLINKS)


def _openat2(folder: int, path: str, flags: int, mode: int, resolve: int) -> int:
    if "\0" in path:
        raise OSError(errno.EINVAL, "a path with a NUL in it", path.split("\0")[0])
    created = mode if flags & os.O_CREAT else 0
    name, how = Memory(os.fsencode(path) + b"\0"), Memory(struct.pack("=QQQ", flags, created, resolve))
    try:
        return system_call(_OPENAT2, folder, name.address, how.address, how.size)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
