"""What a skill's HTTPS request costs when the kernel connects and passes the descriptor, against a direct one.

    python -m benchmarks.https [--requests N] [--smoke]

The same code asks the same server on loopback: in a plain process that connects by itself, and in a worker behind the
walls. A new connection with its TLS handshake each time, and one that is kept alive. In turns, medians.
"""

import argparse
import asyncio
import http.server
import inspect
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import trustme

from benchmarks.samples import Samples, milliseconds, ratio, table
from benchmarks.setting import machine
from skillkernel.journal.accesses import JournaledAccesses
from skillkernel.journal.journal import Journal
from skillkernel.services.caller import Caller
from skillkernel.services.network.connecting import Connecting
from skillkernel.services.switchboard import Switchboard
from skillkernel.worker.pool import WorkerPool
from skillkernel.worker.seam import Invocation, WorkerSpec

NEW, KEPT = "a new connection each", "one kept alive"


def timed(port: int, requests: int, kept: bool) -> list[float]:
    """Seconds of each request, with the standard library alone; runs in both processes."""
    import http.client
    import ssl
    import time

    context = ssl.create_default_context()
    connection = None
    found: list[float] = []
    for number in range(requests + 1):
        started = time.perf_counter()
        if connection is None:
            connection = http.client.HTTPSConnection("localhost", port, context=context)
        connection.request("GET", "/")
        connection.getresponse().read()
        if not kept:
            connection.close()
            connection = None
        if number:  # the first one warms up
            found.append(time.perf_counter() - started)
    if connection is not None:
        connection.close()
    return found


_SKILL = """
from skillkernel import tool

{function}

@tool(effect="read")
def measure(port: int, requests: int, kept: bool) -> list[float]:
    \"\"\"Measure.\"\"\"
    return timed(port, requests, kept)
"""
_DIRECT = """
import json, sys

{function}

for line in sys.stdin:
    print(json.dumps(timed(*json.loads(line))), flush=True)
"""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@contextmanager
def _server(authority: trustme.CA) -> Generator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with authority.issue_cert("localhost").private_key_and_cert_chain_pem.tempfile() as file:
        context.load_cert_chain(file)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class Worker:
    """The tool behind the walls."""

    def __init__(self, pool: WorkerPool, spec: WorkerSpec, switchboard: Switchboard) -> None:
        self._pool = pool
        self._spec = spec
        self._switchboard = switchboard
        self._calls = 0

    async def measure(self, port: int, requests: int, kept: bool) -> list[float]:
        """Seconds of each request."""
        self._calls += 1
        rows = (f"network:localhost:{port}",)
        caller = Caller("measured", "measured", "measure", "benchmark", self._calls, rows)
        arguments: dict[str, Any] = {"port": port, "requests": requests, "kept": kept}
        services = self._switchboard.for_call(caller)
        found = await self._pool.call(self._spec, Invocation("measure", arguments, 120.0, "", services=services))
        return list(found)


@asynccontextmanager
async def _worker(folder: Path, authorities: Path) -> AsyncGenerator[Worker]:
    environment = folder / "environment"
    environment.mkdir()
    code = _SKILL.format(function=inspect.getsource(timed))
    (environment / "skill_measured.py").write_text(code, encoding="utf-8")
    spec = WorkerSpec(
        "measured", "skill_measured", environment, folder / "data", "0" * 64, "measured", trust=authorities
    )
    journal = Journal(folder / "journal.sqlite")
    log = JournaledAccesses(journal)
    pool = WorkerPool()
    try:
        yield Worker(pool, spec, Switchboard({"connect": Connecting(log).connect}, log))
    finally:
        await pool.aclose()
        journal.close()


@contextmanager
def _direct(authorities: Path) -> Generator["subprocess.Popen[str]"]:
    code = _DIRECT.format(function=inspect.getsource(timed))
    with subprocess.Popen(
        [sys.executable, "-I", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "SSL_CERT_FILE": str(authorities)},
    ) as process:
        yield process
        if process.stdin is not None:
            process.stdin.close()


def _ask(process: "subprocess.Popen[str]", *arguments: Any) -> list[float]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("it was started with pipes")
    process.stdin.write(json.dumps(arguments) + "\n")
    process.stdin.flush()
    return list(json.loads(process.stdout.readline()))


def _written(authority: trustme.CA, folder: Path) -> Path:
    folder.chmod(0o755)  # as root, the worker is another user
    file = folder / "authorities.pem"
    authority.cert_pem.write_to_path(str(file))
    file.chmod(0o644)
    return file


async def https_ratio(requests: int, rounds: int) -> dict[str, tuple[Samples, Samples]]:
    """By kind of connection: (through the kernel, direct), in seconds a request."""
    found = {kind: (Samples(), Samples()) for kind in (NEW, KEPT)}
    authority = trustme.CA()
    with tempfile.TemporaryDirectory(prefix="skill-benchmark-") as name:
        folder = Path(name)
        authorities = _written(authority, folder)
        with _server(authority) as port, _direct(authorities) as process:
            async with _worker(folder, authorities) as worker:
                for _ in range(rounds):
                    for kind, (through, direct) in found.items():
                        through.add(await worker.measure(port, requests, kind == KEPT))
                        direct.add(await asyncio.to_thread(_ask, process, port, requests, kind == KEPT))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="One HTTPS request through the kernel against a direct one.")
    parser.add_argument("--requests", type=int, default=50, help="in each of 9 rounds")
    parser.add_argument("--smoke", action="store_true", help="a handful, to see that it runs")
    chosen = parser.parse_args()
    requests, rounds = (3, 1) if chosen.smoke else (chosen.requests, 9)
    found = asyncio.run(https_ratio(requests, rounds))
    print(f"{machine()}; {rounds} rounds of {requests} requests\n")
    print(
        table(
            ("one HTTPS request", "through the kernel, ms", "p99", "direct, ms", "p99", "ratio"),
            (
                (
                    kind,
                    milliseconds(through.median),
                    milliseconds(through.p99),
                    milliseconds(direct.median),
                    milliseconds(direct.p99),
                    ratio(through.median, direct.median),
                )
                for kind, (through, direct) in found.items()
            ),
        )
    )


if __name__ == "__main__":
    main()
