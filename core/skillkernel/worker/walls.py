"""What this host offers for Tier A: the programs that build the walls, the packages to bind, the user to become."""

import os
import shutil
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from skillkernel.errors import SandboxMissing
from skillkernel.worker.bubblewrap import SDK, Mount, Tools
from skillkernel.worker.bytecode import compile_stale
from skillkernel.worker.identity import parse_id_map, worker_uid
from skillkernel.worker.remedies import INSTALL_BUBBLEWRAP, NOT_LINUX

_TRUSTED_FOLDERS = "/usr/bin:/bin:/usr/local/bin:/run/current-system/sw/bin"
"""Looked into before PATH: Ubuntu's AppArmor profile is for /usr/bin/bwrap alone."""


def find_tools() -> Tools:
    """The programs that build the walls; raise `SandboxMissing` when one is not there."""
    need_linux()
    bwrap, setpriv = find_program("bwrap"), find_program("setpriv")
    if bwrap is None:
        raise SandboxMissing(
            "bubblewrap is not installed, and no skill runs without its sandbox", hint=INSTALL_BUBBLEWRAP
        )
    if setpriv is None and is_root():
        raise SandboxMissing(
            "setpriv is not installed: as root, a skill's privileges are dropped with it",
            hint="install util-linux, or run skill as an ordinary user",
        )
    return Tools(bwrap, setpriv or Path("/usr/bin/setpriv"))


def need_linux() -> None:
    """Raise `SandboxMissing` on any other operating system."""
    if sys.platform != "linux":
        raise SandboxMissing("skills cannot be sandboxed on this operating system yet", hint=NOT_LINUX)


def find_program(name: str) -> Path | None:
    """The program of that name: of the system's folders first, then of the absolute ones on PATH."""
    absolute = (folder for folder in os.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(folder))  # noqa: PTH117 # a text
    found = shutil.which(name, path=os.pathsep.join((_TRUSTED_FOLDERS, *absolute)))
    return Path(found) if found else None


def is_root() -> bool:
    """Whether this process is user 0, so that a worker has to become somebody else."""
    return os.geteuid() == 0


def host_uid(key: str) -> int | None:
    """The host user for the worker of this key; None for an ordinary user, whose workers stay that user."""
    if not is_root():
        return None
    uid = worker_uid(key, parse_id_map(Path("/proc/self/uid_map").read_text(encoding="ascii")))
    if uid is None:
        raise SandboxMissing(
            "this container maps too few user ids for a skill to get one of its own",
            hint="map at least 65,536 ids into the container, or run skill as an ordinary user",
        )
    return uid


@cache
def sdk_mounts() -> tuple[Mount, ...]:
    """The packages that the kernel brings into every worker, one by one: the skill's own versions of others stand."""
    kernel, pluggy = _package_folder("skillkernel"), _package_folder("pluggy")
    compile_stale((kernel, kernel / "sdk", kernel / "worker", kernel / "worker" / "inside", pluggy))
    return Mount(kernel, SDK / "skillkernel"), Mount(pluggy, SDK / "pluggy")


def _package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise SandboxMissing(f"the package {name} is not installed as files", hint="install skillkernel with pip or uv")
    return Path(spec.origin).resolve().parent
