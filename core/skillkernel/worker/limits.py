"""How much a worker may take of the machine, as the numbers that the operating system is given.

RLIMIT_AS is only a backstop far above the promise, since it counts address space and not memory: the kernel samples
memory itself. RLIMIT_FSIZE is per file: the kernel measures the data folder itself. There is no RLIMIT_CPU: it counts a
process's whole life, and a warm worker's life has no end.
"""

from typing import NamedTuple

MEGABYTE = 1_000_000
TMP_BYTES = 64 * MEGABYTE
"""Size of the worker's own /tmp."""
_ADDRESS_SPACE_SPARE = 4_000 * MEGABYTE
_DESCRIPTORS = 256
PROCESSES = 128
"""Processes and threads of a worker."""
CPU_SHARE = 4
"""Seconds of processor time for each second that a call may take: what that many busy processors use."""
IDLE_CPU_SECONDS = 5.0
"""Seconds of processor time between two calls."""


class Limits(NamedTuple):
    """Resource limits, in bytes and counts; None leaves a limit as it was inherited."""

    address_space: int
    file_size: int
    descriptors: int = _DESCRIPTORS
    processes: int | None = PROCESSES


def limits_for(rss_mb: int, storage_mb: int, *, processes_count: bool) -> Limits:
    """The limits of a worker that may use `rss_mb` and `storage_mb`, both in 10^6 bytes."""
    return Limits(
        address_space=4 * rss_mb * MEGABYTE + _ADDRESS_SPACE_SPARE,
        file_size=storage_mb * MEGABYTE,
        processes=PROCESSES if processes_count else None,
    )


def processes_count(*, own_uid: bool, release: str) -> bool:
    """Whether RLIMIT_NPROC counts a worker's processes alone.

    It does with a uid of its own, and in a user namespace since Linux 5.14; before that it would count every process of
    the person who started the kernel.
    """
    if own_uid:
        return True
    major, _, rest = release.partition(".")
    minor = "".join(character for character in rest.partition(".")[0] if character.isdigit())
    return major.isdigit() and minor.isdigit() and (int(major), int(minor)) >= (5, 14)
