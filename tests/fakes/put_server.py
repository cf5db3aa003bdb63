"""A web server on loopback that keeps what is PUT there, as a WebDAV server or a gateway to an object store does."""

import email.utils
import hashlib
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Kept:
    """A file with the headers that it came with, and when (seconds since the epoch)."""

    data: bytes
    headers: dict[str, str]
    at: float


@dataclass
class PutServer:
    """What is kept by its path, and every request as (method, path, Authorization).

    `token`: required, if not empty. `tags`: `strong`, `weak` or `none`. `failures`: statuses for the next requests, 0
    for a connection that breaks off after the request took effect. `dav`: a PUT needs its folder, which MKCOL makes.
    """

    url: str = ""
    token: str = ""
    tags: str = "strong"
    dav: bool = False
    redirect: str = ""
    files: dict[str, Kept] = field(default_factory=dict[str, Kept])
    folders: set[str] = field(default_factory=lambda: {"/"})
    failures: list[int] = field(default_factory=list[int])
    requests: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])

    def tag(self, path: str) -> str:
        kept = self.files.get(path)
        digest = hashlib.sha256(kept.data).hexdigest()[:16] if kept else ""
        return f'"{digest}"' if digest else ""

    def methods(self) -> list[str]:
        return [method for method, _, _ in self.requests]


@contextmanager
def put_server(**options: Any) -> Generator[PutServer]:
    """Serve until the block ends."""
    state = PutServer(**options)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(state: PutServer) -> type[BaseHTTPRequestHandler]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._do(self._get)

        def do_PUT(self) -> None:
            self._do(self._put)

        def do_DELETE(self) -> None:
            self._do(self._delete)

        def do_MKCOL(self) -> None:
            self._do(self._mkcol)

        def log_message(self, format: str, *args: Any) -> None:
            return

        def _do(self, act: Any) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            authorization = self.headers.get("Authorization", "")
            with lock:
                state.requests.append((self.command, self.path, authorization))
                if state.redirect:
                    self._answer(302, headers={"Location": state.redirect})
                elif state.token and authorization != f"Bearer {state.token}":
                    self._answer(401)
                elif state.failures and (status := state.failures.pop(0)):
                    self._answer(status)
                else:
                    act(body)

        def _get(self, body: bytes) -> None:
            kept = state.files.get(self.path)
            if kept is None:
                self._answer(404)
                return
            headers = {"Last-Modified": email.utils.formatdate(kept.at, usegmt=True)}
            kind = kept.headers.get("Content-Type")
            self._answer(200, kept.data, headers | ({"Content-Type": kind} if kind else {}) | self._tag())

        def _put(self, body: bytes) -> None:
            wanted, absent = self.headers.get("If-Match"), self.headers.get("If-None-Match")
            present = self.path in state.files
            if (absent == "*" and present) or (wanted and (not present or wanted != state.tag(self.path))):
                self._answer(412)
                return
            if state.dav and self.path.rpartition("/")[0] + "/" not in state.folders:
                self._answer(409)
                return
            state.files[self.path] = Kept(body, dict(self.headers.items()), time.time())
            if state.failures and state.failures[0] == -1:
                state.failures.pop(0)
                self.close_connection = True
                self.connection.close()
                return
            self._answer(204 if present else 201, headers=self._tag())

        def _delete(self, body: bytes) -> None:
            self._answer(204 if state.files.pop(self.path, None) else 404)

        def _mkcol(self, body: bytes) -> None:
            if not state.dav or self.path in state.folders:
                self._answer(405)
            elif self.path.rstrip("/").rpartition("/")[0] + "/" not in state.folders:
                self._answer(409)
            else:
                state.folders.add(self.path)
                self._answer(201)

        def _tag(self) -> dict[str, str]:
            tag = state.tag(self.path)
            return {"strong": {"ETag": tag}, "weak": {"ETag": f"W/{tag}"}}.get(state.tags, {})

        def _answer(self, status: int, data: bytes = b"", headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler
