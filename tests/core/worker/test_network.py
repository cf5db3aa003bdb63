"""Clients as they are, inside a real worker: what was granted works, TLS end to end; what was not says what would grant it."""

import textwrap
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from fakes.authority import Authority
from fakes.echo_server import echo_server, full_listener
from fakes.line_servers import ftp, imap, line_server, smtp
from fakes.network_clients import ASYNC, SYNC, TELLS_NO_REASON
from fakes.skill_modules import MakeSkill, invoke
from fakes.web_server import WebServer, web_server
from fakes.wired_worker import SKILL, Wired
from skillkernel.errors import ToolCrashed, WorkerStartFailed
from skillkernel.permissions.granted_path import GrantedPath
from skillkernel.services.access import Access
from skillkernel.worker.pool import WorkerPool

SITE_PACKAGES = Path(pytest.__file__).parent.parent
CLIENTS = [
    *(pytest.param(code, "run", id=name) for name, code in SYNC.items()),
    *(pytest.param(code, "run_async", id=name) for name, code in ASYNC.items()),
]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Whom the worker trusts."""
    return Authority(tmp_path / "authority.pem")


@pytest.fixture
async def wired(make_skill: MakeSkill, authority: Authority) -> AsyncIterator[Wired]:
    """A worker that sees the packages that are installed here."""
    packages = GrantedPath(SITE_PACKAGES, SITE_PACKAGES, "read", folder=True)
    skill = f"sys.path.append({str(SITE_PACKAGES)!r})\n{SKILL}"
    pool = WorkerPool(start_seconds=20.0)
    wired = Wired(make_skill(skill, trust=authority.file, paths=(packages,)), pool)
    yield wired
    await pool.aclose()
    assert len(wired.connecting.connections) == 0


@pytest.fixture
def web(authority: Authority) -> Iterator[WebServer]:
    """https://localhost, trusted."""
    with web_server(authority.context("localhost")) as server:
        yield server


@pytest.mark.parametrize(("code", "tool"), CLIENTS)
async def test_a_client_works_unchanged(wired: Wired, web: WebServer, code: str, tool: str) -> None:
    granted = f"localhost:{web.port}"
    answer = await wired.run(code, granted, tool=tool, url=f"https://{granted}/x", port=web.port)
    assert answer == "hello /x"
    assert set(wired.log.begun) == {Access("network", granted, "granted", "at 127.0.0.1")}
    assert all(sent > 100 and received > 500 for sent, received in wired.log.ends.values())
    assert len(wired.log.ends) == len(wired.log.begun)


@pytest.mark.parametrize(("code", "tool"), CLIENTS)
async def test_a_client_that_was_not_granted_its_host_says_which(
    wired: Wired, web: WebServer, code: str, tool: str
) -> None:
    with pytest.raises(ToolCrashed) as crashed:
        await wired.run(code, tool=tool, url=f"https://localhost:{web.port}/x", port=web.port)
    refusal = f"demo was not granted network localhost:{web.port}, and its manifest does not ask for it"
    assert wired.last is not None
    assert set(wired.last.refused) == {refusal}
    if code not in TELLS_NO_REASON:
        assert refusal in crashed.value.message
    assert web.connections == 0
    assert {access.ruling for access in wired.log.begun} == {"refused"}


@pytest.mark.parametrize(("code", "tool"), CLIENTS)
async def test_tls_is_verified_in_the_worker_by_the_name_that_was_asked_for(
    wired: Wired, authority: Authority, code: str, tool: str
) -> None:
    with web_server(authority.context("other.example")) as impostor:
        with pytest.raises(ToolCrashed, match=r"(?i)certificate"):
            await wired.run(
                code,
                f"localhost:{impostor.port}",
                tool=tool,
                url=f"https://localhost:{impostor.port}/x",
                port=impostor.port,
            )
        assert impostor.paths == []


async def test_a_connection_is_kept_alive_from_call_to_call(wired: Wired, web: WebServer) -> None:
    code = """
        import builtins, requests
        if not hasattr(builtins, "session"):
            builtins.session = requests.Session()
        answer = builtins.session.get(url, timeout=10).text
    """
    granted = f"localhost:{web.port}"
    for _ in range(3):
        assert await wired.run(code, granted, url=f"https://{granted}/x") == "hello /x"
    assert web.connections == 1
    assert len(wired.log.begun) == 1


async def test_mail_is_sent(wired: Wired) -> None:
    delivered: list[bytes] = []
    code = """
        import smtplib
        with smtplib.SMTP("localhost", port, timeout=10) as server:
            server.sendmail("me@example.org", ["you@example.org"], "Subject: lunch\\n\\nat 12")
        answer = "sent"
    """
    with line_server(smtp(delivered)) as port:
        assert await wired.run(code, f"localhost:{port}", port=port) == "sent"
    assert delivered == [b"Subject: lunch\r\n\r\nat 12\r\n"]


async def test_a_mailbox_is_read(wired: Wired) -> None:
    code = """
        import imaplib
        with imaplib.IMAP4("localhost", port, timeout=10) as box:
            box.login("me", "secret")
            answer = box.select()[1][0].decode()
    """
    with line_server(imap) as port:
        assert await wired.run(code, f"localhost:{port}", port=port) == "3"


async def test_ftp_says_which_port_its_data_would_have_needed(wired: Wired) -> None:
    code = """
        import ftplib
        with ftplib.FTP() as server:
            server.connect("localhost", port, timeout=10)
            server.login()
            try:
                server.nlst()
            except PermissionError as error:
                answer = error
    """
    with echo_server() as data, line_server(ftp(data)) as port:
        answer = await wired.run(code, f"localhost:{port}", port=port)
    assert f"demo was not granted network 127.0.0.1:{data}" in answer


async def test_a_timeout_is_kept_while_connecting(wired: Wired) -> None:
    code = """
        import socket
        try:
            socket.create_connection(("localhost", port), timeout=0.05)
        except TimeoutError as error:
            answer = error
    """
    with full_listener() as port:
        answer = await wired.run(code, f"localhost:{port}", port=port)
    assert f"localhost:{port} did not answer within 0.05 s" in answer


async def test_an_async_client_that_waits_lets_others_run(wired: Wired) -> None:
    code = """
        import asyncio
        async def main():
            connecting = asyncio.ensure_future(asyncio.open_connection("localhost", port))
            for turn in range(10):
                await asyncio.sleep(0)
            done = connecting.done()
            connecting.cancel()
            await asyncio.wait([connecting])
            return f"{turn} {done} {connecting.cancelled()}"
    """
    with full_listener() as port:
        assert await wired.run(code, f"localhost:{port}", tool="run_async", port=port) == "9 False True"


async def test_errors_are_those_that_clients_know(wired: Wired) -> None:
    code = """
        import socket
        said = []
        for host, number in (("gone.example", 443), ("localhost", port)):
            try:
                socket.create_connection((host, number))
            except OSError as error:
                said.append(type(error).__name__)
        answer = said
    """
    with echo_server() as port:
        pass
    assert await wired.run(code, "gone.example:443", f"localhost:{port}", port=port) == (
        "['gaierror', 'ConnectionRefusedError']"
    )


async def test_the_name_of_a_host_is_compared_in_its_ascii_form(wired: Wired) -> None:
    wired.names.answers["xn--bcher-kva.example"] = [["127.0.0.1"]]
    wired.private.add("xn--bcher-kva.example")
    with echo_server() as port:
        code = """
            import socket
            with socket.create_connection(("B\\u00dccher.example", port)) as echo:
                echo.sendall(b"hello")
                answer = echo.recv(5).decode()
        """
        assert await wired.run(code, f"xn--bcher-kva.example:{port}", port=port) == "hello"


async def test_a_socket_tells_where_it_is_connected_to(wired: Wired) -> None:
    code = """
        import socket
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20_000)
        sock.bind(("", 0))
        unconnected = sock.getsockname()
        try:
            sock.getpeername()
        except OSError as error:
            number = error.errno
        sock.settimeout(3)
        sock.connect(("localhost", port))
        other = sock.dup()
        sock.close()
        other.sendall(b"hello")
        assert other.gettimeout() == 3 and other.recv(5) == b"hello"
        answer = [unconnected, number, other.getpeername(), other.getsockname()[0], other.family.name,
                  other.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)]
        other.close()
    """
    with echo_server() as port:
        answer = await wired.run(code, f"localhost:{port}", port=port)
    assert answer == f"[('0.0.0.0', 0), 107, ('127.0.0.1', {port}), '127.0.0.1', 'AF_INET', 40000]"


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
        "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)",
        "socket.socket().bind(('127.0.0.1', 0))",
        "socket.socket().listen()",
        "socket.create_server(('127.0.0.1', 0))",
    ],
)
async def test_what_cannot_be_had_says_so(wired: Wired, attempt: str) -> None:
    code = f"""
        import socket
        try:
            {attempt}
        except PermissionError as error:
            answer = error.strerror
    """
    assert (await wired.run(code)).startswith("a skill ")


@pytest.mark.parametrize("where", ["import", "start"])
async def test_there_is_no_network_while_a_skill_loads_or_starts(
    make_skill: MakeSkill, pool: WorkerPool, where: str
) -> None:
    asking = 'import socket\nsocket.create_connection(("localhost", 80))'
    code = (
        asking
        if where == "import"
        else f"@hookimpl\ndef skillkernel_start(context):\n{textwrap.indent(asking, '    ')}"
    )
    with pytest.raises(
        WorkerStartFailed, match="nothing is served outside a call, so not while a skill loads or starts"
    ):
        await pool.call(make_skill(code), invoke("run"))


async def test_a_skill_without_sockets_imports_nothing_for_them(wired: Wired) -> None:
    code = """
        import sys
        answer = [name for name in sys.modules if name in ("socket", "skillkernel.worker.inside.network_socket")]
    """
    assert await wired.run(code) == "[]"


async def test_a_worker_that_ends_leaves_no_connection(wired: Wired) -> None:
    code = """
        import builtins, os, socket
        builtins.held = [socket.create_connection(("localhost", port)) for _ in range(3)]
        os.dup(builtins.held[0].fileno())
        answer = "held"
    """
    with echo_server() as port:
        assert await wired.run(code, f"localhost:{port}", port=port) == "held"
        assert len(wired.connecting.connections) == 3
        with pytest.raises(Exception, match="exited with status 7"):
            await wired.run("import os; os._exit(7)", port=port)
        assert len(wired.connecting.connections) == 0


async def test_a_connection_that_is_dropped_without_closing_is_over_too(wired: Wired) -> None:
    code = """
        import socket, warnings
        warnings.simplefilter("ignore")
        sock = socket.create_connection(("localhost", port))
        sock.sendall(b"hello")
        answer = sock.recv(5).decode()
        del sock
    """
    with echo_server() as port:
        assert await wired.run(code, f"localhost:{port}", port=port) == "hello"
        assert wired.log.ends == {0: (5, 5)}
