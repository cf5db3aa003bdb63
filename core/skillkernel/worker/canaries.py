"""Runs inside the walls for `skill doctor`: tries what no skill may do, and prints what became of it as JSON.

A canary that gets through returns a text that says what it could do; one that is held returns nothing or fails.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

_EXPECTED_ENVIRONMENT = {"HOME", "TMPDIR", "LANG", "PWD", "LC_CTYPE"}
_STANDARD_DESCRIPTORS = {"0", "1", "2"}


def read_the_environment(secret: Path, port: int) -> str | None:
    """Variables of the kernel's process."""
    return ", ".join(sorted(set(os.environ) - _EXPECTED_ENVIRONMENT))


def read_the_first_environment(secret: Path, port: int) -> str | None:
    """The environment of the process that built the walls."""
    return "it is readable and not empty" if Path("/proc/1/environ").read_bytes() else None


def use_an_open_file(secret: Path, port: int) -> str | None:
    """Descriptors that were open in the kernel's process."""
    folder = Path("/proc/self/fd")
    return ", ".join(str(entry.readlink()) for entry in folder.iterdir() if entry.name not in _STANDARD_DESCRIPTORS)


def read_a_private_file(secret: Path, port: int) -> str | None:
    """A file of the person who runs the kernel."""
    return secret.read_text()


def write_the_core_pattern(secret: Path, port: int) -> str | None:
    """The way from container root to host root."""
    os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))
    return "it can be opened for writing"


def write_outside(secret: Path, port: int) -> str | None:
    """The root folder."""
    os.close(os.open("/canary", os.O_WRONLY | os.O_CREAT))
    os.unlink("/canary")  # noqa: PTH108 # what was opened
    return "the root folder is writable"


def connect(secret: Path, port: int) -> str | None:
    """A server on this machine."""
    with socket.create_connection(("127.0.0.1", port), timeout=2):
        return "it answered"


def become_root(secret: Path, port: int) -> str | None:
    """User 0."""
    os.setuid(0)
    return "it is user 0 now"


def run_a_shell(secret: Path, port: int) -> str | None:
    """A program of the host."""
    subprocess.run(["/bin/sh", "-c", "true"], check=True)
    return "it ran"


def see_other_processes(secret: Path, port: int) -> str | None:
    """Processes outside."""
    seen = [entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return f"it sees {len(seen)}" if len(seen) > 3 else None


CANARIES: tuple[Callable[[Path, int], str | None], ...] = (
    read_the_environment,
    read_the_first_environment,
    use_an_open_file,
    read_a_private_file,
    write_the_core_pattern,
    write_outside,
    connect,
    become_root,
    run_a_shell,
    see_other_processes,
)


def main() -> None:
    """Try each with the private file and the port of the command line."""
    secret, port = Path(sys.argv[1]), int(sys.argv[2])
    print(json.dumps({canary.__name__.replace("_", " "): _escape(canary, secret, port) for canary in CANARIES}))  # noqa: T201 # the answer


def _escape(canary: Callable[[Path, int], str | None], secret: Path, port: int) -> str:
    try:
        return canary(secret, port) or ""
    except (OSError, subprocess.SubprocessError):
        return ""


if __name__ == "__main__":
    main()
