"""`open`: one granted file, by descriptor.

Threat: another path than was granted, a link put in its way, a device, a flag that does more than open. The path has to
be one of the call's own, letter for letter, or lie below a granted folder; nothing is followed on the way there.
"""

import errno
import os
import stat
from pathlib import Path
from typing import Protocol

import msgspec

from skillkernel.permissions.granted_path import GrantedPath
from skillkernel.services.access import Access, AccessLog
from skillkernel.services.caller import Caller
from skillkernel.services.params import read_params
from skillkernel.worker.real_path import open_beneath, open_real
from skillkernel.worker.seam import ServiceReply

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_ALLOWED = _WRITING | os.O_EXCL | os.O_CLOEXEC | os.O_NONBLOCK


class OpenParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An absolute path, and the flags of open(2)."""

    path: str
    flags: int


class GrantsOf(Protocol):
    """What a call was granted, as real paths."""

    def __call__(self, caller: Caller) -> tuple[GrantedPath, ...]:
        """The paths of this call."""
        ...


class Keep(Protocol):
    """Keeps a file as it is before it is changed."""

    def __call__(self, caller: Caller, path: Path) -> None:
        """Keep what is at `path`, once a session."""
        ...


class OpenService:
    """The service `open`."""

    def __init__(self, log: AccessLog, grants_of: GrantsOf, keep: Keep) -> None:
        self._log = log
        self._grants_of = grants_of
        self._keep = keep

    async def serve(self, caller: Caller, params: msgspec.Raw) -> ServiceReply:
        """Open the file, or raise `OSError` as open(2) would."""
        asked = read_params("open", params, OpenParams)
        writing = bool(asked.flags & _WRITING)
        granted = covering(self._grants_of(caller), asked.path, writing=writing)
        if granted is None or asked.flags & ~_ALLOWED:
            kind = "files.write" if writing else "files.read"
            self._log.begin(caller, Access("file", asked.path, "refused", f"{kind} was not granted"))
            raise PermissionError(errno.EACCES, f"{caller.skill} was not granted {kind}:{asked.path}")
        try:
            if writing:
                self._keep(caller, granted.path / Path(asked.path).relative_to(granted.at))
            descriptor = _open(granted, asked)
        except OSError as error:
            self._log.begin(caller, Access("file", asked.path, "failed", error.strerror or str(error)))
            raise
        self._log.begin(caller, Access("file", asked.path, "granted", "write" if writing else "read"))
        return ServiceReply(descriptor=descriptor)


def covering(paths: tuple[GrantedPath, ...], wanted: str, *, writing: bool) -> GrantedPath | None:
    """The grant that `wanted` falls under, or None: the innermost one decides, and one that denies decides no."""
    path = Path(wanted)
    if not path.is_absolute() or ".." in path.parts or "\0" in wanted:
        return None
    around = [grant for grant in paths if path == grant.at or (grant.folder and path.is_relative_to(grant.at))]
    if not around:
        return None
    innermost = max(around, key=lambda grant: (len(grant.at.parts), grant.access == "denied"))
    enough = ("write",) if writing else ("read", "write")
    return innermost if innermost.access in enough else None


def _open(granted: GrantedPath, asked: OpenParams) -> int:
    beneath = Path(asked.path).relative_to(granted.at)
    folder = granted.path if granted.folder else granted.path.parent
    name = str(beneath) if granted.folder else granted.path.name
    within = open_real(folder)
    try:
        # A FIFO would keep the kernel waiting for its other end.
        descriptor = open_beneath(within, name, asked.flags | os.O_NONBLOCK | os.O_NOCTTY)
    finally:
        os.close(within)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise PermissionError(errno.EACCES, f"{asked.path} is no regular file")
    os.set_blocking(descriptor, not asked.flags & os.O_NONBLOCK)
    return descriptor
