"""An HTTP server on 127.0.0.1 with one file that it serves as well or as badly as a test wants."""

import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

POLL = 0.05


@dataclass
class FileServer:
    """`content` at any path, with Range and If-Range.

    `status`: refuse with it. `cuts`: bytes after which the first answers break off, one number an answer. `hang`:
    answer nothing. `length`: the Content-Length to claim, -1: none. `ignore_range`: always send the whole. `gate`: wait
    for it before the body.
    """

    content: bytes
    etag: str = '"v1"'
    status: int = 0
    cuts: list[int] = field(default_factory=list[int])
    hang: bool = False
    length: int | None = None
    ignore_range: bool = False
    redirect: str = ""
    content_type: str = "application/octet-stream"
    gate: threading.Event | None = None
    ranges: list[str] = field(default_factory=list[str])
    """The Range header of every request, empty where there was none."""

    def __post_init__(self) -> None:
        self.sending = threading.Event()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL,), daemon=True)

    @property
    def url(self) -> str:
        """The file's address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/model.gguf"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        if self.gate is not None:
            self.gate.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one GET."""
        self.ranges.append(handler.headers.get("Range", ""))
        if self.hang:
            self._closing.wait()
        elif self.redirect:
            handler.send_response(302)
            handler.send_header("Location", self.redirect)
            handler.end_headers()
        elif self.status:
            handler.send_error(self.status)
        else:
            self._send(handler, self._start(handler))

    def _start(self, handler: BaseHTTPRequestHandler) -> int:
        asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        if asked is None or self.ignore_range or handler.headers.get("If-Range", self.etag) != self.etag:
            return 0
        return int(asked[1])

    def _send(self, handler: BaseHTTPRequestHandler, start: int) -> None:
        if start >= len(self.content):
            handler.send_error(416)
            return
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        length = len(self.content) - start if self.length is None else self.length
        if length >= 0:
            handler.send_header("Content-Length", str(length))
        handler.send_header("ETag", self.etag)
        handler.send_header("Content-Type", self.content_type)
        handler.end_headers()
        cut = self.cuts.pop(0) if self.cuts else None
        try:
            handler.wfile.write(self.content[start : len(self.content) if cut is None else start + cut])
            handler.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            return
        self.sending.set()
        if self.gate is not None:
            self.gate.wait()


def _handler(server: FileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.answer(self)

        def log_message(self, format: str, *args: Any) -> None:  # the base class names it so
            """Tests print nothing."""

    return Handler
