"""A control group around one worker, where this user may make one: memory and processes that Linux itself counts.

Threat: memory taken and used within the tenth of a second between two samples; processes of a user who has others. It is
a second hand on the same limits: where no group can be made, sampling and resource limits hold alone (cgroups(7); version
2, and version 1 where its memory controller is mounted).
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_PREFIX = "skillkernel-"
_numbers = count(1)
_left: list[Path] = []
"""Folders of this kernel's in which something was still ending when they were to be removed."""


class Cgroup:
    """One worker's group: a folder in each hierarchy that counts something."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = folders

    def adopt(self, root: int) -> None:
        """Take in process `root` and all below it; what they start from then on is in it too."""
        pending = [root]
        while pending:
            process = pending.pop()
            for folder in self.folders:
                with suppress(OSError):  # it has ended, or the group is another user's after all
                    (folder / "cgroup.procs").write_text(str(process), encoding="ascii")
            pending += _children(process)

    def ran_out_of_memory(self) -> bool:
        """Whether Linux ended a process for going over the limit."""
        return any(_count(folder / name, "oom_kill") > 0 for folder in self.folders for name in _EVENTS)

    def remove(self) -> None:
        """Remove it; where something in it is still ending, when the next one is made, or the next kernel starts."""
        _left.extend(self.folders)
        _remove_left()


def _remove_left() -> None:
    for folder in list(_left):
        try:
            folder.rmdir()
        except OSError:
            continue
        _left.remove(folder)


_EVENTS = ("memory.events", "memory.oom_control")


def make_cgroup(memory_bytes: int, processes: int) -> Cgroup | None:
    """A group with these limits, or None where this user cannot make one that limits memory."""
    _remove_left()
    name = f"{_PREFIX}{os.getpid()}-{next(_numbers)}"
    made: list[Path] = []
    for parent, limits in _places():
        folder = parent / name
        try:
            folder.mkdir()
            made.append(folder)
            for file, value in limits:
                (folder / file).write_text(str({"memory": memory_bytes, "pids": processes}[value]), encoding="ascii")
        except OSError:
            if folder in made:
                made.remove(folder)
                with suppress(OSError):
                    folder.rmdir()
    if not any((folder / name).exists() for folder in made for name in _EVENTS):
        Cgroup(tuple(made)).remove()
        return None
    return Cgroup(tuple(made))


@cache
def _places() -> tuple[tuple[Path, tuple[tuple[str, str], ...]], ...]:
    """Where groups can be made, and which files limit what there; groups of kernels that are gone are swept once."""
    found = tuple(_find_places())
    for parent, _ in found:
        for folder in parent.glob(f"{_PREFIX}*-*"):
            maker = folder.name.removeprefix(_PREFIX).partition("-")[0]
            if maker.isdecimal() and not Path("/proc", maker).exists():
                with suppress(OSError):
                    folder.rmdir()
    return found


def _find_places() -> Iterator[tuple[Path, tuple[tuple[str, str], ...]]]:
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "memory":
            yield _ROOT / "memory" / path.lstrip("/"), (("memory.limit_in_bytes", "memory"),)
        elif controllers == "pids":
            yield _ROOT / "pids" / path.lstrip("/"), (("pids.max", "pids"),)
        elif not controllers:
            own = _ROOT / path.lstrip("/")
            for parent in (own, own.parent):  # a group with processes in it hands nothing on: then beside it
                if parent.is_relative_to(_ROOT) and _hands_on_memory(parent):
                    yield parent, (("memory.max", "memory"), ("pids.max", "pids"))
                    break


def _hands_on_memory(folder: Path) -> bool:
    try:
        return "memory" in (folder / "cgroup.subtree_control").read_text(encoding="ascii").split()
    except OSError:
        return False


def _children(process: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{process}/task"):  # noqa: PTH208 # names alone
            found += map(int, Path(f"/proc/{process}/task/{thread}/children").read_bytes().split())
    return found


def _count(file: Path, name: str) -> int:
    try:
        pairs = (line.split() for line in file.read_text(encoding="ascii").splitlines())
        return next((int(value) for key, value in pairs if key == name), 0)
    except (OSError, ValueError):
        return 0
