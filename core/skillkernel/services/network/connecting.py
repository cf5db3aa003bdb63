"""The service `connect`: a host and port that were granted become a connected descriptor.

Threat: a host that was not granted, an address behind a granted name that was not meant (the metadata service, the home
network), another address at the second look. Everything is decided here, from one resolution, before a packet is sent.
"""

import asyncio
import errno
import os
import socket
import time
from collections.abc import Collection
from typing import Annotated

import msgspec

from skillkernel.permissions.network import BadEndpoint, Endpoint, address_problem, endpoint, granted_endpoints, row_for
from skillkernel.permissions.network_host import is_address
from skillkernel.services.access import Access, AccessLog, Ruling
from skillkernel.services.caller import Caller, rows_of
from skillkernel.services.network.connections import MOST_OPEN, Connections
from skillkernel.services.network.resolving import LookUp, Resolver, system_lookup
from skillkernel.services.params import read_params
from skillkernel.worker.seam import NameNotFound, ServiceReply

_MOST_SECONDS = 60.0
_ONE_ADDRESS_SECONDS = 5.0


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters of `connect`; `seconds` is how long the asking code is ready to wait, None for as long as may be."""

    host: Annotated[str, msgspec.Meta(max_length=1_000)]
    port: int
    seconds: Annotated[float, msgspec.Meta(gt=0)] | None = None


class Connecting:
    """Makes connections for skills.

    `private` holds the canonical hosts that may be in a private network, as the person's config.toml says.
    """

    def __init__(self, log: AccessLog, *, private: Collection[str] = (), look_up: LookUp = system_lookup) -> None:
        self._log = log
        self._private = private
        self._resolver = Resolver(look_up)
        self.connections = Connections(log)

    async def connect(self, caller: Caller, params: msgspec.Raw) -> ServiceReply:
        """Serve one request of a worker; the reply's descriptor is a connected TCP socket that does not block."""
        wanted = read_params("connect", params, Wanted)
        seconds = min(wanted.seconds or _MOST_SECONDS, _MOST_SECONDS)
        sock, number = await self.open(caller, wanted.host, wanted.port, seconds)
        try:
            descriptor = os.dup(sock.fileno())
        except OSError:
            sock.close()
            raise
        return ServiceReply(descriptor=descriptor, lent=self.connections.add(caller.owner, number, sock))

    async def open(self, caller: Caller, host: str, port: int, seconds: float) -> tuple[socket.socket, int]:
        """A connection for this caller, and its number among the accesses; how it ends is written down here.

        Raises `PermissionError` when it is not granted, `NameNotFound`, or the `OSError` that connecting ended with.
        """
        attempt = _Attempt(self._log, caller, f"{host[:253]}:{port}")
        try:
            target = endpoint(host, port)
        except BadEndpoint as problem:
            raise attempt.refused(f"{caller.skill} cannot be connected: {problem}") from None
        attempt.target = str(target)
        granted = granted_endpoints(caller.granted("network"), caller.settings)
        if target not in granted:
            raise attempt.refused(_not_granted(caller, target))
        if not self.connections.has_room(caller.owner):
            raise attempt.failed(errno.EMFILE, f"{caller.skill} has {MOST_OPEN} connections open, as many as it may")
        try:
            async with asyncio.timeout(seconds):
                address, sock = await self._reach(attempt, target, granted, time.monotonic() + seconds)
        except TimeoutError:
            raise attempt.failed(errno.ETIMEDOUT, f"{target} did not answer within {seconds:g} s") from None
        try:
            return sock, attempt.write("granted", "" if address == target.host else f"at {address}")
        except BaseException:
            sock.close()
            raise

    async def _reach(
        self, attempt: "_Attempt", target: Endpoint, granted: Collection[Endpoint], until: float
    ) -> tuple[str, socket.socket]:
        addresses = await self._addresses(attempt, target)
        problems = {address: address_problem(address, target, granted, self._private) for address in addresses}
        allowed = [address for address, problem in problems.items() if not problem]
        if not allowed:
            raise attempt.refused(f"{attempt.caller.skill}: {problems[addresses[0]]}")
        try:
            return await _first_that_answers(allowed, target.port, until)
        except TimeoutError:
            raise
        except OSError as problem:
            code = problem.errno or errno.EIO
            raise attempt.failed(code, f"{target} cannot be reached: {os.strerror(code)}") from None

    async def _addresses(self, attempt: "_Attempt", target: Endpoint) -> list[str]:
        if is_address(target.host):
            return [target.host]
        try:
            return await self._resolver.resolve(target.host, target.port)
        except NameNotFound as problem:
            attempt.write("failed", str(problem))
            raise


class _Attempt:
    """What one request came to, on its way into the journal."""

    def __init__(self, log: AccessLog, caller: Caller, target: str) -> None:
        self.caller = caller
        self.target = target
        self._log = log

    def write(self, ruling: Ruling, reason: str) -> int:
        return self._log.begin(self.caller, Access("network", self.target, ruling, reason))

    def refused(self, reason: str) -> PermissionError:
        self.write("refused", reason)
        return PermissionError(errno.EACCES, reason)

    def failed(self, code: int, reason: str) -> OSError:
        self.write("failed", reason)
        return OSError(code, reason)


def _not_granted(caller: Caller, target: Endpoint) -> str:
    asked = row_for(target, rows_of("network", caller.asked), caller.settings)
    if asked is None:
        return f"{caller.skill} was not granted network {target}, and its manifest does not ask for it"
    return f"{caller.skill} was not granted network {target}: `skill grant {caller.skill} network:{asked}`"


async def _first_that_answers(addresses: list[str], port: int, until: float) -> tuple[str, socket.socket]:
    """One address after the other, each for a share of the time that is left."""
    for address in addresses[:-1]:
        share = min(_ONE_ADDRESS_SECONDS, (until - time.monotonic()) / 2)
        try:
            async with asyncio.timeout(share):
                return address, await _connected(address, port)
        except OSError:
            continue
    return addresses[-1], await _connected(addresses[-1], port)


async def _connected(address: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, (address, port))
    except BaseException:
        sock.close()
        raise
    return sock
