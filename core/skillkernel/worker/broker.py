"""The kernel's end of a worker's door: takes its requests, has each served for the call it belongs to, and answers.

Threat: a worker that knocks for ever, hands over something that is no socket, never finishes its sentence, asks outside
a call or for another call. Who asks is known by the descriptor alone; a request outside a call is refused, the number of
open ones and their size and time are bounded, and all of a call's requests end with it.
"""

import asyncio
import errno
import logging
import os
import socket
import stat
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from weakref import WeakSet

import msgspec

from skillkernel.errors import SkillKernelError
from skillkernel.worker.frames import HEADER_BYTES, frame
from skillkernel.worker.seam import Lent, NameNotFound, ServiceReply, Services

_MOST_OPEN = 64
_MOST_BYTES = 4_000_000
_ASK_SECONDS = 10.0
_KNOCK_BYTES = 16
_encode = msgspec.json.Encoder().encode
_log = logging.getLogger("skillkernel")


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a worker asks: `call` is the id of the call that it says it is for, empty when it does not know."""

    call: str
    method: str
    params: msgspec.Raw


class _NoRequest(ValueError):
    """Bytes that are no request; the text says why."""


_decode = msgspec.json.Decoder(Request).decode


class Broker:
    """Serves one worker's requests; `services_of` finds what serves a call by its id, or None when it is not running."""

    def __init__(self, door: socket.socket, services_of: Callable[[str], tuple[str, Services] | None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._door = door
        self._services_of = services_of
        self._open: dict[asyncio.Task[None], str] = {}
        self._lent: WeakSet[Lent] = WeakSet()
        door.setblocking(False)
        self._loop.add_reader(door, self._on_knock)

    def end_call(self, call: str) -> None:
        """Give up what is still being served for a call that has ended."""
        for task, of in self._open.items():
            if of == call:
                task.cancel()
        for lent in list(self._lent):
            lent.call_ended()

    def close(self) -> None:
        """Serve nothing any more."""
        if self._door.fileno() < 0:
            return
        self._loop.remove_reader(self._door)
        self._door.close()
        for task in self._open:
            task.cancel()
        for lent in list(self._lent):
            lent.worker_ended()

    def _on_knock(self) -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._door, _KNOCK_BYTES, 1, socket.MSG_CMSG_CLOEXEC)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors = b"", []
        if not data and not descriptors:
            self._loop.remove_reader(self._door)
            return
        for descriptor in descriptors:
            if len(self._open) >= _MOST_OPEN or not _is_stream(descriptor):
                os.close(descriptor)
                continue
            task = self._loop.create_task(self._serve(socket.socket(fileno=descriptor)))
            self._open[task] = ""
            task.add_done_callback(self._open.pop)

    async def _serve(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        with sock, suppress(OSError):  # the worker is gone, or no longer interested
            try:
                async with asyncio.timeout(_ASK_SECONDS):
                    request = await self._read(sock)
                reply = await self._answer(request)
            except Exception as problem:  # noqa: BLE001 # whatever a service raises, the worker gets an answer
                await self._send(sock, {"error": _error(problem)}, None)
                return
            try:
                await self._send(sock, {"result": reply.value}, reply.descriptor)
            finally:
                if reply.descriptor is not None:
                    os.close(reply.descriptor)

    async def _answer(self, request: Request) -> ServiceReply:
        found = self._services_of(request.call)
        if found is None:
            raise PermissionError(
                errno.EACCES,
                f"{request.method[:100]}: nothing is served outside a call, so not while a skill loads or starts",
            )
        call, services = found
        task = asyncio.current_task()
        if task is not None:
            self._open[task] = call
        reply = await services.serve(request.method, request.params)
        if reply.lent is not None:
            self._lent.add(reply.lent)
        return reply

    async def _read(self, sock: socket.socket) -> Request:
        header = await self._exactly(sock, HEADER_BYTES)
        size = int.from_bytes(header, "big")
        if size > _MOST_BYTES:
            raise _NoRequest(f"a request of {size} bytes, at most {_MOST_BYTES} are read")
        body = await self._exactly(sock, size)
        try:
            return _decode(body)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise _NoRequest(f"no request: {error}") from None

    async def _exactly(self, sock: socket.socket, size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = await self._loop.sock_recv(sock, min(size - len(data), 65_536))
            if not piece:
                raise ConnectionResetError("the worker hung up")
            data += piece
        return data

    async def _send(self, sock: socket.socket, answer: dict[str, Any], descriptor: int | None) -> None:
        data = frame(_encode(answer))
        sent = socket.send_fds(sock, [data[:HEADER_BYTES]], [] if descriptor is None else [descriptor])
        await self._loop.sock_sendall(sock, data[sent:])


def _error(problem: Exception) -> dict[str, Any]:
    """What the worker hears: an errno, or the code of a `SkillKernelError`; a fault of our own is EIO and goes to the log."""
    match problem:
        case NameNotFound():
            return {"kind": "name-not-found", "errno": 0, "message": str(problem), "hint": ""}
        case SkillKernelError():
            return {"kind": problem.code, "errno": 0, "message": problem.message, "hint": problem.hint}
        case _NoRequest():
            return _os_error(errno.EINVAL, str(problem))
        case TimeoutError() if problem.errno is None:
            return _os_error(errno.ETIMEDOUT, "the request never came to its end")
        case OSError():
            return _os_error(problem.errno or errno.EIO, problem.strerror or str(problem))
        case _:
            _log.error("a service of the kernel failed: %s", type(problem).__name__, exc_info=problem)
            return _os_error(errno.EIO, "the kernel failed to serve this; its log says why")


def _os_error(code: int, message: str) -> dict[str, Any]:
    return {"kind": "os", "errno": code, "message": message, "hint": ""}


def _is_stream(descriptor: int) -> bool:
    """Whether the worker handed over what it was told to: one end of a pair of stream sockets."""
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return False
    probe = socket.socket(fileno=os.dup(descriptor))
    with probe:
        return probe.family == socket.AF_UNIX and probe.type == socket.SOCK_STREAM
