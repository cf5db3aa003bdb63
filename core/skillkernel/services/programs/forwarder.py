"""The one way out of a program's own network: connections to what its skill was granted, made by the kernel.

The kernel accepts on a socket inside the program's network namespace, so who asks is known by the socket. Each
connection is checked, counted and written down as if the skill had asked for it itself; TLS stays between the program
and the other side.

Threat: a host that was not granted, a head that never ends, connections without number, one that outlives the program.
"""

import asyncio
import os
import socket
from collections.abc import Coroutine
from contextlib import suppress
from http import HTTPStatus

from skillkernel.services.caller import Caller
from skillkernel.services.network.connecting import Connecting
from skillkernel.services.programs.connect_request import END, MOST_BYTES, NotServed, Wanted, read_request
from skillkernel.worker.seam import NameNotFound

_MOST_OPEN = 64
_HEAD_SECONDS = 10.0
_CONNECT_SECONDS = 60.0
_PIECE = 65_536
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Forwarder:
    """Serves one running program's connections for the call that runs it."""

    def __init__(self, connecting: Connecting, caller: Caller) -> None:
        self._connecting = connecting
        self._caller = caller
        self._loop = asyncio.get_running_loop()

    async def serve(self, listening: socket.socket) -> None:
        """Accept on `listening` until cancelled; then every connection is closed."""
        async with asyncio.TaskGroup() as tasks:
            room = asyncio.Semaphore(_MOST_OPEN)
            while True:
                await room.acquire()
                try:
                    client, _ = await self._loop.sock_accept(listening)
                except OSError:  # this process has no descriptor left: the program is refused from now on
                    listening.close()
                    return
                task = tasks.create_task(self._attend(client))
                task.add_done_callback(lambda _: room.release())

    async def _attend(self, client: socket.socket) -> None:
        with client, suppress(OSError):  # the program hung up
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                async with asyncio.timeout(_HEAD_SECONDS):
                    wanted, early = await self._head(client)
                remote, number = await self._connect(wanted)
            except TimeoutError:
                await self._refuse(client, NotServed(408, "the request's head did not come"))
            except NotServed as problem:
                await self._refuse(client, problem)
            else:
                await self._tunnel(client, remote, number, early)

    async def _head(self, client: socket.socket) -> tuple[Wanted, bytes]:
        """The request, and what the program said behind it already, which waits until there is a connection."""
        data = b""
        while END not in data:
            piece = await self._loop.sock_recv(client, MOST_BYTES)
            if not piece:
                raise ConnectionAbortedError
            data += piece
            if len(data) > 2 * MOST_BYTES:
                break
        head, end, early = data.partition(END)
        return read_request(head + end), early

    async def _connect(self, wanted: Wanted) -> tuple[socket.socket, int]:
        try:
            return await self._connecting.open(self._caller, wanted.host, wanted.port, _CONNECT_SECONDS)
        except PermissionError as problem:
            raise NotServed(403, problem.strerror or str(problem)) from None
        except NameNotFound as problem:
            raise NotServed(502, str(problem)) from None
        except OSError as problem:
            raise NotServed(502, problem.strerror or str(problem)) from None

    async def _refuse(self, client: socket.socket, problem: NotServed) -> None:
        body = f"{problem.reason}\n".encode(errors="backslashreplace")
        phrase = HTTPStatus(problem.status).phrase
        allow = "Allow: CONNECT\r\n" if problem.status == HTTPStatus.METHOD_NOT_ALLOWED else ""
        head = (
            f"HTTP/1.1 {problem.status} {phrase}\r\n{allow}Content-Type: text/plain; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        await self._loop.sock_sendall(client, head.encode() + body)
        client.shutdown(socket.SHUT_WR)

    async def _tunnel(self, client: socket.socket, remote: socket.socket, number: int, early: bytes) -> None:
        used = socket.socket(fileno=os.dup(remote.fileno()))
        used.setblocking(False)
        counted = self._connecting.connections.add(self._caller.owner, number, remote)
        try:
            with used:
                await self._loop.sock_sendall(client, _ESTABLISHED)
                await _both(self._pump(client, used, early), self._pump(used, client, b""))
        finally:
            counted.worker_ended()

    async def _pump(self, source: socket.socket, sink: socket.socket, early: bytes) -> None:
        piece = early or await self._loop.sock_recv(source, _PIECE)
        while piece:
            await self._loop.sock_sendall(sink, piece)
            piece = await self._loop.sock_recv(source, _PIECE)
        sink.shutdown(socket.SHUT_WR)


async def _both(*pumps: Coroutine[None, None, None]) -> None:
    """Run both until they end; the first that fails ends the other."""
    tasks = [asyncio.create_task(pump) for pump in pumps]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
