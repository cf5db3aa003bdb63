"""An HTTP server on loopback, with TLS by a certificate authority of its own where it is asked for."""

import http.server
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class WebServer:
    """`port` and, of what arrived, the paths and the number of connections; `redirect` is where `/away` points to."""

    port: int = 0
    redirect: str = ""
    paths: list[str] = field(default_factory=list[str])
    connections: int = 0


@contextmanager
def web_server(tls: ssl.SSLContext | None = None) -> Generator[WebServer]:
    """Answer `hello PATH` as long as the block runs."""
    served = WebServer()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            served.connections += 1
            if tls is not None:
                self.request = tls.wrap_socket(self.request, server_side=True)
            super().setup()

        def finish(self) -> None:
            super().finish()
            self.request.close()

        def do_GET(self) -> None:
            served.paths.append(self.path)
            away = self.path == "/away"
            body = b"" if away else f"hello {self.path}".encode()
            self.send_response(302 if away else 200)
            if away:
                self.send_header("Location", served.redirect)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that does not trust us, or went away: the test looks at the client."""

    with Server(("127.0.0.1", 0), Handler) as server:
        served.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield served
        finally:
            server.shutdown()
