"""Asking the kernel for what a skill may have and cannot take itself: a connection, a file, a program, another skill.

Threat: everything that is said here may be said by hostile code in this process as well. Nothing is decided on this
side; the kernel knows the worker by its descriptor and checks every request against what was granted.
"""

import _socket
import array
import json
import os
import struct
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from skillkernel.errors import CallFailed, Refused, SkillKernelError, ToolError
from skillkernel.worker.frames import frame, read_frame

DOOR = 4
"""The descriptor on which a worker hands over one end of a socket pair for each request."""
_LONGEST_ANSWER = 64_000_000
_DESCRIPTOR_BYTES = struct.calcsize("i")
_KINDS: dict[str, type[SkillKernelError]] = {kind.code: kind for kind in (ToolError, Refused, CallFailed)}

running_call: ContextVar[str] = ContextVar("running_call", default="")
"""The id of the call that this code runs for; a thread that a tool started by itself does not know."""


class NameNotFound(OSError):
    """The kernel could not resolve a host's name."""


def ask_kernel(
    method: str, params: dict[str, Any], on_started: Callable[[Callable[[], None]], None] | None = None
) -> tuple[Any, int | None]:
    """Ask one thing and wait for the answer: (value, descriptor or None), the descriptor being the caller's to close.

    `on_started` receives a function that gives the request up from another thread. Raises `OSError` (of the subclass
    for its errno: `PermissionError` when it is not granted), `NameNotFound`, or the `SkillKernelError` that the kernel
    names.
    """
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        rights = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))
        door = _socket.socket(fileno=os.dup(DOOR))
        try:
            door.sendmsg([b"?"], [rights])
        finally:
            door.close()
    finally:
        theirs.close()
    if on_started is not None:
        on_started(lambda: ours.shutdown(_socket.SHUT_RDWR))
    descriptors: list[int] = []
    try:
        message = {"call": running_call.get(), "method": method, "params": params}
        ours.sendall(frame(json.dumps(message, ensure_ascii=False, allow_nan=False).encode(errors="backslashreplace")))
        body = read_frame(lambda size: _receive(ours, size, descriptors), _LONGEST_ANSWER)
        if body is None:
            raise ConnectionAbortedError(f"the kernel gave no answer to {method}")
        answer = json.loads(body)
        if "error" in answer:
            raise _error(answer["error"])
        return answer["result"], descriptors.pop() if descriptors else None
    finally:
        ours.close()
        for descriptor in descriptors:
            os.close(descriptor)


def _receive(sock: "_socket.socket", size: int, descriptors: list[int]) -> bytes:
    data, ancillary, _, _ = sock.recvmsg(
        min(size, 1_000_000), _socket.CMSG_SPACE(_DESCRIPTOR_BYTES), _socket.MSG_CMSG_CLOEXEC
    )
    for level, kind, packed in ancillary:
        if level == _socket.SOL_SOCKET and kind == _socket.SCM_RIGHTS:
            received = array.array("i")
            received.frombytes(packed[: len(packed) // _DESCRIPTOR_BYTES * _DESCRIPTOR_BYTES])
            descriptors += received
    return data


def _error(said: dict[str, Any]) -> Exception:
    if said["kind"] == "os":
        return OSError(said["errno"], said["message"])
    if said["kind"] == "name-not-found":
        return NameNotFound(said["message"])
    return _KINDS.get(said["kind"], ToolError)(said["message"], hint=said["hint"])
