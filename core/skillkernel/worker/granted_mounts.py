"""Granted files and folders as mounts of Tier A, from descriptors: what was checked is what is mounted.

Threat: a path exchanged for a link between the check and the mount; a single file whose folder comes with it; the opened
descriptors themselves, which lead out of the walls and are closed before one line of the skill runs.
"""

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from skillkernel.errors import WorkerStartFailed
from skillkernel.permissions.granted_path import GrantedPath
from skillkernel.worker.bubblewrap import Mount
from skillkernel.worker.real_path import open_real


def open_granted(paths: Sequence[GrantedPath]) -> list[int]:
    """A descriptor for each path in turn, -1 for what is denied; raise `WorkerStartFailed` when one has changed."""
    opened: list[int] = []
    try:
        for granted in paths:
            opened.append(-1 if granted.access == "denied" else open_real(granted.path))
    except OSError as error:
        close_granted(opened)
        raise WorkerStartFailed(
            f"the granted {error.filename} cannot be opened: {error.strerror}",
            hint="it may have been moved or become a link meanwhile: try again",
        ) from error
    return opened


def close_granted(opened: Sequence[int]) -> None:
    """Close what `open_granted` opened."""
    for descriptor in opened:
        if descriptor >= 0:
            os.close(descriptor)


def mounts_of(paths: Sequence[GrantedPath], opened: Sequence[int]) -> list[Mount]:
    """The mounts for these paths, in their order; bubblewrap reads each from the descriptor that it inherits.

    A single file is mounted read-only, so that it is seen; it is opened for writing by the kernel, since a mount would
    neither let it be replaced nor follow when it is.
    """
    return [
        Mount(
            None if granted.access == "denied" else Path(f"/proc/self/fd/{descriptor}"),
            PurePosixPath(granted.at),
            writable=granted.access == "write" and granted.folder,
            folder=granted.folder,
        )
        for granted, descriptor in zip(paths, opened, strict=True)
    ]
