"""A TCP server on loopback that sends back what it gets."""

import socket
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager


@contextmanager
def full_listener() -> Generator[int]:
    """A port of loopback whose queue is full: a connection there is neither made nor refused."""
    with socket.socket() as listener, ExitStack() as queue:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(8):
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])


@contextmanager
def echo_server(address: str = "127.0.0.1") -> Generator[int]:
    """Serve as long as the block runs; its value is the port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.create_server((address, 0), family=family)
    ends: list[socket.socket] = []

    def serve(end: socket.socket) -> None:
        try:
            while data := end.recv(65_536):
                end.sendall(data)
        except OSError:
            return  # the test is over, or the other side went away
        finally:
            end.close()

    def accept() -> None:
        while True:
            try:
                end, _ = listener.accept()
            except OSError:
                return
            ends.append(end)
            threading.Thread(target=serve, args=(end,), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join()
        listener.close()
        for end in ends:
            if end.fileno() >= 0:
                end.close()
