"""Runs inside the walls for `skill doctor`: tries what no skill may do, and prints what became of it as JSON.

A canary that gets through returns a text that says what it could do; one that is held returns nothing or fails. None
does harm where it gets through: it opens and closes, or asks for what is there already.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from errno import ENOSYS, EPERM
from fcntl import ioctl
from pathlib import Path
from typing import NamedTuple

from skillkernel.worker.inside.system import Memory, system_call
from skillkernel.worker.seccomp import this_architecture
from skillkernel.worker.syscalls import numbers

_EXPECTED_ENVIRONMENT = {"HOME", "TMPDIR", "LANG", "PWD", "LC_CTYPE"}
_MOST_DESCRIPTORS = 256
_MPTCP = 262
_PTRACE_SEIZE = 0x4206
_TIOCSTI = 0x5412
_CLONE_NEWUSER = 0x1000_0000
_FIRST_ORDINARY_PID = 100


class Outside(NamedTuple):
    """What there is to reach: a private file, a TCP port, an abstract name and a path that listen, a process."""

    secret: Path
    port: int
    abstract: str
    listening: str
    process: int
    tier: str


Canary = Callable[[Outside], str | None]


def read_the_environment(outside: Outside) -> str | None:
    """Variables of the kernel's process."""
    return ", ".join(sorted(set(os.environ) - _EXPECTED_ENVIRONMENT))


def read_the_first_environment(outside: Outside) -> str | None:
    """The environment of the process that built the walls."""
    return "it is readable and not empty" if Path("/proc/1/environ").read_bytes() else None


def use_an_open_file(outside: Outside) -> str | None:
    """Descriptors that were open in the kernel's process."""
    return ", ".join(str(number) for number in range(3, _MOST_DESCRIPTORS) if _is_open(number))


def read_a_private_file(outside: Outside) -> str | None:
    """A file of the person who runs the kernel."""
    return outside.secret.read_text()


def change_a_private_file(outside: Outside) -> str | None:
    """Its mode: Landlock does not see that."""
    mode = outside.secret.stat().st_mode & 0o777
    outside.secret.chmod(0o400)
    changed = outside.secret.stat().st_mode & 0o777 != mode
    outside.secret.chmod(mode)
    return "its mode can be changed" if changed else None


def write_the_core_pattern(outside: Outside) -> str | None:
    """The way from container root to host root."""
    os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))
    return "it can be opened for writing"


def write_outside(outside: Outside) -> str | None:
    """The folder of that file, and the root folder."""
    for path in (outside.secret.with_name("canary"), Path("/canary")):
        try:
            path.touch(exist_ok=False)
        except OSError:
            continue
        path.unlink()
        return f"{path.parent} is writable"
    return None


def connect(outside: Outside) -> str | None:
    """A server on this machine."""
    with socket.create_connection(("127.0.0.1", outside.port), timeout=2):
        return "it answered"


def connect_by_the_first_packet(outside: Outside) -> str | None:
    """TCP fast open connects without connect()."""
    with socket.socket() as sock:
        return f"{sock.sendto(b'canary', socket.MSG_FASTOPEN, ('127.0.0.1', outside.port))} bytes were taken"


def connect_by_multipath(outside: Outside) -> str | None:
    """MPTCP is TCP by another number."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, _MPTCP) as sock:
        sock.connect(("127.0.0.1", outside.port))
        return "it answered"


def open_a_socket(outside: Outside) -> str | None:
    """Of any kind: nothing can be asked of what cannot be had."""
    kinds = {
        "TCP": (socket.AF_INET, socket.SOCK_STREAM),
        "UDP": (socket.AF_INET, socket.SOCK_DGRAM),
        "TCP over IPv6": (socket.AF_INET6, socket.SOCK_STREAM),
        "raw": (socket.AF_INET, socket.SOCK_RAW),
        "unix": (socket.AF_UNIX, socket.SOCK_STREAM),
        "netlink": (socket.AF_NETLINK, socket.SOCK_RAW),
        "packet": (socket.AF_PACKET, socket.SOCK_RAW),
        "vsock": (socket.AF_VSOCK, socket.SOCK_STREAM),
    }
    return ", ".join(name for name, kind in kinds.items() if _can_open(*kind))


def reach_an_abstract_socket(outside: Outside) -> str | None:
    """A name that belongs to a network and not to a file system."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect("\0" + outside.abstract)
        return "it answered"


def reach_a_socket_by_path(outside: Outside) -> str | None:
    """A service such as D-Bus or Docker."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(outside.listening)
        return "it answered"


def aim_a_datagram(outside: Outside) -> str | None:
    """A pair of datagram sockets may be sent from to any other."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        return "such a pair can be had"


def become_root(outside: Outside) -> str | None:
    """User 0."""
    os.setuid(0)
    return "it is user 0 now"


def make_a_user_namespace(outside: Outside) -> str | None:
    """In which it would have every capability."""
    _call("unshare", _CLONE_NEWUSER)
    return "it is root in a namespace of its own"


def run_a_shell(outside: Outside) -> str | None:
    """A program of the host."""
    subprocess.run(["/bin/sh", "-c", "true"], check=True)
    return "it ran"


def execute_anything(outside: Outside) -> str | None:
    """What is in memory or not there: the answer tells whether the filter lets it be tried."""
    name = Memory(b"/canary\0")
    for call in ("execve", "execveat"):
        arguments = (name.address, 0, 0) if call == "execve" else (0, name.address, 0, 0, 0)
        if not _is_refused(call, *arguments):
            return f"{call} may be called"
    return None


def see_other_processes(outside: Outside) -> str | None:
    """Processes outside."""
    seen = [entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return f"it sees {len(seen)}" if len(seen) > 3 else None


def signal_the_kernel(outside: Outside) -> str | None:
    """The process that started it; inside a namespace its number is nobody's."""
    if outside.process < _FIRST_ORDINARY_PID:
        return None
    os.kill(outside.process, 0)
    return "it may be signalled"


def slow_the_kernel_down(outside: Outside) -> str | None:
    """Its priority, which no namespace of users and no Landlock guards."""
    if outside.process < _FIRST_ORDINARY_PID:
        return None
    os.setpriority(os.PRIO_PROCESS, outside.process, os.getpriority(os.PRIO_PROCESS, outside.process))
    return "its priority may be set"


def trace_the_kernel(outside: Outside) -> str | None:
    """Read and change it as a debugger does; seizing does not stop it."""
    _call("ptrace", _PTRACE_SEIZE, outside.process, 0, 0)
    return "it is traced"


def type_into_the_terminal(outside: Outside) -> str | None:
    """Push a character into the input of the person's shell."""
    try:
        ioctl(0, _TIOCSTI, b"\n")
    except OSError as error:
        return None if error.errno == EPERM else "the command is not refused by the filter"
    return "a character was typed"


def leave_a_process_behind(outside: Outside) -> str | None:
    """Where nothing ends all processes of a skill at once, it may have one only."""
    if outside.tier == "A":
        return None
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return "it can start processes"


def make_rare_system_calls(outside: Outside) -> str | None:
    """What no skill needs and attacks have used, with arguments that do nothing."""
    return ", ".join(name for name in _RARE if name in numbers(this_architecture()) and not _is_refused(name))


_RARE = (
    *("setns", "mount", "pivot_root", "move_mount", "open_tree", "fsopen", "open_by_handle_at", "name_to_handle_at"),
    *("process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp", "io_uring_setup", "io_uring_enter", "io_setup"),
    *("bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "memfd_secret", "fanotify_init"),
    *("init_module", "finit_module", "kexec_load", "syslog", "personality", "shmget", "msgget", "semget", "mq_open"),
    *("ioperm", "iopl", "modify_ldt", "clone3", "remap_file_pages", "move_pages", "swapoff", "quotactl", "acct"),
)

CANARIES: tuple[Canary, ...] = (
    read_the_environment,
    read_the_first_environment,
    use_an_open_file,
    read_a_private_file,
    change_a_private_file,
    write_the_core_pattern,
    write_outside,
    connect,
    connect_by_the_first_packet,
    connect_by_multipath,
    open_a_socket,
    reach_an_abstract_socket,
    reach_a_socket_by_path,
    aim_a_datagram,
    become_root,
    run_a_shell,
    execute_anything,
    see_other_processes,
    signal_the_kernel,
    slow_the_kernel_down,
    trace_the_kernel,
    type_into_the_terminal,
    leave_a_process_behind,
    make_rare_system_calls,
    make_a_user_namespace,
)
"""In this order; the last changes what the process is."""


def main() -> None:
    """Try each with what is outside, as JSON on the command line."""
    said = json.loads(sys.argv[1])
    outside = Outside(Path(said.pop("secret")), **said)
    print(json.dumps({canary.__name__.replace("_", " "): _escape(canary, outside) for canary in CANARIES}))  # noqa: T201 # the answer


def _escape(canary: Canary, outside: Outside) -> str:
    try:
        return canary(outside) or ""
    except (OSError, subprocess.SubprocessError):
        return ""


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _can_open(family: int, kind: int) -> bool:
    try:
        socket.socket(family, kind).close()
    except OSError:
        return False
    return True


def _call(name: str, *arguments: int) -> int:
    return system_call(numbers(this_architecture())[name], *arguments)


def _is_refused(name: str, *arguments: int) -> bool:
    try:
        _call(name, *arguments)
    except OSError as error:
        return error.errno in (EPERM, ENOSYS)
    return False


if __name__ == "__main__":
    main()
