"""Runs between the kernel and bubblewrap where a skill was granted files: lays them out for bubblewrap to bind.

It is trusted code and runs nothing of a skill; whatever fails here ends it, and no worker starts.
"""

import errno
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

from skillkernel.worker.mounting import (
    leave_mounts,
    mount_empty,
    mount_opened,
    open_checked,
    users_between,
)

_UNMAPPABLE = (errno.EINVAL, errno.EOPNOTSUPP)


def main() -> None:
    """Start what the JSON of `argv[1]` describes, in place of this process."""
    try:
        start(json.loads(sys.argv[1]))
    except (OSError, RuntimeError) as problem:
        os.write(2, f"bwrap: the granted files cannot be laid out: {problem}\n".encode(errors="backslashreplace"))
        os._exit(125)


def start(config: dict[str, Any]) -> None:
    """Lay out `shown` ([name, path, device, inode, user, group]) under `stage`, then execute `argv`; does not return."""
    uid: int | None = config["uid"]
    stage = Path(config["stage"])
    leave_mounts(own_user=uid is None)
    opened = [
        (name, open_checked(Path(path), device, inode), user, group)
        for name, path, device, inode, user, group in config["shown"]
    ]
    mount_empty(stage)
    for name, descriptor, user, group in opened:
        place = stage / name
        place.mkdir() if stat.S_ISDIR(os.fstat(descriptor).st_mode) else place.touch()
        if uid is None or uid == user:
            mount_opened(descriptor, place, None)
        else:
            _show_as(uid, descriptor, place, (user, group))
        os.close(descriptor)
    os.execve(config["argv"][0], config["argv"], {})  # noqa: S606 # bubblewrap, in place of this process


def _show_as(uid: int, descriptor: int, place: Path, owner: tuple[int, int]) -> None:
    users = users_between(owner, uid)
    try:
        mount_opened(descriptor, place, users)
    except OSError as error:
        if error.errno not in _UNMAPPABLE:
            raise
        mount_opened(descriptor, place, None)  # a file system that knows no such map shows its files as they are
    finally:
        os.close(users)
