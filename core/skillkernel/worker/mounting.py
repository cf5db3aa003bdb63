"""Mounts in a mount namespace of one's own, from descriptors: what was checked is what is mounted.

Threat: a path exchanged for a link, or for another file, between the kernel's check and the mount (bubblewrap mounts by
path). Each is opened without following a link, compared by device and inode, and mounted from its descriptor. As root,
a folder of the person belongs to another user than the worker: its mount shows it as the worker's own (mount_setattr(2),
MOUNT_ATTR_IDMAP, Linux 5.12), and what the worker writes there belongs to the person.
"""

import os
import struct
from pathlib import Path

from skillkernel.worker.inside.system import Memory, system_call
from skillkernel.worker.real_path import open_real

_X86, _ARM = "x86_64", "aarch64"
_UNSHARE = {_X86: 272, _ARM: 97}
_MOUNT = {_X86: 165, _ARM: 40}
_OPEN_TREE, _MOVE_MOUNT, _SET_ATTRIBUTES = 428, 429, 442
"""The same numbers on every architecture."""
_NEW_MOUNTS, _NEW_USER, _NEW_NETWORK = 0x0002_0000, 0x1000_0000, 0x4000_0000
_NO_SUID, _NO_DEVICES, _RECURSIVE, _PRIVATE = 0x2, 0x4, 0x4000, 0x4_0000
_HERE, _EMPTY_PATH, _ALL_BELOW, _NO_EXECUTION = -100, 0x1000, 0x8000, 0x8
_CLONE, _CLOSE_ON_EXEC = 0x1, 0x8_0000
_SOURCE_IS_DESCRIPTOR = 0x4
_MAP_IDS = 0x10_0000


class Changed(RuntimeError):
    """What is at a path is not what was checked."""


def leave_mounts(*, own_user: bool, own_network: bool = False) -> None:
    """Into a mount namespace of its own; an ordinary user gets the right to mount from a user namespace around it."""
    uid, gid = os.getuid(), os.getgid()
    kinds = _NEW_MOUNTS | (_NEW_USER if own_user else 0) | (_NEW_NETWORK if own_network else 0)
    try:
        system_call(_UNSHARE[os.uname().machine], kinds)
    except OSError as error:
        raise OSError(error.errno, f"namespaces cannot be made: {error.strerror}") from error
    if own_user:
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1", encoding="ascii")
    _mount("none", Path("/"), _RECURSIVE | _PRIVATE)


def mount_empty(place: Path, options: str = "") -> None:
    """Cover `place` with an empty file system in memory; `options` are those of tmpfs(5)."""
    _mount("tmpfs", place, _NO_SUID | _NO_DEVICES, "tmpfs", options)


def forbid_execution(place: Path) -> None:
    """From now on nothing on this mount, and on those within it, can be executed or mapped as code."""
    path, attributes = Memory(os.fsencode(place) + b"\0"), _attributes(_NO_EXECUTION)
    system_call(_SET_ATTRIBUTES, _HERE, path.address, _ALL_BELOW, attributes.address, attributes.size)


def open_checked(path: Path, device: int, inode: int) -> int:
    """A descriptor of what is at `path`; raise `Changed` when it is not what was checked."""
    descriptor = open_real(path)
    found = os.fstat(descriptor)
    if (found.st_dev, found.st_ino) != (device, inode):
        os.close(descriptor)
        raise Changed(f"{path} was exchanged for something else while it was being mounted")
    return descriptor


def mount_opened(descriptor: int, place: Path, users: int | None) -> None:
    """Mount what `descriptor` leads to at `place`; `users` is a user namespace whose map its owners go through."""
    nothing = Memory(b"\0")
    below = 0 if users is not None else _ALL_BELOW  # another file system below it may know no such map
    tree = system_call(_OPEN_TREE, descriptor, nothing.address, _CLONE | _CLOSE_ON_EXEC | _EMPTY_PATH | below)
    try:
        if users is not None:
            attributes = _attributes(_MAP_IDS, users)
            system_call(_SET_ATTRIBUTES, tree, nothing.address, _EMPTY_PATH, attributes.address, attributes.size)
        target = Memory(os.fsencode(place) + b"\0")
        system_call(_MOVE_MOUNT, tree, nothing.address, _HERE, target.address, _SOURCE_IS_DESCRIPTOR)
    finally:
        os.close(tree)


def users_between(owner: tuple[int, int], seen_as: int) -> int:
    """A user namespace that shows the user and group `owner` as the user and group `seen_as`."""
    told, tell = os.pipe()
    wait, go_on = os.pipe()
    child = os.fork()
    if child == 0:
        system_call(_UNSHARE[os.uname().machine], _NEW_USER)
        os.write(tell, b"1")
        os.read(wait, 1)
        os._exit(0)
    try:
        os.read(told, 1)
        for name, number in zip(("uid_map", "gid_map"), owner, strict=True):
            Path(f"/proc/{child}/{name}").write_text(f"{number} {seen_as} 1", encoding="ascii")
        return os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.write(go_on, b"1")
        for descriptor in (told, tell, wait, go_on):
            os.close(descriptor)
        os.waitpid(child, 0)


def _mount(source: str, target: Path, flags: int, kind: str = "none", options: str = "") -> None:
    texts = [Memory(os.fsencode(text) + b"\0") for text in (source, target, kind, options)]
    *addresses, last = (text.address for text in texts)
    try:
        system_call(_MOUNT[os.uname().machine], *addresses, flags, last)
    except OSError as error:
        raise OSError(error.errno, f"mount {target}: {error.strerror}") from error


def _attributes(to_set: int, users: int = 0) -> Memory:
    """The structure of mount_setattr(2): attributes to set, to clear, propagation, a user namespace."""
    return Memory(struct.pack("=QQQQ", to_set, 0, 0, users))
