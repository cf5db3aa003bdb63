"""Programs that are not Python reach what their skill was granted, through the one socket in their own network."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.authority import Authority
from fakes.program_desk import ProgramDesk
from fakes.web_server import WebServer, web_server
from skillkernel.worker.program_start import PORT

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not on this machine")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Who vouches for the servers of a test."""
    return Authority(tmp_path / "ca.pem")


@pytest.fixture
def served(authority: Authority) -> Iterator[WebServer]:
    """A server with TLS on loopback."""
    with web_server(authority.context("localhost")) as server:
        yield server


def desk_for(folder: Path, port: int, trust: Path, program: str = "curl") -> ProgramDesk:
    return ProgramDesk(folder, f"programs:{program}", f"network:localhost:{port}", trust=trust)


def freely(*argv: str) -> bytes:
    """What the program prints as an ordinary process."""
    return subprocess.run(argv, capture_output=True, check=True).stdout


@needs_curl
async def test_curl_reads_a_page_with_tls_from_a_granted_host(
    tmp_path: Path, served: WebServer, authority: Authority
) -> None:
    desk = desk_for(tmp_path, served.port, authority.file)
    ended = await desk.run("curl", "-sS", f"https://localhost:{served.port}/a")
    assert (ended.returncode, ended.stdout) == (0, b"hello /a"), ended.stderr
    assert desk.log.rulings("network") == [(f"localhost:{served.port}", "granted")]
    sent, received = desk.log.carried[0]
    assert sent > 200
    assert received > 500


@needs_curl
async def test_curl_is_told_why_a_host_is_refused(tmp_path: Path, served: WebServer, authority: Authority) -> None:
    desk = desk_for(tmp_path, served.port, authority.file)
    ended = await desk.run("curl", "-sS", "https://example.org:443/")
    assert ended.returncode == 56
    assert b"403" in ended.stderr
    assert desk.log.rulings("network") == [("example.org:443", "refused")]
    assert served.connections == 0


@needs_curl
async def test_a_plain_request_is_told_to_use_a_tunnel(tmp_path: Path, served: WebServer, authority: Authority) -> None:
    desk = desk_for(tmp_path, served.port, authority.file)
    ended = await desk.run("curl", "-sS", "-i", f"http://localhost:{served.port}/")
    assert b"405 Method Not Allowed" in ended.stdout
    assert b"only CONNECT is served here" in ended.stdout
    assert served.connections == 0


@needs_curl
async def test_curl_without_a_network_grant_reaches_nothing(
    tmp_path: Path, served: WebServer, authority: Authority
) -> None:
    url = f"https://localhost:{served.port}/a"
    free = freely("curl", "-sS", "--cacert", str(authority.file), url)
    assert free == b"hello /a"  # without the wall it does
    desk = ProgramDesk(tmp_path, "programs:curl", trust=authority.file)
    ended = await desk.run("curl", "-sS", url)
    assert ended.returncode in {6, 7}
    assert served.connections == 1


@needs_bash
async def test_nothing_but_the_forwarder_can_be_connected_to(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        attack = f"exec 5<>/dev/tcp/127.0.0.1/{port} && echo in"
        assert freely("bash", "-c", attack) == b"in\n"  # without the wall it is
        desk = ProgramDesk(tmp_path, "programs:bash", f"network:localhost:{port}")
        ended = await desk.run("bash", "-c", attack)
        assert ended.returncode == 1
        assert b"Connection refused" in ended.stderr


@needs_bash
@pytest.mark.parametrize(
    "head",
    [
        "CONNECT localhost:{port} HTTP/1.1\r\nHost: example.org\r\n\r\n",
        "CONNECT localhost:{port} HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        "CONNECT localhost:{port} HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
        "CONNECT http://localhost:{port}/ HTTP/1.1\r\n\r\n",
        "CONNECT localhost:{port}\r\n\r\n",
    ],
)
async def test_a_request_that_can_be_read_two_ways_is_not_forwarded(tmp_path: Path, head: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        desk = ProgramDesk(tmp_path, "programs:bash", f"network:localhost:{port}")
        ended = await desk.run(
            "bash",
            "-c",
            f"exec 5<>/dev/tcp/127.0.0.1/{PORT}; read -d '' -r x; printf %s \"$x\" >&5; printf '\\r\\n\\r\\n' >&5; read -r -u 5 y; echo \"$y\"",
            stdin=head.format(port=port).encode(),
        )
        assert ended.stdout == b"HTTP/1.1 400 Bad Request\r\n", ended
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()


@needs_bash
async def test_what_is_said_before_the_answer_waits_until_there_is_a_connection(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        desk = ProgramDesk(tmp_path, "programs:bash", f"network:localhost:{port}")
        ended = await desk.run(
            "bash",
            "-c",
            f"exec 5<>/dev/tcp/127.0.0.1/{PORT}; printf 'CONNECT localhost:{port} HTTP/1.1\\r\\n\\r\\nearly' >&5; read -r -u 5 y; echo \"$y\"",
        )
        assert ended.stdout == b"HTTP/1.1 200 Connection established\r\n"
        connection, _ = server.accept()
        with connection:
            connection.settimeout(5)
            assert connection.recv(100) == b"early"
            assert connection.recv(100) == b""  # it ended with the program
    assert desk.log.carried[0] == (5, 0)


async def test_the_variables_of_a_program_name_the_forwarder_and_the_authorities(
    tmp_path: Path, authority: Authority
) -> None:
    desk = desk_for(tmp_path, 443, authority.file, "env")
    names = [line.partition(b"=")[0] for line in (await desk.run("env")).stdout.splitlines()]
    assert sorted(names) == [
        b"CURL_CA_BUNDLE",
        b"HOME",
        b"HTTPS_PROXY",
        b"LANG",
        b"PATH",
        b"PWD",
        b"SSL_CERT_FILE",
        b"http_proxy",
        b"https_proxy",
    ]
    assert os.environ.get("HTTPS_PROXY") != f"http://127.0.0.1:{PORT}"
