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

from skillkernel.worker.inside.system import Memory, system_call
from skillkernel.worker.real_path import open_real

STAGE = Path("/tmp")  # noqa: S108 # in a mount namespace of its own, covered by an empty file system
PORT = 3128
"""Where the listening socket is in the program's own network: nobody else is in there."""
_UNSHARE = {"x86_64": 272, "aarch64": 97}
_MOUNT = {"x86_64": 165, "aarch64": 40}
_PRCTL = {"x86_64": 157, "aarch64": 167}
_SET_ATTRIBUTES = 442
"""mount_setattr(2), Linux 5.12; the same number on every architecture."""
_NEW_MOUNTS, _NEW_USER, _NEW_NETWORK = 0x0002_0000, 0x1000_0000, 0x4000_0000
_NO_SUID, _NO_DEVICES, _BIND, _RECURSIVE, _PRIVATE = 0x2, 0x4, 0x1000, 0x4000, 0x4_0000
_HERE, _ALL_BELOW, _NO_EXECUTION = -100, 0x8000, 0x8
_DEATH_SIGNAL, _SIGKILL = 1, 9
_SET_FLAGS, _GET_FLAGS, _UP = 0x8914, 0x8913, 0x1


class Changed(RuntimeError):
    """What is at a path is not what was checked."""


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
    machine, uid = os.uname().machine, config["uid"]
    _leave(machine, own_user=uid is None, own_network=config["door"] is not None)
    _lay_out(machine, config["shown"], config["scratch"])
    if config["door"] is not None:
        _open_network(config["door"])
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    _die_with(machine, config["parent"])
    for name, most in config["limits"].items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))
    os.execve(config["argv"][0], config["argv"], config["environment"])  # noqa: S606 # no shell is wanted


def _leave(machine: str, *, own_user: bool, own_network: bool) -> None:
    """Into namespaces of its own; an ordinary user gets the right to mount from a user namespace around them."""
    uid, gid = os.getuid(), os.getgid()
    kinds = _NEW_MOUNTS | (_NEW_USER if own_user else 0) | (_NEW_NETWORK if own_network else 0)
    try:
        system_call(_UNSHARE[machine], kinds)
    except OSError as error:
        raise OSError(error.errno, f"namespaces cannot be made: {error.strerror}") from error
    if own_user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    _mount(machine, "none", "/", _RECURSIVE | _PRIVATE)


def _lay_out(machine: str, shown: list[list[Any]], scratch: list[list[Any]]) -> None:
    """Bind each [name, path, device, inode, runs], make each [name, bytes] empty; what does not run, nobody can run."""
    opened = [(name, _checked(Path(path), device, inode), runs) for name, path, device, inode, runs in shown]
    _mount(machine, "tmpfs", str(STAGE), _NO_SUID | _NO_DEVICES, "tmpfs")
    for name, descriptor, runs in opened:
        place = STAGE / name
        source = f"/proc/self/fd/{descriptor}"
        place.mkdir() if stat.S_ISDIR(os.fstat(descriptor).st_mode) else place.touch()
        _mount(machine, source, str(place), _BIND | _RECURSIVE)
        os.close(descriptor)
        if not runs:
            _forbid_execution(place)
    for name, size in scratch:
        place = STAGE / name
        place.mkdir()
        _mount(machine, "tmpfs", str(place), _NO_SUID | _NO_DEVICES, "tmpfs", f"mode=1777,size={size}")
        _forbid_execution(place)


def _checked(path: Path, device: int, inode: int) -> int:
    """A descriptor of the file at `path`; raise `Changed` when it is not the one that was checked."""
    descriptor = open_real(path)
    found = os.fstat(descriptor)
    if (found.st_dev, found.st_ino) != (device, inode):
        raise Changed(f"{path} was exchanged for something else while it was being started")
    return descriptor


def _mount(machine: str, source: str, target: str, flags: int, kind: str = "none", data: str = "") -> None:
    texts = [Memory(os.fsencode(text) + b"\0") for text in (source, target, kind, data)]
    *addresses, last = (text.address for text in texts)
    try:
        system_call(_MOUNT[machine], *addresses, flags, last)
    except OSError as error:
        raise OSError(error.errno, f"mount {target}: {error.strerror}") from error


def _forbid_execution(place: Path) -> None:
    """From now on nothing on this mount, and on those within it, can be executed or mapped as code."""
    path, attributes = Memory(os.fsencode(place) + b"\0"), Memory(struct.pack("=QQQQ", _NO_EXECUTION, 0, 0, 0))
    system_call(_SET_ATTRIBUTES, _HERE, path.address, _ALL_BELOW, attributes.address, attributes.size)


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


def _die_with(machine: str, parent: int) -> None:
    """Be killed when the kernel ends, also when it has by now; bubblewrap then sees to its own children."""
    system_call(_PRCTL[machine], _DEATH_SIGNAL, _SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
