"""A host's name turned into addresses, once for each connection.

Threat: a name that has one address when it is checked and another when it is connected to; a name server that never
answers. What this returns is what is checked and what is connected to; a lookup is given up after its time.
"""

import asyncio
import socket
import threading
from collections.abc import Callable

from skillkernel.worker.seam import NameNotFound

LookUp = Callable[[str, int], list[str]]
"""The addresses of a name for a port, best first; blocks; raises `OSError` when there are none."""
_MOST_ADDRESSES = 8


def system_lookup(host: str, port: int) -> list[str]:
    """What this machine's own resolver says, in the order of RFC 6724."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(entry[4][0]) for entry in found]


async def resolve(host: str, port: int, look_up: LookUp, seconds: float) -> list[str]:
    """The addresses of a name, at most eight and each once; raise `NameNotFound`, or `TimeoutError`."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def deliver(addresses: list[str], problem: OSError | UnicodeError | None) -> None:
        if answer.done():
            return
        if problem is None and addresses:
            answer.set_result(list(dict.fromkeys(addresses))[:_MOST_ADDRESSES])
        else:
            answer.set_exception(NameNotFound(f"the name {host} was not found: {_reason(problem)}"))

    def ask() -> None:
        addresses: list[str] = []
        problem: OSError | UnicodeError | None = None
        try:
            addresses = look_up(host, port)
        except (OSError, UnicodeError) as error:
            problem = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(deliver, addresses, problem)

    # A thread of its own, which the program does not wait for at its end: a lookup cannot be cancelled.
    threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    async with asyncio.timeout(seconds):
        return await answer


def _reason(problem: Exception | None) -> str:
    return getattr(problem, "strerror", None) or str(problem or "it has no address")
