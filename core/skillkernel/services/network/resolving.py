"""A host's name turned into addresses, once for each connection.

Threat: a name that has one address when it is checked and another when it is connected to; a name server that never
answers, and a skill that asks it again and again. What this returns is what is checked and what is connected to; a
lookup is given up after its time, and until it has ended in fact the same name is not looked up beside it.
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


class Resolver:
    """Looks names up, each on a thread of its own, which the program does not wait for at its end."""

    def __init__(self, look_up: LookUp = system_lookup) -> None:
        self._look_up = look_up
        self._under_way: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    async def resolve(self, host: str, port: int) -> list[str]:
        """The addresses of a name, at most eight and each once; raise `NameNotFound`."""
        answer = self._under_way.get((host, port))
        if answer is None:
            answer = self._begin(host, port)
        return await asyncio.shield(answer)

    def _begin(self, host: str, port: int) -> "asyncio.Future[list[str]]":
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[str]] = loop.create_future()
        self._under_way[host, port] = answer

        def deliver(addresses: list[str], problem: Exception | None) -> None:
            del self._under_way[host, port]
            if addresses:
                answer.set_result(list(dict.fromkeys(addresses))[:_MOST_ADDRESSES])
            else:
                answer.set_exception(NameNotFound(f"the name {host} was not found: {_reason(problem)}"))
                answer.exception()  # it counts as seen, also when everybody who asked has given up

        def ask() -> None:
            addresses: list[str] = []
            problem: Exception | None = None
            try:
                addresses = self._look_up(host, port)
            except (OSError, UnicodeError) as error:
                problem = error
            if not loop.is_closed():
                loop.call_soon_threadsafe(deliver, addresses, problem)

        threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
        return answer


def _reason(problem: Exception | None) -> str:
    return getattr(problem, "strerror", None) or str(problem or "it has no address")
