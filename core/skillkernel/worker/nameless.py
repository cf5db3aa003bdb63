"""What the processes of a sandbox hold without a name: files that are open, memory that is shared.

Threat: a file that is removed while it is open takes its room until it is closed, so a folder that looks empty fills the
disk. Shared memory that was touched and let go of stays in its mapping, and is in no process's account any more. What is
in flight between two ends of a socket is not seen here; its number is bounded by the limit of descriptors.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_BLOCK = 512
_SHARED_MEMORY = b"/dev/zero (deleted)"
"""How a mapping that is shared and of no file is called in /proc/PID/maps."""


def nameless_bytes(root: int, device: int) -> int:
    """Bytes of disk that process `root` and all below it hold in regular files of that device that have no name left."""
    found: dict[int, int] = {}
    for process in _below(root):
        for status in _open_files(process):
            if status.st_dev == device and status.st_nlink == 0 and stat.S_ISREG(status.st_mode):
                found[status.st_ino] = status.st_blocks * _BLOCK
    return sum(found.values())


def shared_bytes(root: int) -> int:
    """Bytes of memory that process `root` and all below it may share by mappings of no file, touched or not."""
    found: dict[bytes, int] = {}
    for process in _below(root):
        try:
            lines = (process / "maps").read_bytes().splitlines()
        except OSError:  # it ended meanwhile
            continue
        own: dict[bytes, int] = {}
        for line in lines:
            if line.endswith(_SHARED_MEMORY):
                addresses, _, _, _, inode, _ = line.split(None, 5)
                start, _, end = addresses.partition(b"-")
                own[inode] = own.get(inode, 0) + int(end, 16) - int(start, 16)
        for inode, size in own.items():
            found[inode] = max(size, found.get(inode, 0))
    return sum(found.values())


def _below(root: int) -> Iterator[Path]:
    pending = [root]
    while pending:
        process = _PROC / str(pending.pop())
        yield process
        try:
            for thread in os.listdir(process / "task"):  # noqa: PTH208 # names alone
                pending += map(int, (process / "task" / thread / "children").read_bytes().split())
        except OSError:  # it ended meanwhile
            continue


def _open_files(process: Path) -> Iterator[os.stat_result]:
    folder = process / "fd"
    try:
        numbers = os.listdir(folder)  # noqa: PTH208 # names alone
    except OSError:  # it ended meanwhile
        return
    for number in numbers:
        try:
            yield os.stat(folder / number)  # noqa: PTH116 # many of them
        except OSError:
            continue
