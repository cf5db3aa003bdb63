"""The connections that skills have now: counted, written down when they end, and ended with their worker.

The kernel keeps a duplicate of each descriptor that it passed on, which it neither reads nor writes. An epoll with an
empty mask says when a connection is over both ways, which the worker's shim brings about when it closes one; then the
numbers that Linux kept are in the journal and the duplicate is closed.

Threat: a connection that outlives its worker, thousands of them, bytes that nobody counted.
"""

import asyncio
import select
import socket
import time
from contextlib import suppress

from skillkernel.services.access import AccessLog
from skillkernel.services.network.tcp_info import Traffic, traffic_of

MOST_OPEN = 64


class Connections:
    """Those of all skills of one kernel, on the event loop that opens the first."""

    def __init__(self, log: AccessLog) -> None:
        self._log = log
        self._open: dict[int, Connection] = {}
        self._epoll: select.epoll | None = None

    def __len__(self) -> int:
        return len(self._open)

    def has_room(self, owner: str) -> bool:
        """Whether this skill has fewer open connections than one may have; those that the other side left are closed."""
        own = [each for each in self._open.values() if each.owner == owner]
        if len(own) >= MOST_OPEN:
            for each in own:
                each.call_ended()
        return sum(each.owner == owner for each in self._open.values()) < MOST_OPEN

    def close_all(self) -> None:
        """Hang up on all of them."""
        for each in list(self._open.values()):
            each.worker_ended()

    def add(self, owner: str, number: int, sock: socket.socket) -> "Connection":
        """Keep `sock`, a duplicate of what is passed on, for as long as the connection lasts."""
        if self._epoll is None:
            self._epoll = select.epoll()
            asyncio.get_running_loop().add_reader(self._epoll.fileno(), self._on_hang_up)
        connection = Connection(self, owner, number, sock)
        self._open[sock.fileno()] = connection
        self._epoll.register(sock.fileno(), 0)
        return connection

    def write(self, number: int, traffic: Traffic, seconds: float) -> None:
        """Write down what a connection has carried so far."""
        self._log.end(number, sent=traffic.sent, received=traffic.received, seconds=seconds)

    def remove(self, descriptor: int) -> None:
        """Watch it no more."""
        if self._open.pop(descriptor, None) is None or self._epoll is None:
            return
        self._epoll.unregister(descriptor)
        if not self._open:
            with suppress(RuntimeError):  # the event loop has ended
                asyncio.get_running_loop().remove_reader(self._epoll.fileno())
            self._epoll.close()
            self._epoll = None

    def _on_hang_up(self) -> None:
        if self._epoll is None:
            return
        for descriptor, _ in self._epoll.poll(0):
            connection = self._open.get(descriptor)
            if connection is not None:
                connection.close()


class Connection:
    """One of them; `Lent` to the worker that has the other descriptor."""

    def __init__(self, among: Connections, owner: str, number: int, sock: socket.socket) -> None:
        self.owner = owner
        self._among = among
        self._number = number
        self._socket = sock
        self._since = time.monotonic()
        self._written = Traffic(-1, -1, other_side_closed=False)

    def call_ended(self) -> None:
        """A call of its worker has ended: write down the bytes so far; what the other side has left is closed."""
        if self._socket.fileno() < 0:
            return
        traffic = self._write()
        if traffic.other_side_closed:
            self.worker_ended()

    def worker_ended(self) -> None:
        """Nobody is left to use it: hang up, whoever else may have a copy of the descriptor."""
        if self._socket.fileno() >= 0:
            with suppress(OSError):  # the other side was quicker
                self._socket.shutdown(socket.SHUT_RDWR)
            self.close()

    def close(self) -> None:
        """It is over: write down what it carried, and let go of it."""
        if self._socket.fileno() < 0:
            return
        try:
            self._write()
        finally:
            self._among.remove(self._socket.fileno())
            self._socket.close()

    def _write(self) -> Traffic:
        traffic = traffic_of(self._socket)
        if traffic != self._written:
            self._written = traffic
            self._among.write(self._number, traffic, time.monotonic() - self._since)
        return traffic
