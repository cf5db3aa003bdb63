"""A web server on loopback that serves a folder, and misbehaves where it is told to."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

Answer = Callable[[SimpleHTTPRequestHandler], None]


class IndexServer:
    """`answers` replaces the file at a path by what a function writes; `asked` are the paths in order."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/"
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []


@contextmanager
def serve(folder: Path) -> Generator[IndexServer]:
    """Serve `folder` until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    server.daemon_threads = True
    index = IndexServer(server.server_address[1])
    _Handler.servers[index.url] = index
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        del _Handler.servers[index.url]


def redirect(to: str) -> Answer:
    """Answer with 302."""

    def answer(request: SimpleHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", to)
        request.end_headers()

    return answer


def body(data: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """Answer with these bytes, and say how many."""

    def answer(request: SimpleHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in ({"Content-Length": str(len(data))} | (headers or {})).items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(data)

    return answer


def endless(request: SimpleHTTPRequestHandler) -> None:
    """Answer with bytes until the other side has enough."""
    request.send_response(200)
    request.end_headers()
    try:
        while True:
            request.wfile.write(b"x" * 65536)
    except OSError:
        return


def dripping(request: SimpleHTTPRequestHandler) -> None:
    """Answer with a byte now and then, for ever."""
    request.send_response(200)
    request.end_headers()
    try:
        while not _NEVER.wait(0.02):
            request.wfile.write(b" ")
    except OSError:
        return


class Silent:
    """An answer that does not come until the block ends; `asked` is set once somebody waits for it."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._over = threading.Event()

    def __call__(self, request: SimpleHTTPRequestHandler) -> None:
        self.asked.set()
        self._over.wait()
        request.close_connection = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()


_NEVER = threading.Event()


class _Handler(SimpleHTTPRequestHandler):
    servers: dict[str, IndexServer] = {}  # noqa: RUF012 # shared by all handlers on purpose

    def do_GET(self) -> None:
        address: Any = self.server.server_address
        index = self.servers[f"http://127.0.0.1:{address[1]}/"]
        index.asked.append(self.path)
        answer = index.answers.get(self.path)
        if answer is None:
            super().do_GET()
        else:
            answer(self)

    def log_message(self, format: str, *args: Any) -> None:
        return
