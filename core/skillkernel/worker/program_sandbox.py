"""The walls around one granted program as a bubblewrap command line: a pure function over values.

Threat: another program within reach. Nothing is mounted that could be run but the program itself and what loads it; a
dynamic loader runs what it is given, so there is nothing to give it. bubblewrap starts as the user that the skill is on
the host, in a user namespace, so the filter of system calls is on before the program's first instruction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from skillkernel.worker.bubblewrap import DATA, NOBODY, SHARED_MEMORY_BYTES, Mount, mount_words
from skillkernel.worker.limits import MEGABYTE, TMP_BYTES
from skillkernel.worker.program_start import STAGE

_ADDRESS_SPACE_SPARE = 4_000 * MEGABYTE
_DESCRIPTORS = 256
_PROCESSES = 256


@dataclass(frozen=True, slots=True)
class Shown:
    """A file or folder of the host, told by what it is (`device`, `inode`) beside where, and where the sandbox has it.

    `path` has no link in it; None covers what is at `target`. Only what `runs` can be executed.
    """

    path: Path | None
    target: PurePosixPath
    device: int = 0
    inode: int = 0
    writable: bool = False
    folder: bool = False
    runs: bool = False


def stages(shown: Sequence[Shown]) -> list[tuple[str, Shown]]:
    """The name under which each that is a file of the host is laid out."""
    return [(str(number), each) for number, each in enumerate(shown) if each.path is not None]


SCRATCH = (("tmp", PurePosixPath("/tmp"), TMP_BYTES), ("shm", PurePosixPath("/dev/shm"), SHARED_MEMORY_BYTES))  # noqa: S108
"""What is empty at first and gone afterwards, its own each time: the name it is laid out under, its place, its bytes."""


def program_argv(
    bwrap: Path,
    shown: Sequence[Shown],
    command: Sequence[str],
    *,
    links: Sequence[tuple[str, str]] = (),
    folder: PurePosixPath = DATA,
    own_network: bool = True,
    filter_at: int,
    status_at: int,
) -> list[str]:
    """The command line that runs `command`; the sources of `shown` are where program_start.py lays them out.

    `links` are (path, target) of symbolic links, `folder` is the working folder. `filter_at` and `status_at` are the
    descriptors of the filter and of what bubblewrap tells. Without `own_network` it keeps the network it is started in.
    """
    mounts = [
        Mount(STAGE / str(number) if each.path else None, each.target, each.writable, each.folder)
        for number, each in enumerate(shown)
    ]
    temporary, memory = (("--bind", str(STAGE / name), str(place)) for name, place, _ in SCRATCH)
    return [
        str(bwrap),
        *("--unshare-user", "--disable-userns", "--uid", NOBODY, "--gid", NOBODY),
        *("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
        *(("--unshare-net",) if own_network else ()),
        *("--cap-drop", "ALL", "--die-with-parent", "--new-session", "--hostname", "skill"),
        *("--seccomp", str(filter_at), "--json-status-fd", str(status_at)),
        *temporary,
        *mount_words(mounts, []),
        *(word for path, target in links for word in ("--symlink", target, path)),
        *("--proc", "/proc", "--remount-ro", "/proc"),
        *("--dev", "/dev", *memory),
        *("--remount-ro", "/dev", "--chmod", "0755", "/", "--remount-ro", "/", "--chdir", str(folder), "--"),
        *command,
    ]


def program_limits(rss_mb: int, storage_mb: int) -> dict[str, int]:
    """The resource limits of a program, by the names of setrlimit(2) without RLIMIT_."""
    return {
        "AS": 4 * rss_mb * MEGABYTE + _ADDRESS_SPACE_SPARE,
        "FSIZE": storage_mb * MEGABYTE,
        "NOFILE": _DESCRIPTORS,
        "NPROC": _PROCESSES,
        "CORE": 0,
    }
