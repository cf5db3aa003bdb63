"""The kernel's end of the door: every request gets an answer, whoever asks however, and none outlives its call."""

import asyncio
import errno
import json
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest

from skillkernel.errors import ToolError
from skillkernel.worker.broker import Broker
from skillkernel.worker.frames import frame
from skillkernel.worker.seam import NameNotFound, ServiceReply, Services

Serve = Callable[[str, Any], Awaitable[ServiceReply]]


class Served:
    """Services of one call that do what a test says."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve

    async def serve(self, method: str, params: msgspec.Raw) -> ServiceReply:
        return await self._serve(method, msgspec.json.decode(params))


async def echo(method: str, params: Any) -> ServiceReply:
    return ServiceReply([method, params])


class Door:
    """A broker, and the worker's end of its door."""

    def __init__(self) -> None:
        ours, self.knocker = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.services: dict[str, Services] = {"c1": Served(echo)}
        self.broker = Broker(ours, self._of)

    def _of(self, call: str) -> tuple[str, Services] | None:
        return (call, self.services[call]) if call in self.services else None

    async def knock(self, sent: bytes) -> tuple[Any, list[int]]:
        """Ask with these bytes, and return (answer or None, descriptors)."""
        mine, theirs = socket.socketpair()
        with mine:
            with theirs:
                socket.send_fds(self.knocker, [b"?"], [theirs.fileno()])
            mine.sendall(sent)
            return await asyncio.to_thread(_answer, mine)

    async def ask(self, method: str, params: Any, call: str = "c1") -> tuple[Any, list[int]]:
        """Ask as a worker does."""
        return await self.knock(frame(json.dumps({"call": call, "method": method, "params": params}).encode()))

    async def error(self, problem: Exception) -> Any:
        """What the worker hears when a service raises this."""

        async def fail(method: str, params: Any) -> ServiceReply:
            raise problem

        self.services["c1"] = Served(fail)
        return (await self.ask("x", None))[0]["error"]


def _answer(sock: socket.socket) -> tuple[Any, list[int]]:
    sock.settimeout(10)
    try:
        data, descriptors, _, _ = socket.recv_fds(sock, 1 << 16, 4)
    except ConnectionResetError:  # hung up on before it was read
        return None, []
    while len(data) >= 4 and len(data) < 4 + int.from_bytes(data[:4], "big"):
        data += sock.recv(1 << 16)
    return (json.loads(data[4:]) if data else None), descriptors


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    """A door with one running call, c1."""
    door = Door()
    yield door
    door.broker.close()
    door.knocker.close()


async def test_a_request_is_answered(door: Door) -> None:
    assert await door.ask("greet", {"who": "é"}) == ({"result": ["greet", {"who": "é"}]}, [])


async def test_an_answer_carries_one_descriptor_and_the_kernel_keeps_none(door: Door) -> None:
    given: list[int] = []

    async def open_null(method: str, params: Any) -> ServiceReply:
        given.append(os.open(os.devnull, os.O_RDONLY))
        return ServiceReply("here", descriptor=given[0])

    door.services["c1"] = Served(open_null)
    answer, (received,) = await door.ask("open", None)
    assert answer == {"result": "here"}
    os.close(received)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(given[0])


@pytest.mark.parametrize("call", ["", "c2"])
async def test_outside_a_running_call_nothing_is_served(door: Door, call: str) -> None:
    answer, _ = await door.ask("greet", None, call)
    assert answer["error"]["errno"] == errno.EACCES
    assert "outside a call" in answer["error"]["message"]


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (PermissionError(errno.EACCES, "not granted"), ("os", errno.EACCES, "not granted")),
        (NameNotFound("no such host"), ("name-not-found", 0, "no such host")),
        (ToolError("no", hint="do this"), ("tool-error", 0, "no")),
        (OSError("without a number"), ("os", errno.EIO, "without a number")),
    ],
)
async def test_what_a_service_raises_is_what_the_worker_hears(
    door: Door, problem: Exception, expected: tuple[str, int, str]
) -> None:
    heard = await door.error(problem)
    assert (heard["kind"], heard["errno"], heard["message"]) == expected


async def test_a_fault_of_a_service_is_answered_and_logged_and_the_next_is_served(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "skillkernel"):
        heard = await door.error(KeyError("a secret"))
    assert (heard["kind"], heard["errno"]) == ("os", errno.EIO)
    assert "a secret" not in heard["message"]
    assert "KeyError" in caplog.text
    door.services["c1"] = Served(echo)
    assert (await door.ask("greet", 1))[0] == {"result": ["greet", 1]}


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(frame(b"no json"), id="no JSON"),
        pytest.param(frame(b'{"call":"c1","method":"x"}'), id="one missing"),
        pytest.param(frame(b'{"call":"c1","method":"x","params":1,"more":1}'), id="one too many"),
        pytest.param(frame(b"[" * 200_000), id="nested without end"),
        pytest.param((4_000_001).to_bytes(4, "big"), id="too long"),
    ],
)
async def test_what_is_no_request_is_refused(door: Door, sent: bytes) -> None:
    answer, _ = await door.knock(sent)
    assert answer["error"]["errno"] == errno.EINVAL


async def test_what_is_no_socket_is_let_go_of(door: Door) -> None:
    readable, writable = os.pipe()
    socket.send_fds(door.knocker, [b"?"], [writable])
    os.close(writable)
    assert await asyncio.to_thread(os.read, readable, 1) == b""
    os.close(readable)
    assert (await door.ask("greet", 1))[0] == {"result": ["greet", 1]}


async def test_requests_end_with_their_call(door: Door) -> None:
    begun = asyncio.Event()

    async def wait(method: str, params: Any) -> ServiceReply:
        begun.set()
        await asyncio.sleep(60)
        return ServiceReply()

    door.services["c1"] = Served(wait)
    asking = asyncio.ensure_future(door.ask("greet", None))
    await begun.wait()
    door.broker.end_call("c1")
    assert await asking == (None, [])


async def test_only_so_many_are_open_at_once(door: Door) -> None:
    held: list[socket.socket] = []
    for _ in range(64):
        mine, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(door.knocker, [b"?"], [theirs.fileno()])
        held.append(mine)
    assert await door.ask("greet", 1) == (None, [])
    for sock in held:
        sock.close()
    while (await door.ask("greet", 1))[0] is None:  # what hung up is gone in a moment
        await asyncio.sleep(0)
