"""A skill written by an enemy, with one granted host: it reaches that one and nothing else.

Each attack is first run here, outside the walls, where it works.
"""

import contextlib
import io
import socket
import textwrap
from typing import Any

import pytest

from fakes.echo_server import echo_server
from fakes.skill_modules import MakeSkill
from fakes.web_server import web_server
from fakes.wired_worker import SKILL, Wired
from skillkernel.errors import ToolCrashed
from skillkernel.worker.pool import WorkerPool

CONNECTED = """
    import _socket, ctypes, os, socket, struct
    sock = socket.create_connection(("127.0.0.1", port))
    libc = ctypes.CDLL(None, use_errno=True)
    def place(family, number):
        return struct.pack("=H", family) + struct.pack("!H4s8x", number, bytes((127, 0, 0, 1)))
    def call(function, *arguments):
        result = getattr(libc, function)(*arguments)
        if result < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return result
"""
RECONNECT = """
    call("connect", sock.fileno(), place(0, 0), 16)
    call("connect", sock.fileno(), place(2, other), 16)
    answer = sock.getpeername()[1] == other
"""
LISTEN = """
    call("connect", sock.fileno(), place(0, 0), 16)
    call("bind", sock.fileno(), place(2, 0), 16)
    call("listen", sock.fileno(), 1)
    answer = True
"""
NEW_SOCKET = """
    raw = call("socket", 2, 1, 0)
    call("connect", raw, place(2, other), 16)
    answer = True
"""
MPTCP = """
    raw = call("socket", 2, 1, 262)
    call("connect", raw, place(2, other), 16)
    answer = True
"""
FAST_OPEN = """
    raw = call("socket", 2, 1, 0)
    answer = call("sendto", raw, b"stolen", 6, 0x20000000, place(2, other), 16) >= 0
"""
FAST_OPEN_AGAIN = """
    call("connect", sock.fileno(), place(0, 0), 16)
    answer = call("sendto", sock.fileno(), b"stolen", 6, 0x20000000, place(2, other), 16) >= 0
"""
DATAGRAM = """
    raw = call("socket", 2, 2, 0)
    answer = call("sendto", raw, b"stolen", 6, 0, place(2, other), 16) == 6
"""
WITHOUT_THE_SHIM = """
    raw = _socket.socket()
    raw.connect(("127.0.0.1", other))
    answer = True
"""
REAL_CLASS = """
    raw = socket.socket.__mro__[1 if socket.socket.__mro__[1].__module__ == "socket" else 0](2, 1, 0)
    _socket.socket.connect(raw, ("127.0.0.1", other))
    answer = True
"""
BIND_TO_DEVICE = """
    _socket.socket.setsockopt(sock, 1, 25, b"lo")
    answer = True
"""
ATTACKS = {
    "turns its connection to another port": RECONNECT,
    "listens on its connection": LISTEN,
    "makes a socket": NEW_SOCKET,
    "makes a multipath socket": MPTCP,
    "connects by sending": FAST_OPEN,
    "turns its connection by sending": FAST_OPEN_AGAIN,
    "sends a datagram": DATAGRAM,
    "goes around the shim": WITHOUT_THE_SHIM,
    "takes the class beneath the shim": REAL_CLASS,
    "binds its connection to a network card": BIND_TO_DEVICE,
}


@pytest.fixture
async def wired(make_skill: MakeSkill, pool: WorkerPool) -> Wired:
    """The enemy's worker."""
    return Wired(make_skill(SKILL), pool)


def outside(code: str, **place: Any) -> bool:
    """Run an attack in this process, as the worker would; the sockets that it leaves are closed."""
    values = dict(place)
    with contextlib.redirect_stdout(io.StringIO()):
        exec(textwrap.dedent(CONNECTED) + textwrap.dedent(code), values)  # noqa: S102 # the attack
    values["sock"].close()
    raw = values.get("raw")
    if isinstance(raw, int):
        socket.close(raw)
    elif raw is not None:
        raw.close()
    return bool(values["answer"])


@pytest.mark.parametrize("attack", [pytest.param(code, id=name) for name, code in ATTACKS.items()])
async def test_a_connection_leads_nowhere_else(wired: Wired, attack: str) -> None:
    with echo_server() as port, echo_server() as other:
        try:
            assert outside(attack, port=port, other=other)
        except PermissionError:
            assert attack is BIND_TO_DEVICE  # where the tests run without the right to
        except OSError as error:
            pytest.skip(f"this attack does not work on this Linux: {error}")
        code = textwrap.dedent(CONNECTED) + textwrap.dedent(attack)
        with pytest.raises(ToolCrashed, match="PermissionError"):
            await wired.run(code, f"127.0.0.1:{port}", port=port, other=other)


async def test_a_redirect_to_a_host_that_was_not_granted_is_not_followed(wired: Wired) -> None:
    code = """
        import urllib.request
        with urllib.request.urlopen(url, timeout=10) as response:
            answer = response.read().decode()
    """
    with web_server() as granted, web_server() as other:
        granted.redirect = f"http://127.0.0.1:{other.port}/secret"
        url = f"http://127.0.0.1:{granted.port}/away"
        places = (f"127.0.0.1:{granted.port}", f"127.0.0.1:{other.port}")
        assert await wired.run(code, *places, url=url) == "hello /secret"  # with both granted it leads there
        other.paths.clear()
        with pytest.raises(ToolCrashed, match=f"was not granted network {places[1]}"):
            await wired.run(code, places[0], url=url)
        assert other.paths == []


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "::ffff:7f00:1", "ex\u0430mple.org", "example.org@127.0.0.1"],
)
async def test_no_other_spelling_of_a_host_leads_past_the_grant(wired: Wired, host: str) -> None:
    code = """
        import socket
        try:
            socket.create_connection((host, port), timeout=10).close()
            answer = "connected"
        except OSError as error:
            answer = type(error).__name__
    """
    with echo_server() as port:
        answer = await wired.run(code, f"example.org:{port}", host=host, port=port)
    assert answer == "PermissionError"
    assert wired.log.begun[-1].ruling == "refused"


async def test_a_granted_name_that_is_pointed_at_the_metadata_service_is_refused(wired: Wired) -> None:
    wired.names.answers["evil.example"] = [["169.254.169.254"]]
    code = """
        import socket
        try:
            socket.create_connection(("evil.example", 80), timeout=10)
        except PermissionError as error:
            answer = error.strerror
    """
    assert await wired.run(code, "evil.example:80") == (
        "demo: evil.example leads to 169.254.169.254, which is link-local: only a grant of that very address reaches it"
    )


async def test_a_made_up_address_is_reached_by_nobody(wired: Wired) -> None:
    code = """
        import socket
        socket.create_connection(("240.0.0.1", 80), timeout=10)
    """
    with pytest.raises(ToolCrashed, match=r"was not granted network 240\.0\.0\.1:80"):
        await wired.run(code)
