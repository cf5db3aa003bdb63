"""The system calls that Python has no function for, and sockets without the SDK's help, as hostile code makes them."""

import os
from collections.abc import Callable

from skillkernel.worker.inside.system import Memory, system_call
from skillkernel.worker.seccomp import this_architecture
from skillkernel.worker.syscalls import numbers

AT_FDCWD = -100


def call(name: str, *arguments: int) -> int:
    """Make a system call by its name; raise `OSError`."""
    return system_call(numbers(this_architecture())[name], *arguments)


def text(value: str) -> Memory:
    """A C string."""
    return Memory(value.encode() + b"\0")


def by_any_child(body: Callable[[], str | None]) -> str | None:
    """Run `body` in a process of its own where one can be had, since it changes what the process is; else here.

    Returns what it returned; an `OSError` of it is raised again.
    """
    read, write = os.pipe()  # another program that is executed closes it without a word
    try:
        child = os.fork()
    except OSError:
        return body()
    if child == 0:
        try:
            said = "ok:" + (body() or "")
        except OSError as error:
            said = f"{error.errno}:"
        except BaseException as error:  # noqa: BLE001 # it has to be told, whatever it is
            said = f"ok:{error!r}"
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    said = os.read(read, 65_536).decode() or "ok:"
    os.close(read)
    os.waitpid(child, 0)
    code, _, what = said.partition(":")
    if code == "ok":
        return what or None
    raise OSError(int(code or 0), os.strerror(int(code or 0)))
