"""The walls of Tier A as a bubblewrap command line: a pure function over values.

What is not mounted does not exist in there. Order counts: mounts apply one after the other. Started as root there is no
user namespace, since uid 0 inside would be uid 0 outside for /proc/sys; instead the uid is dropped for good, after the
mounts, by setpriv (util-linux). Started by anybody else, a user namespace of its own gives the right to mount.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from skillkernel.worker.interpreter import Interpreter
from skillkernel.worker.limits import TMP_BYTES

SDK = PurePosixPath("/kernel")
ENVIRONMENT = PurePosixPath("/environment")
DATA = PurePosixPath("/data")
TRUST = PurePosixPath("/etc/ssl/certs/ca-certificates.crt")
"""Where OpenSSL and libraries that look by themselves (wassima) find certificate authorities."""
NOBODY = "65534"
SHARED_MEMORY_BYTES = 16_000_000
_NAMESPACES = ("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try")


@dataclass(frozen=True, slots=True)
class Mount:
    """A host path and where the sandbox sees it; without `source` it is covered: an empty folder, or an empty file."""

    source: Path | None
    target: PurePosixPath
    writable: bool = False
    folder: bool = True


@dataclass(frozen=True, slots=True)
class Tools:
    """The programs that build the walls: bubblewrap 0.8 or later, and, as root only, setpriv."""

    bwrap: Path
    setpriv: Path


def bwrap_argv(
    tools: Tools,
    interpreter: Interpreter,
    mounts: Sequence[Mount],
    command: Sequence[str],
    *,
    uid: int | None,
) -> list[str]:
    """The command line that runs `command` inside the walls, as host user `uid`, or None in a user namespace."""
    own = [Mount(path, PurePosixPath(path)) for path in interpreter.read_only]
    if uid is not None:
        own.append(Mount(tools.setpriv, PurePosixPath(tools.setpriv)))
    return [
        str(tools.bwrap),
        *_namespaces(uid),
        *("--die-with-parent", "--new-session", "--clearenv", "--hostname", "skill"),
        *("--perms", "1777", "--size", str(TMP_BYTES), "--tmpfs", "/tmp"),  # noqa: S108 # the sandbox's own, fresh
        *_links(interpreter),
        *mount_words(own, []),
        *(word for path in interpreter.hidden for word in ("--tmpfs", str(path))),
        *mount_words(mounts, [mount.target for mount in own]),
        *(word for path in interpreter.hidden for word in ("--remount-ro", str(path))),
        *("--proc", "/proc", "--remount-ro", "/proc"),
        *("--dev", "/dev", "--perms", "1777", "--size", str(SHARED_MEMORY_BYTES), "--tmpfs", "/dev/shm"),  # noqa: S108
        *("--remount-ro", "/dev", "--chmod", "0755", "/", "--remount-ro", "/", "--chdir", "/", "--"),
        *_as_user(uid, tools),
        *command,
    ]


def python_command(interpreter: Interpreter, code: str, *arguments: str) -> list[str]:
    """The command that runs `code` isolated: no environment, no site, no .pth file, UTF-8 everywhere."""
    return [str(interpreter.executable), "-I", "-S", "-B", "-X", "utf8", "-c", code, *arguments]


def _namespaces(uid: int | None) -> list[str]:
    if uid is None:
        own_users = ("--unshare-user", "--disable-userns", "--uid", NOBODY, "--gid", NOBODY)
        return [*own_users, *_NAMESPACES, "--cap-drop", "ALL"]
    kept = (word for name in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP") for word in ("--cap-add", name))
    return [*_NAMESPACES, "--cap-drop", "ALL", *kept]


def _as_user(uid: int | None, tools: Tools) -> list[str]:
    if uid is None:
        return []
    drop = [f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"]
    return [str(tools.setpriv), *drop, "--no-new-privs", "--"]


def _links(interpreter: Interpreter) -> list[str]:
    return [word for path, target in interpreter.links for word in ("--symlink", target, str(path))]


def mount_words(mounts: Sequence[Mount], earlier: Sequence[PurePosixPath]) -> list[str]:
    """Bind each; its parents first and open to all, since bubblewrap makes them 0700 and the uid drops after it."""
    words: list[str] = []
    made = {PurePosixPath("/"), PurePosixPath("/tmp")}  # noqa: S108 # the sandbox's own, made before
    mounted = list(earlier)
    for mount in mounts:
        for parent in reversed(mount.target.parents):
            if parent not in made and not any(parent.is_relative_to(target) for target in mounted):
                words += ["--perms", "0755", "--dir", str(parent)]
            made.add(parent)
        words += _mount(mount)
        mounted.append(mount.target)
    return words


def _mount(mount: Mount) -> list[str]:
    target = str(mount.target)
    if mount.source is not None:
        return ["--bind" if mount.writable else "--ro-bind", str(mount.source), target]
    if mount.folder:
        return ["--perms", "0000", "--tmpfs", target, "--remount-ro", target]
    return ["--ro-bind", os.devnull, target]
