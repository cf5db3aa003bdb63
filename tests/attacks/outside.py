"""What stands outside of the walls while attacks run: files, servers, a process with a secret in it."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from attacks.attack import MARK

_VICTIM = f"""
import ctypes, sys, time
kept = ctypes.create_string_buffer(b"{MARK}")
ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)
private = open(sys.argv[1])
print(ctypes.addressof(kept), flush=True)
time.sleep(600)
"""


@contextmanager
def everything_outside(folder: Path) -> Generator[dict[str, Any]]:
    """The fields of `Outside` that do not belong to a skill; `folder` is fresh, and everybody may enter it."""
    secret = folder / "secret"
    secret.write_text(MARK, encoding="ascii")
    secret.chmod(0o600)
    (folder / "movable").write_text(MARK, encoding="ascii")
    shared = Path("/dev/shm", folder.name)  # noqa: S108 # where programs share memory
    shared.write_text(MARK, encoding="ascii")
    name = f"attack-{os.getpid()}-{os.urandom(8).hex()}"
    listening = folder / "socket"
    with (
        socket.create_server(("127.0.0.1", 0), backlog=64) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX) as by_path,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams,
        _victim(secret) as (victim, address),
    ):
        udp.bind(("127.0.0.1", 0))
        abstract.bind("\0" + name)
        by_path.bind(str(listening))
        datagrams.bind(f"{listening}-datagram")
        for path in (listening, Path(f"{listening}-datagram")):
            path.chmod(0o777)
        for listener in (abstract, by_path):
            listener.listen(64)
        for server in (tcp, abstract, by_path):
            threading.Thread(target=_accept, args=(server,), daemon=True).start()
        threading.Thread(target=_echo, args=(udp,), daemon=True).start()
        inherited = [os.open(path, os.O_RDONLY) for path in (secret, folder)]
        for descriptor in inherited:
            os.set_inheritable(descriptor, True)
        try:
            yield {
                "secret": str(secret),
                "folder": str(folder),
                "victim": victim,
                "victim_address": address,
                "kernel": os.getpid(),
                "tcp": tcp.getsockname()[1],
                "udp": udp.getsockname()[1],
                "abstract": name,
                "listening": str(listening),
            }
        finally:
            for descriptor in inherited:
                os.close(descriptor)
            shared.unlink(missing_ok=True)
            for server in (tcp, abstract, by_path):
                with suppress(OSError):
                    server.shutdown(socket.SHUT_RDWR)


@contextmanager
def _victim(secret: Path) -> Generator[tuple[int, int]]:
    command = [sys.executable, "-I", "-S", "-c", _VICTIM, str(secret)]
    with subprocess.Popen(command, env={"SECRET": MARK}, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.pid, int(process.stdout.readline())
        finally:
            process.kill()


def _accept(server: socket.socket) -> None:
    kept: list[socket.socket] = []
    with suppress(OSError):
        while True:
            kept.append(server.accept()[0])


def _echo(server: socket.socket) -> None:
    with suppress(OSError):
        while True:
            data, sender = server.recvfrom(100)
            server.sendto(data, sender)
