"""Servers on loopback that speak protocols of lines: as much of SMTP, IMAP and FTP as a client's usual errand needs."""

import socketserver
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

Talk = Callable[[socketserver.StreamRequestHandler], None]


@contextmanager
def line_server(talk: Talk) -> Generator[int]:
    """Have `talk` speak to each client as long as the block runs; its value is the port."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            talk(self)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def smtp(delivered: list[bytes]) -> Talk:
    """Accept every message and keep it."""

    def talk(handler: socketserver.StreamRequestHandler) -> None:
        handler.wfile.write(b"220 here\r\n")
        for line in handler.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                handler.wfile.write(b"354 go on\r\n")
                delivered.append(b"".join(iter(handler.rfile.readline, b".\r\n")))
            elif verb == b"QUIT":
                handler.wfile.write(b"221 bye\r\n")
                return
            handler.wfile.write(b"250 ok\r\n")

    return talk


def imap(handler: socketserver.StreamRequestHandler) -> None:
    """A mailbox with three messages."""
    handler.wfile.write(b"* OK here\r\n")
    for line in handler.rfile:
        tag, verb = line.split()[:2]
        if verb == b"CAPABILITY":
            handler.wfile.write(b"* CAPABILITY IMAP4rev1\r\n")
        elif verb == b"SELECT":
            handler.wfile.write(b"* 3 EXISTS\r\n")
        elif verb == b"LOGOUT":
            handler.wfile.write(b"* BYE\r\n")
        handler.wfile.write(tag + b" OK done\r\n")


def ftp(data_port: int) -> Talk:
    """Say that data is to be had at another port."""

    def talk(handler: socketserver.StreamRequestHandler) -> None:
        handler.wfile.write(b"220 here\r\n")
        for line in handler.rfile:
            verb = line[:4].upper().strip()
            if verb == b"EPSV":
                handler.wfile.write(b"500 no\r\n")
            elif verb == b"PASV":
                place = f"127,0,0,1,{data_port >> 8},{data_port & 255}"
                handler.wfile.write(f"227 at ({place})\r\n".encode())
            else:
                handler.wfile.write(b"230 ok\r\n" if verb in (b"USER", b"PASS") else b"200 ok\r\n")

    return talk
