"""One Python command inside the walls, for building and inspecting skills: their code runs nowhere else."""

import json
import os
import selectors
import subprocess
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from skillkernel.errors import WorkerFloods, WorkerTimeout
from skillkernel.worker.bubblewrap import SDK, Mount, bwrap_argv, python_command
from skillkernel.worker.interpreter import this_interpreter
from skillkernel.worker.ownership import give
from skillkernel.worker.walls import find_tools, host_uid, sdk_mounts

_BOOT = f"import sys; sys.path.insert(0, {str(SDK)!r}); from skillkernel.worker.script import main; main()"
_PIECE = 65_536


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
) -> Completed:
    """Run this interpreter with `-m MODULE …`, `-c CODE …` or `SCRIPT …` inside the walls, and wait for it.

    `python_path` goes on sys.path behind the standard library (`skillkernel` and `pluggy` are in front); these and
    `read_only` are seen at their own paths, `writable` too, which belong to the caller again afterwards; so is `cwd`
    one of them or in one. `timeout` is in seconds, `max_output` in bytes of stdout and stderr together. As root, what
    is read has to be readable by all.

    Raises `SandboxMissing`, `WorkerTimeout`, `WorkerFloods`; a command that fails is no error here.
    """
    tools, uid = find_tools(), host_uid(uid_key)
    shown = [Mount(path, PurePosixPath(path)) for path in map(_absolute, (*python_path, *read_only))]
    changed = [Mount(path, PurePosixPath(path), writable=True) for path in map(_absolute, writable)]
    folder = str(_absolute(cwd)) if cwd else "/tmp"  # noqa: S108 # the sandbox's own
    surroundings = json.dumps({"path": [str(_absolute(path)) for path in python_path], "folder": folder})
    command = python_command(this_interpreter(), _BOOT, surroundings, *argv_python)
    argv = bwrap_argv(
        tools,
        this_interpreter(),
        [*sdk_mounts(), *_outer_first(shown + changed)],
        command,
        uid=uid,
    )
    with _lent([mount.source for mount in changed], uid):
        return _run(argv, timeout, max_output, " ".join(argv_python[:2]))


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


def _run(argv: list[str], timeout: float, max_output: int, name: str) -> Completed:
    with subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={},
        start_new_session=True,
    ) as process:
        try:
            stdout, stderr = _read_both(process, timeout, max_output, name)
            return Completed(process.wait(), stdout, stderr)
        except BaseException:
            process.kill()  # with its parent all of the sandbox ends
            raise


def _read_both(process: "subprocess.Popen[bytes]", timeout: float, max_output: int, name: str) -> tuple[bytes, bytes]:
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
                if not piece:
                    selector.unregister(key.fileobj)
            if len(stdout) + len(stderr) > max_output:
                raise WorkerFloods(f"`{name}` printed more than {max_output} bytes inside the sandbox and was ended")
    return bytes(stdout), bytes(stderr)
