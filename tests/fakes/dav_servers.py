"""HTTP servers on 127.0.0.1 for a CalDAV client: one that answers as badly as a test wants, one between it and another."""

import http.client
import ssl
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_METHODS = ("GET", "PUT", "DELETE", "PROPFIND", "REPORT", "OPTIONS")

Behaviour = Callable[[BaseHTTPRequestHandler, bytes], None]


class DavServer:
    """Answers each request with `behave(handler, body)`; `requests` are method and path of all of them, in order.

    With a `certificate` (and its key, one PEM file) it speaks https.
    """

    def __init__(self, behave: Behaviour, certificate: Path | None = None) -> None:
        self.requests: list[tuple[str, str]] = []
        self.authorizations: list[str] = []
        self.closing = threading.Event()
        self._behave = behave
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._scheme = "https" if certificate else "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def origin(self) -> str:
        """Its address, without a slash at the end."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        self.requests.append((handler.command, handler.path))
        self.authorizations.append(handler.headers.get("Authorization", ""))
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        try:
            self._behave(handler, body)
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def make_certificate(path: Path) -> None:
    """Write a key and a certificate for 127.0.0.1 that nobody vouches for; needs the program openssl."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run([*command, *files], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    """Send a whole answer; `content_type="text/html"` is the header Content-Type."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def forward_to(port: int, before: Callable[[str, str], None]) -> Behaviour:
    """Pass each request on to the server at `port`, after `before(method, path)`."""

    def behave(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        before(handler.command, handler.path)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {name: value for name, value in handler.headers.items() if name.lower() != "connection"}
        connection.request(handler.command, handler.path, body, headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        send(handler, response.status, content, content_type=response.headers.get("Content-Type", ""))

    return behave


def multistatus(*responses: str) -> bytes:
    """The body of a 207."""
    return (
        '<?xml version="1.0"?><D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
        f"{''.join(responses)}</D:multistatus>"
    ).encode()


def response(href: str, properties: str, status: str = "HTTP/1.1 200 OK") -> str:
    """One resource of a multistatus."""
    return (
        f"<D:response><D:href>{href}</D:href><D:propstat><D:prop>{properties}</D:prop>"
        f"<D:status>{status}</D:status></D:propstat></D:response>"
    )


CALENDAR = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"


def _handler(server: DavServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:  # the base class names it so
            """Tests print nothing."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        server.answer(handler)

    for method in _METHODS:
        setattr(Handler, f"do_{method}", answer)
    return Handler
