"""One Python command inside the walls, for building and inspecting skills: their code runs nowhere else."""

import json
import os
import selectors
import subprocess
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from skillkernel.errors import WorkerFloods, WorkerTimeout
from skillkernel.worker.bubblewrap import SDK, Mount, bwrap_argv, python_command
from skillkernel.worker.confinement import alone, behind_bubblewrap
from skillkernel.worker.ending import kill_group
from skillkernel.worker.interpreter import this_interpreter
from skillkernel.worker.launch import boot, own_temporary_folder, parents_of
from skillkernel.worker.ownership import give
from skillkernel.worker.seam import Tier
from skillkernel.worker.syscall_rules import Profile
from skillkernel.worker.walls import find_tools, host_uid, need_linux, sdk_mounts

OnOutput = Callable[[int, bytes], None]
_MODULE = "skillkernel.worker.script"
_PIECE = 65_536


def _kept_alone(stream: int, piece: bytes) -> None:
    """Output that nobody waits for before the end."""


@dataclass(frozen=True, slots=True)
class Completed:
    """How a command ended; `returncode` is 128 + the signal's number when a signal ended it."""

    returncode: int
    stdout: bytes
    stderr: bytes


def run_sandboxed(
    argv_python: Sequence[str],
    *,
    python_path: Sequence[Path] = (),
    read_only: Sequence[Path] = (),
    writable: Sequence[Path] = (),
    cwd: Path | None = None,
    timeout: float,
    max_output: int = 1_000_000,
    uid_key: str,
    tier: Tier = "A",
    loopback: bool = False,
    on_output: OnOutput = _kept_alone,
) -> Completed:
    """Run this interpreter with `-m MODULE …`, `-c CODE …` or `SCRIPT …` inside the walls, and wait for it.

    `python_path` goes on sys.path behind the standard library (`skillkernel` and `pluggy` are in front); these and
    `read_only` are seen at their own paths, `writable` too, which belong to the caller again afterwards; so is `cwd`
    one of them or in one. `timeout` is in seconds, `max_output` in bytes of stdout and stderr together. As root, what
    is read has to be readable by all. With `loopback`, in Tier A alone, it may serve and connect inside a network of
    its own, which leads nowhere. `on_output` is told each piece of stdout (1) and stderr (2) as it comes.

    Raises `SandboxMissing`, `WorkerTimeout`, `WorkerFloods`; a command that fails is no error here.
    """
    need_linux()
    uid = host_uid(uid_key)
    shown = [Mount(path, PurePosixPath(path)) for path in map(_absolute, (*python_path, *read_only))]
    changed = [Mount(path, PurePosixPath(path), writable=True) for path in map(_absolute, writable)]
    surroundings: dict[str, Any] = {
        "path": [str(_absolute(path)) for path in python_path],
        "folder": str(_absolute(cwd)) if cwd else "",
    }
    name = " ".join(argv_python[:2])
    with _lent([mount.source for mount in changed if mount.source], uid):
        if tier == "A":
            profile: Profile = "tests" if loopback else "skill"
            argv = _in_bubblewrap(surroundings, argv_python, shown, changed, uid, profile)
            return _run(argv, timeout, max_output, name, on_output)
        with own_temporary_folder(uid) as folder:
            argv = _plain(surroundings, argv_python, shown, changed, folder)
            return _run(argv, timeout, max_output, name, on_output, uid)


def _in_bubblewrap(
    surroundings: dict[str, Any],
    argv_python: Sequence[str],
    shown: Sequence[Mount],
    changed: Sequence[Mount],
    uid: int | None,
    profile: Profile,
) -> list[str]:
    interpreter = this_interpreter()
    read = [*interpreter.read_only, *(mount.target for mount in (*sdk_mounts(), *shown))]
    walls = behind_bubblewrap(read, [mount.target for mount in changed], profile)
    told = json.dumps({**surroundings, "tmp": "/tmp", "walls": asdict(walls), "parent": None})  # noqa: S108 # its own
    command = python_command(interpreter, boot([str(SDK)], _MODULE), told, *argv_python)
    mounts = [*sdk_mounts(), *_outer_first([*shown, *changed])]
    return bwrap_argv(find_tools(), interpreter, mounts, command, uid=uid)


def _plain(
    surroundings: dict[str, Any],
    argv_python: Sequence[str],
    shown: Sequence[Mount],
    changed: Sequence[Mount],
    temporary: Path,
) -> list[str]:
    interpreter = this_interpreter()
    packages = [mount.source for mount in sdk_mounts() if mount.source is not None]
    read = [*interpreter.read_only, *packages, *(mount.target for mount in shown)]
    walls = alone(read, [*(mount.target for mount in changed), temporary])
    told = json.dumps({**surroundings, "tmp": str(temporary), "walls": asdict(walls), "parent": os.getpid()})
    return python_command(interpreter, boot(parents_of(packages), _MODULE), told, *argv_python)


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 # it keeps the links that the caller's path has


def _outer_first(mounts: Sequence[Mount]) -> list[Mount]:
    return sorted(mounts, key=lambda mount: len(mount.target.parts))


@contextmanager
def _lent(folders: Sequence[Path], uid: int | None) -> Generator[None]:
    if uid is None:
        yield
        return
    try:
        for folder in folders:
            give(folder, uid)
        yield
    finally:
        for folder in folders:
            give(folder, os.geteuid())


def _run(
    argv: list[str], timeout: float, max_output: int, name: str, on_output: OnOutput, become: int | None = None
) -> Completed:
    with subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={},
        start_new_session=True,
        cwd="/",
        user=become,
        group=become,
        extra_groups=None if become is None else (),
    ) as process:
        try:
            stdout, stderr = _read_both(process, timeout, max_output, name, on_output)
            return Completed(process.wait(), stdout, stderr)
        except BaseException:
            kill_group(process)
            raise


def _read_both(
    process: "subprocess.Popen[bytes]", timeout: float, max_output: int, name: str, on_output: OnOutput
) -> tuple[bytes, bytes]:
    stdout, stderr = bytearray(), bytearray()
    deadline = time.monotonic() + timeout
    with selectors.DefaultSelector() as selector:
        for pipe, kept in ((process.stdout, stdout), (process.stderr, stderr)):
            if pipe is not None:
                selector.register(pipe, selectors.EVENT_READ, kept)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise WorkerTimeout(f"`{name}` took longer than {timeout:g} s inside the sandbox and was ended")
            for key, _ in ready:
                piece = os.read(key.fd, _PIECE)
                key.data.extend(piece)
                on_output(1 if key.data is stdout else 2, piece)
                if not piece:
                    selector.unregister(key.fileobj)
            if len(stdout) + len(stderr) > max_output:
                raise WorkerFloods(f"`{name}` printed more than {max_output} bytes inside the sandbox and was ended")
    return bytes(stdout), bytes(stderr)
