"""What a worker is confined to, as the values that confine.py applies inside. Pure but for the filter's architecture.

Threat: a path too many. Each list names what a tier's worker needs and what was granted, at the place where it sees it.
"""

import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from skillkernel.worker.seccomp import Profile, filter_here

_LEAST_LANDLOCK_ALONE = 6
"""The first that keeps signals and abstract sockets in; without it nothing does where there are no namespaces."""
_DEVICES_TO_READ = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_DEVICES_TO_WRITE = ("/dev/null", "/dev/zero", "/dev/full")


@dataclass(frozen=True, slots=True)
class Confinement:
    """The `walls` of a worker's first message: paths as the worker sees them, `filter` as base64 of a seccomp program.

    `tcp` leaves ports to the filter and to the network that it is in.
    """

    landlock_at_least: int
    read: tuple[str, ...]
    write: tuple[str, ...]
    filter: str
    tcp: bool = False


def behind_bubblewrap(read: Iterable[PurePath], write: Iterable[PurePath], profile: Profile = "skill") -> Confinement:
    """Tier A: what is mounted is what may be opened; without Landlock the mounts alone say so."""
    return _confinement(profile, 0, (*read, PurePath("/proc")), (*write, PurePath("/tmp"), PurePath("/dev/shm")))  # noqa: S108 # the sandbox's own


def alone(read: Iterable[PurePath], write: Iterable[PurePath]) -> Confinement:
    """Tier B: the paths are those of the host."""
    return _confinement("skill-b", _LEAST_LANDLOCK_ALONE, read, write)


def _confinement(profile: Profile, landlock: int, read: Iterable[PurePath], write: Iterable[PurePath]) -> Confinement:
    return Confinement(
        landlock_at_least=landlock,
        read=(*map(str, read), *_DEVICES_TO_READ),
        write=(*map(str, write), *_DEVICES_TO_WRITE),
        filter=binascii.b2a_base64(filter_here(profile), newline=False).decode(),
        tcp=profile == "tests",
    )
