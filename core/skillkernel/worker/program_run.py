"""A granted program, run once: started in its sandbox, fed, read, and ended with all that it started.

Threat: one that prints without end, never reads, sleeps past its time, starts others that stay, takes all memory, or
outlives the call that asked for it.
"""

import asyncio
import json
import os
import socket
import subprocess
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import anyio

from skillkernel.errors import SandboxMissing, ToolError
from skillkernel.worker.bubblewrap import DATA, python_command
from skillkernel.worker.ending import kill_group
from skillkernel.worker.interpreter import this_interpreter
from skillkernel.worker.launch import boot, parents_of
from skillkernel.worker.limits import MEGABYTE
from skillkernel.worker.memory import resident_bytes
from skillkernel.worker.pipe_ends import End, Pipes, pipe
from skillkernel.worker.program_sandbox import SCRATCH, Shown, program_argv, program_limits, stages
from skillkernel.worker.remedies import remedy
from skillkernel.worker.seccomp import filter_here
from skillkernel.worker.walls import sdk_mounts

_STARTER = "skillkernel.worker.program_start"
_SAMPLE_SECONDS = 0.1
_GONE_SECONDS = 2.0
_STATUS_BYTES = 10_000
ServeNetwork = Callable[[socket.socket], Awaitable[None]]
"""Serves what connects to a socket that listens inside a program's own network, until it is cancelled."""


@dataclass(frozen=True, slots=True)
class Walled:
    """A program and its walls: what of the host is `shown`, the symbolic `links` (path, target), the host user `uid`.

    `name` is how errors call it. `serve_network` is None for a program without network. Sizes are in 10^6 bytes.
    """

    name: str
    bwrap: Path
    command: Sequence[str]
    shown: Sequence[Shown]
    uid: int | None
    links: Sequence[tuple[str, str]] = ()
    folder: PurePosixPath = DATA
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    serve_network: ServeNetwork | None = None
    rss_mb: int = 512
    storage_mb: int = 100


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit status (128 + the signal's number when a signal ended it) and what it printed."""

    returncode: int
    stdout: bytes
    stderr: bytes


async def run_walled(walled: Walled, *, stdin: bytes = b"", seconds: float, most_output: int) -> Ended:
    """Run it and wait for it; cancelled, it is killed with all that it started.

    Raises `ToolError` when it takes longer than `seconds`, prints more than `most_output` bytes or takes more memory
    than it may, `SandboxMissing` when its walls cannot be built.
    """
    with ExitStack() as stack:
        pipes = Pipes(*(pipe(stack) for _ in range(4)))
        door = knocker = None
        if walled.serve_network is not None:
            door, knocker = (stack.enter_context(end) for end in socket.socketpair())
        process = _start(walled, pipes, knocker)
        for end in pipes.theirs:
            end.close()
        if knocker is not None:
            knocker.close()
        exited = End(os.pidfd_open(process.pid))
        stack.callback(exited.close)
        try:
            ended = await _attend(process, exited, pipes, walled, door, stdin, seconds, most_output)
        finally:
            kill_group(process)
            with anyio.move_on_after(_GONE_SECONDS, shield=True):
                await exited.ready()
                process.wait()
        return _explained(ended, pipes.status[0].read_now(_STATUS_BYTES))


def _start(walled: Walled, pipes: Pipes, knocker: socket.socket | None) -> "subprocess.Popen[bytes]":
    packages = [mount.source for mount in sdk_mounts() if mount.source is not None]
    status_at = pipes.status[1].descriptor
    with ExitStack() as stack:
        filter_at = _file(stack, filter_here("program"))
        argv = program_argv(
            walled.bwrap,
            walled.shown,
            walled.command,
            links=walled.links,
            folder=walled.folder,
            own_network=knocker is None,
            filter_at=filter_at,
            status_at=status_at,
        )
        config = {
            "argv": argv,
            "environment": dict(walled.environment),
            "uid": walled.uid,
            "parent": os.getpid(),
            "door": None if knocker is None else knocker.fileno(),
            "limits": program_limits(walled.rss_mb, walled.storage_mb),
            "shown": [
                [name, str(each.path), each.device, each.inode, each.runs] for name, each in stages(walled.shown)
            ],
            "scratch": [[name, size] for name, _, size in SCRATCH],
        }
        config_at = _file(stack, json.dumps(config).encode())
        command = python_command(this_interpreter(), boot(parents_of(packages), _STARTER), str(config_at))
        try:
            return subprocess.Popen(
                command,
                stdin=pipes.stdin[0].descriptor,
                stdout=pipes.stdout[1].descriptor,
                stderr=pipes.stderr[1].descriptor,
                pass_fds=[filter_at, status_at, config_at, *([] if knocker is None else [knocker.fileno()])],
                env={},
                start_new_session=True,
                cwd="/",
                umask=0o077,
            )
        except OSError as error:
            raise SandboxMissing(
                f"{command[0]} cannot be started: {error}", hint="`skill doctor` checks the sandbox"
            ) from error


def _file(stack: ExitStack, content: bytes) -> int:
    """A file of no place with this content, read from its beginning."""
    descriptor = os.memfd_create("skill", os.MFD_CLOEXEC)
    stack.callback(os.close, descriptor)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


async def _attend(
    process: "subprocess.Popen[bytes]",
    exited: End,
    pipes: Pipes,
    walled: Walled,
    door: socket.socket | None,
    stdin: bytes,
    seconds: float,
    most_output: int,
) -> Ended:
    output = _Output(walled.name, most_output)
    until = [exited.ready(), output.read(pipes.stdout[0]), output.read(pipes.stderr[0])]
    beside = [pipes.stdin[1].write(stdin), _watch_memory(process, walled)]
    if door is not None and walled.serve_network is not None:
        beside.append(_serve(door, walled.serve_network))
    try:
        async with asyncio.timeout(seconds):
            _, stdout, stderr = await _all(until, beside)
    except TimeoutError:
        raise ToolError(f"{walled.name} took longer than {seconds:g} s and was ended") from None
    return Ended(_status(process.wait()), stdout, stderr)


async def _all(until: Sequence[Coroutine[Any, Any, Any]], beside: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """What each of `until` returns, once all have; the first of all that fails ends the others."""
    awaited = [asyncio.ensure_future(each) for each in until]
    tasks = [*awaited, *(asyncio.ensure_future(each) for each in beside)]
    pending = set(tasks)
    try:
        while not all(task.done() for task in awaited):
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        return [task.result() for task in awaited]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _status(code: int) -> int:
    """As a shell says it: 128 + the signal's number."""
    return 128 - code if code < 0 else code


class _Output:
    """What a program prints to either pipe, counted together."""

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most
        self._size = 0

    async def read(self, pipe: End) -> bytes:
        content = bytearray()
        while piece := await pipe.read():
            content += piece
            self._size += len(piece)
            if self._size > self._most:
                raise ToolError(
                    f"{self._name} printed more than {self._most} bytes and was ended",
                    hint="have it write to a file in the skill's data folder",
                )
        return bytes(content)


async def _watch_memory(process: "subprocess.Popen[bytes]", walled: Walled) -> None:
    while resident_bytes(process.pid) <= walled.rss_mb * MEGABYTE:  # noqa: ASYNC110 # no event tells of memory
        await asyncio.sleep(_SAMPLE_SECONDS)
    raise ToolError(f"{walled.name} took more than its limit of {walled.rss_mb} MB of memory (rss_mb) and was ended")


async def _serve(door: socket.socket, serve: ServeNetwork) -> None:
    """Wait for the socket from inside the program's network, and have it served."""
    loop = asyncio.get_running_loop()
    door.setblocking(False)
    ready = asyncio.Event()
    loop.add_reader(door, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(door)
    _, descriptors, _, _ = socket.recv_fds(door, 1, 1, socket.MSG_CMSG_CLOEXEC)
    if descriptors:
        with socket.socket(fileno=descriptors[0]) as listening:
            listening.setblocking(False)
            await serve(listening)


def _explained(ended: Ended, status: bytes) -> Ended:
    """What the program itself came to; raise `SandboxMissing` when bubblewrap never came to start it."""
    if b'"exit-code"' in status:
        return ended
    if b"bwrap: execvp " in ended.stderr:
        said = ended.stderr.decode(errors="replace").strip()
        raise ToolError(f"the program cannot be started: {said.rpartition(': ')[2]}")
    lines = ended.stderr.decode(errors="replace").splitlines()
    said = lines[-1] if lines else f"it ended with status {ended.returncode}"
    raise SandboxMissing(f"the sandbox of a program cannot be built: {said}", hint=remedy(said))
