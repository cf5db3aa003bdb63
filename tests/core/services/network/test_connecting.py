"""The kernel's service `connect`: what was granted is connected and counted, everything else refused and written down."""

import asyncio
import errno
import os
import socket
import threading
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from fakes.accesses import KeptAccesses
from fakes.echo_server import echo_server, full_listener
from fakes.resolver import Names
from skillkernel.services.access import Access
from skillkernel.services.caller import Caller
from skillkernel.services.network.connecting import Connecting
from skillkernel.services.network.connections import MOST_OPEN
from skillkernel.worker.seam import NameNotFound, ServiceReply


def caller(*granted: str, asked: tuple[str, ...] = (), **settings: Any) -> Caller:
    """A call with these network grants."""
    rows = tuple(f"network:{value}" for value in granted)
    return Caller("demo", "demo@main", "get", "s1", 1, rows, settings, asked=asked)


def params(host: str, port: int, seconds: float | None = 5) -> msgspec.Raw:
    """A worker's request."""
    return msgspec.Raw(msgspec.json.encode({"host": host, "port": port, "seconds": seconds}))


def taken(reply: ServiceReply) -> socket.socket:
    """The connection as a worker has it."""
    assert reply.descriptor is not None
    sock = socket.socket(fileno=reply.descriptor)
    sock.settimeout(5)
    return sock


@pytest.fixture
def log() -> KeptAccesses:
    """What is written down."""
    return KeptAccesses()


@pytest.fixture
async def connecting(log: KeptAccesses) -> AsyncIterator[Connecting]:
    """The service with this machine's resolver, everything that it lent taken back at the end."""
    service = Connecting(log)
    yield service
    service.connections.close_all()
    assert len(service.connections) == 0


async def test_a_granted_host_is_connected_and_its_bytes_are_counted(connecting: Connecting, log: KeptAccesses) -> None:
    with echo_server() as port:
        reply = await connecting.connect(caller(f"127.0.0.1:{port}"), params("127.0.0.1", port))
        sock = taken(reply)
        assert sock.getpeername() == ("127.0.0.1", port)
        assert not os.get_inheritable(sock.fileno())
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        sock.sendall(b"x" * 100_000)
        got = b""
        while len(got) < 100_000:
            got += sock.recv(65_536)
        sock.shutdown(socket.SHUT_RDWR)
        sock.close()
        while len(connecting.connections):
            await asyncio.sleep(0)
    assert log.begun == [Access("network", f"127.0.0.1:{port}", "granted", "")]
    assert log.ends == {0: (100_000, 100_000)}


@pytest.mark.parametrize(
    ("host", "granted"),
    [
        ("example.org", ()),
        ("example.org", ("other.example:443",)),
        ("example.org", ("example.org:80",)),
        ("example.org", ("{server}",)),
        ("sub.example.org", ("example.org:443",)),
        ("org", ("example.org:443",)),
        ("ex\u0430mple.org", ("example.org:443",)),
        ("127.0.0.1", ("localhost:443",)),
        ("93.184.216.34", ("example.org:443",)),
        ("2130706433", ("127.0.0.1:443",)),
        ("0177.0.0.1", ("127.0.0.1:443",)),
        ("127.0.0.1%00.example.org", ("127.0.0.1:443",)),
        ("example.org@127.0.0.1", ("example.org:443", "127.0.0.1:443")),
        ("example.org\\@127.0.0.1", ("example.org:443", "127.0.0.1:443")),
        ("*", ("example.org:443",)),
        ("", ("example.org:443",)),
    ],
)
async def test_what_was_not_granted_is_refused_before_anything_is_looked_up(
    log: KeptAccesses, host: str, granted: tuple[str, ...]
) -> None:
    names = Names()
    with pytest.raises(PermissionError) as refused:
        await Connecting(log, look_up=names).connect(caller(*granted), params(host, 443))
    assert refused.value.errno == errno.EACCES
    assert refused.value.strerror is not None
    assert refused.value.strerror.startswith("demo ")
    assert names.asked == []
    assert [access.ruling for access in log.begun] == ["refused"]


async def test_the_refusal_names_the_command_that_grants_it_where_the_manifest_asks_for_it(log: KeptAccesses) -> None:
    service = Connecting(log, look_up=Names())
    with pytest.raises(PermissionError, match="its manifest does not ask for it"):
        await service.connect(caller(), params("dav.example", 443))
    asking = caller(asked=("network:{server}",), server="https://dav.example/")
    with pytest.raises(PermissionError) as refused:
        await service.connect(asking, params("dav.example", 443))
    expected = "demo was not granted network dav.example:443: `skill grant demo network:{server}`"
    assert refused.value.strerror == expected
    assert log.begun[1] == Access("network", "dav.example:443", "refused", expected)


@pytest.mark.parametrize(
    "request_",
    [b"{}", b"[]", b'{"host":1,"port":1}', b'{"host":"a","port":"1"}', b'{"host":"a","port":1,"seconds":0}', b"null"],
)
async def test_a_request_that_is_none_is_refused(log: KeptAccesses, request_: bytes) -> None:
    with pytest.raises(OSError, match=r"\[Errno 22\] connect: ") as refused:
        await Connecting(log).connect(caller(), msgspec.Raw(request_))
    assert refused.value.errno == errno.EINVAL


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "10.0.0.1", "0.0.0.0", "::1", "fe80::1%1"],  # noqa: S104 # attacks
)
async def test_a_granted_name_that_leads_to_a_private_place_is_refused(log: KeptAccesses, address: str) -> None:
    service = Connecting(log, look_up=Names(evil_example=[[address]]))
    with pytest.raises(PermissionError, match=r"evil.example leads to|is no address"):
        await service.connect(caller("evil.example:443"), params("evil.example", 443))
    assert log.begun[0].ruling == "refused"


async def test_a_name_is_looked_up_once_and_the_checked_address_is_the_connected_one(log: KeptAccesses) -> None:
    """DNS rebinding: the second answer would lead to this machine."""
    with echo_server() as port:
        rebinding = Names(rebind_example=[["192.0.2.1"], ["127.0.0.1"]])
        attacked = Connecting(log, look_up=rebinding, private={"rebind.example"})
        assert rebinding("rebind.example", port) != rebinding("rebind.example", port)  # what a second look would see
        rebinding = Names(rebind_example=[["127.0.0.1"], ["169.254.169.254"]])
        attacked = Connecting(log, look_up=rebinding, private={"rebind.example"})
        reply = await attacked.connect(caller(f"rebind.example:{port}"), params("rebind.example", port))
        with taken(reply) as sock:
            assert sock.getpeername() == ("127.0.0.1", port)
        assert rebinding.asked == ["rebind.example"]
        attacked.connections.close_all()


async def test_private_addresses_among_public_ones_are_passed_over(log: KeptAccesses) -> None:
    with echo_server() as port:
        names = Names(mixed_example=[["169.254.169.254", "127.0.0.1"]])
        service = Connecting(log, look_up=names, private={"mixed.example"})
        reply = await service.connect(caller(f"mixed.example:{port}"), params("mixed.example", port))
        with taken(reply) as sock:
            assert sock.getpeername() == ("127.0.0.1", port)
        service.connections.close_all()
    assert log.begun == [Access("network", f"mixed.example:{port}", "granted", "at 127.0.0.1")]


async def test_the_next_address_is_tried_when_one_does_not_answer(log: KeptAccesses) -> None:
    with echo_server("127.0.0.2") as port:
        names = Names(two_example=[["127.0.0.1", "127.0.0.2"]])
        service = Connecting(log, look_up=names, private={"two.example"})
        reply = await service.connect(caller(f"two.example:{port}"), params("two.example", port))
        with taken(reply) as sock:
            assert sock.getpeername() == ("127.0.0.2", port)
        service.connections.close_all()


async def test_localhost_is_resolved_by_this_machine(connecting: Connecting) -> None:
    with echo_server() as port:
        reply = await connecting.connect(caller(f"localhost:{port}"), params("localhost", port))
        with taken(reply) as sock:
            assert sock.getpeername() == ("127.0.0.1", port)


async def test_a_name_that_is_not_found_says_so(log: KeptAccesses) -> None:
    service = Connecting(log, look_up=Names())
    with pytest.raises(NameNotFound, match=r"the name gone\.example was not found: Name or service not known"):
        await service.connect(caller("gone.example:443"), params("gone.example", 443))
    assert log.begun[0].ruling == "failed"


async def test_a_refused_connection_keeps_its_errno(connecting: Connecting, log: KeptAccesses) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(ConnectionRefusedError, match=f"127.0.0.1:{port} cannot be reached: Connection refused"):
        await connecting.connect(caller(f"127.0.0.1:{port}"), params("127.0.0.1", port))
    assert log.begun[0].ruling == "failed"


async def test_a_server_that_does_not_answer_is_given_up_in_the_time_that_was_asked_for(log: KeptAccesses) -> None:
    with (
        full_listener() as port,
        pytest.raises(TimeoutError, match=f"127.0.0.1:{port} did not answer within 0.05 s"),
    ):
        await Connecting(log).connect(caller(f"127.0.0.1:{port}"), params("127.0.0.1", port, 0.05))
    assert log.begun[0].ruling == "failed"


async def test_a_name_server_that_does_not_answer_is_given_up_and_asked_once_however_often_a_skill_tries(
    log: KeptAccesses,
) -> None:
    answered = threading.Event()
    asked: list[str] = []

    def slow(host: str, port: int) -> list[str]:
        asked.append(host)
        answered.wait(20)
        return ["127.0.0.1"]

    with echo_server() as port:
        service = Connecting(log, look_up=slow, private={"slow.example"})
        granted = caller(f"slow.example:{port}")
        for _ in range(20):
            with pytest.raises(TimeoutError, match=f"slow.example:{port} did not answer"):
                await service.connect(granted, params("slow.example", port, 0.001))
        assert asked == ["slow.example"]
        waiting = asyncio.create_task(service.connect(granted, params("slow.example", port)))
        await asyncio.sleep(0)
        answered.set()
        taken(await waiting).close()
        taken(await service.connect(granted, params("slow.example", port))).close()
        assert asked == ["slow.example"] * 2
        service.connections.close_all()


async def test_a_skill_may_have_a_bounded_number_of_connections(connecting: Connecting, log: KeptAccesses) -> None:
    with echo_server() as port:
        held = [
            taken(await connecting.connect(caller(f"127.0.0.1:{port}"), params("127.0.0.1", port)))
            for _ in range(MOST_OPEN)
        ]
        with pytest.raises(OSError, match="demo has 64 connections open") as refused:
            await connecting.connect(caller(f"127.0.0.1:{port}"), params("127.0.0.1", port))
        assert refused.value.errno == errno.EMFILE
        held[0].shutdown(socket.SHUT_RDWR)
        while len(connecting.connections) == MOST_OPEN:
            await asyncio.sleep(0)
        taken(await connecting.connect(caller(f"127.0.0.1:{port}"), params("127.0.0.1", port))).close()
        for sock in held:
            sock.close()


async def test_connections_end_with_their_worker_whoever_has_a_copy(connecting: Connecting, log: KeptAccesses) -> None:
    with echo_server() as port:
        reply = await connecting.connect(caller(f"127.0.0.1:{port}"), params("127.0.0.1", port))
        with taken(reply) as copy:
            copy.sendall(b"ping")
            assert copy.recv(4) == b"ping"
            assert reply.lent is not None
            reply.lent.worker_ended()
            assert copy.recv(1) == b""
            with pytest.raises(BrokenPipeError):
                copy.sendall(b"again")
    assert log.ends == {0: (4, 4)}
    assert len(connecting.connections) == 0


async def test_the_end_of_a_call_writes_down_what_a_kept_connection_carried_so_far(
    connecting: Connecting, log: KeptAccesses
) -> None:
    with echo_server() as port:
        reply = await connecting.connect(caller(f"127.0.0.1:{port}"), params("127.0.0.1", port))
        with taken(reply) as sock:
            assert reply.lent is not None
            for turn in range(1, 3):
                sock.sendall(b"ping")
                assert sock.recv(4) == b"ping"
                reply.lent.call_ended()
                assert log.ends == {0: (4 * turn, 4 * turn)}
            assert len(connecting.connections) == 1


async def test_a_connection_that_the_other_side_left_ends_with_the_call(connecting: Connecting) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    with listener:
        reply = await connecting.connect(caller(f"127.0.0.1:{port}"), params("127.0.0.1", port))
        other, _ = listener.accept()
    with taken(reply) as sock:
        other.sendall(b"bye")
        other.close()
        while sock.recv(3):
            pass
        assert reply.lent is not None
        reply.lent.call_ended()
        assert len(connecting.connections) == 0


async def test_a_request_that_is_given_up_leaves_nothing_open(log: KeptAccesses) -> None:
    with full_listener() as port:
        service = Connecting(log)
        before = sorted(os.listdir("/proc/self/fd"))  # noqa: PTH208 # names alone
        task = asyncio.create_task(service.connect(caller(f"127.0.0.1:{port}"), params("127.0.0.1", port)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert sorted(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 # names alone
        assert len(service.connections) == 0
