"""Runs between the kernel and bubblewrap, as a process of its own: makes ready what bubblewrap then builds on.

In its own mount namespace it lays out what a program shall see, each from a descriptor that was compared with what the
kernel checked; as root it becomes the skill's user; it sets the limits that all below inherit. For a program with
network it makes the empty network, opens the one socket in there that listens, and hands that to the kernel.

Threat: a file exchanged between its check and its mount; a descriptor of the host, a right or a parent that is gone left
to what is started. It is trusted code and runs nothing of a skill; whatever fails here ends it.
"""

import fcntl
import json
import os
import resource
import socket
import stat
import struct
import sys
from pathlib import Path
from typing import Any

from skillkernel.worker.inside.system import system_call
from skillkernel.worker.mounting import forbid_execution, leave_mounts, mount_empty, mount_opened, open_checked

STAGE = Path("/tmp")  # noqa: S108 # in a mount namespace of its own, covered by an empty file system
PORT = 3128
"""Where the listening socket is in the program's own network: nobody else is in there."""
_PRCTL = {"x86_64": 157, "aarch64": 167}
_DEATH_SIGNAL, _SIGKILL = 1, 9
_SET_FLAGS, _GET_FLAGS, _UP = 0x8914, 0x8913, 0x1


def main() -> None:
    """Start what the JSON in the file of descriptor `argv[1]` describes, in place of this process."""
    config = json.loads(Path(f"/proc/self/fd/{sys.argv[1]}").read_bytes())
    os.close(int(sys.argv[1]))
    try:
        start(config)
    except (OSError, RuntimeError) as problem:
        os.write(2, f"bwrap: {problem}\n".encode(errors="backslashreplace"))
        os._exit(125)


def start(config: dict[str, Any]) -> None:
    """Make everything ready and execute `config["argv"]` with `config["environment"]`; does not return."""
    uid = config["uid"]
    leave_mounts(own_user=uid is None, own_network=config["door"] is not None)
    _lay_out(config["shown"], config["scratch"])
    if config["door"] is not None:
        _open_network(config["door"])
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    _die_with(config["parent"])
    for name, most in config["limits"].items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))
    os.execve(config["argv"][0], config["argv"], config["environment"])  # noqa: S606 # no shell is wanted


def _lay_out(shown: list[list[Any]], scratch: list[list[Any]]) -> None:
    """Bind each [name, path, device, inode, runs], make each [name, bytes] empty; what does not run, nobody can run."""
    opened = [(name, open_checked(Path(path), device, inode), runs) for name, path, device, inode, runs in shown]
    mount_empty(STAGE)
    for name, descriptor, runs in opened:
        place = STAGE / name
        place.mkdir() if stat.S_ISDIR(os.fstat(descriptor).st_mode) else place.touch()
        mount_opened(descriptor, place, None)
        os.close(descriptor)
        if not runs:
            forbid_execution(place)
    for name, size in scratch:
        place = STAGE / name
        place.mkdir()
        mount_empty(place, f"mode=1777,size={size}")
        forbid_execution(place)


def _open_network(door: int) -> None:
    """Bring the loopback up, and hand over a socket that listens on it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack_from("h", fcntl.ioctl(sock, _GET_FLAGS, request), 16)[0]
        fcntl.ioctl(sock, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags | _UP))
        sock.bind(("127.0.0.1", PORT))
        sock.listen(64)
        with socket.socket(fileno=door) as way:
            socket.send_fds(way, [b"L"], [sock.fileno()])


def _die_with(parent: int) -> None:
    """Be killed when the kernel ends, also when it has by now; bubblewrap then sees to its own children."""
    system_call(_PRCTL[os.uname().machine], _DEATH_SIGNAL, _SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
