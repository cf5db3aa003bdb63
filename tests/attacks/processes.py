"""Processes: nobody outside is read, signalled, slowed or outlived, and no right is gained."""

import ctypes
import os
import signal
import socket
import struct
import sys
import threading
import time
from pathlib import Path

from attacks.attack import MARK, Outside, Rows, survivor_name
from attacks.raw import by_any_child, call, text
from skillkernel.worker.inside.system import Memory, system_call

PROCESSES = Rows("processes")
_SEIZE, _DETACH = 0x4206, 17
_NEW_USER, _NEW_NET, _NEW_PID = 0x1000_0000, 0x4000_0000, 0x2000_0000
_SO_PEERPIDFD = 77
_X32 = 0x4000_0000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_GET_SECCOMP, _GET_NO_NEW_PRIVILEGES = 21, 39


def _targets(outside: Outside) -> tuple[int, ...]:
    return outside.victim, outside.kernel, outside.neighbour


@PROCESSES.attack("ptrace")
def ptrace(outside: Outside) -> str | None:
    call("ptrace", _SEIZE, outside.victim, 0, 0)
    return "the process is traced"


@PROCESSES.attack("process_vm_readv")
def read_memory(outside: Outside) -> str | None:
    buffer = Memory(bytes(len(MARK)))
    here = Memory(struct.pack("QQ", buffer.address, buffer.size))
    there = Memory(struct.pack("QQ", outside.victim_address, buffer.size))
    return (
        "its memory was read"
        if call("process_vm_readv", outside.victim, here.address, 1, there.address, 1, 0)
        else None
    )


@PROCESSES.attack("process_vm_writev")
def write_memory(outside: Outside) -> str | None:
    same = Memory(MARK.encode())
    here = Memory(struct.pack("QQ", same.address, same.size))
    there = Memory(struct.pack("QQ", outside.victim_address, same.size))
    written = call("process_vm_writev", outside.victim, here.address, 1, there.address, 1, 0)
    return "its memory was written" if written else None


@PROCESSES.attack("pidfd_getfd: a descriptor out of another process")
def steal_a_descriptor(outside: Outside) -> str | None:
    handle = call("pidfd_open", outside.victim, 0)
    try:
        os.close(call("pidfd_getfd", handle, 0, 0))
        return "a descriptor was taken"
    finally:
        os.close(handle)


@PROCESSES.attack("the kernel's process from the socket it speaks on (SO_PEERPIDFD), then a signal to it")
def handle_of_the_kernel(outside: Outside) -> str | None:
    with socket.socket(fileno=os.dup(3)) as wire:
        handle = wire.getsockopt(socket.SOL_SOCKET, _SO_PEERPIDFD)
        wire.detach()
    try:
        signal.pidfd_send_signal(handle, 0)
        return "it may be signalled"
    finally:
        os.close(handle)


@PROCESSES.attack("kill, tgkill and rt_sigqueueinfo")
def signals(outside: Outside) -> str | None:
    done: list[str] = []
    information = Memory(struct.pack("iiiI", 0, 0, -1, 0) + bytes(112))
    for pid in _targets(outside):
        for name, arguments in (
            ("kill", (pid, 0)),
            ("tgkill", (pid, pid, 0)),
            ("tkill", (pid, 0)),
            ("rt_sigqueueinfo", (pid, 0, information.address)),
        ):
            try:
                if _is_theirs(pid):
                    call(name, *arguments)
                    done.append(name)
            except OSError:
                continue
    return ", ".join(sorted(set(done))) or None


def _is_theirs(pid: int) -> bool:
    """In a namespace of its own the number is nobody's, or its own."""
    return pid != os.getpid() and pid > 20


@PROCESSES.attack("a signal by a file's owner (F_SETOWN) and by a timer")
def signals_by_files(outside: Outside) -> str | None:
    read, write = os.pipe()
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        if libc.fcntl(read, 8, outside.victim) < 0:
            raise OSError(ctypes.get_errno(), "F_SETOWN")
        return "a descriptor signals somebody else"
    finally:
        os.close(read)
        os.close(write)


@PROCESSES.attack("a signal to everybody (kill -1)", off="it would end what runs on this machine")
def signal_everybody(outside: Outside) -> str | None:
    """With signal 0, which asks only whether there is one who may be signalled."""
    os.kill(-1, 0)
    return "there is somebody" if len(_pids()) > 3 else None


def _pids() -> list[str]:
    return [name for name in os.listdir("/proc") if name.isdigit()]


@PROCESSES.attack("priority, scheduling and limits of others")
def slow_others_down(outside: Outside) -> str | None:
    done: list[str] = []
    for pid in _targets(outside):
        if not _is_theirs(pid):
            continue
        for name, change in (
            ("priority", lambda pid=pid: os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid))),
            ("processors", lambda pid=pid: os.sched_setaffinity(pid, os.sched_getaffinity(pid))),
            ("limits", lambda pid=pid: call("prlimit64", pid, 7, 0, Memory(bytes(16)).address)),
            ("scheduling", lambda pid=pid: os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0))),
            ("input and output", lambda pid=pid: call("ioprio_set", 1, pid, 0)),
        ):
            try:
                change()
            except OSError:
                continue
            done.append(name)
    return ", ".join(sorted(set(done))) or None


@PROCESSES.attack("addresses of another process (get_robust_list, kcmp, move_pages)")
def addresses_of_others(outside: Outside) -> str | None:
    done: list[str] = []
    head, size = Memory(bytes(8)), Memory(bytes(8))
    for name, arguments in (
        ("get_robust_list", (outside.victim, head.address, size.address)),
        ("kcmp", (outside.victim, outside.victim, 0, 0, 0)),
    ):
        try:
            call(name, *arguments)
        except OSError:
            continue
        done.append(name)
    return ", ".join(done) or None


@PROCESSES.attack("processes outside, seen in /proc")
def seen(outside: Outside) -> str | None:
    others = [pid for pid in _pids() if int(pid) not in (1, os.getpid())]
    readable: list[str] = []
    for pid in others:
        try:
            if Path(f"/proc/{pid}/cmdline").read_bytes() and outside.tier != "A":
                readable.append(pid)
        except OSError:
            continue
    return f"{len(readable)} command lines" if readable else None


@PROCESSES.attack("user namespaces: unshare and clone")
def user_namespace(outside: Outside) -> str | None:
    def enter() -> str | None:
        done: list[str] = []
        for name, flag in (("user", _NEW_USER), ("network", _NEW_NET), ("processes", _NEW_PID)):
            try:
                call("unshare", flag)
            except OSError:
                continue
            done.append(name)
        return ", ".join(done) or None

    return by_any_child(enter)


@PROCESSES.attack("user namespaces: clone with CLONE_NEWUSER")
def clone_namespace(outside: Outside) -> str | None:
    child = call("clone", _NEW_USER | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return "a process in a namespace of its own"


@PROCESSES.attack("user namespaces: clone3, whose flags a filter cannot see")
def clone3_namespace(outside: Outside) -> str | None:
    arguments = Memory(struct.pack("=11Q", _NEW_USER, 0, 0, 0, signal.SIGCHLD, 0, 0, 0, 0, 0, 0))
    child = call("clone3", arguments.address, arguments.size)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return "a process in a namespace of its own"


@PROCESSES.attack("namespaces of others (setns)")
def enter_namespace(outside: Outside) -> str | None:
    def enter() -> str | None:
        handle = call("pidfd_open", outside.victim, 0)
        call("setns", handle, _NEW_NET)
        return "it is in another's network"

    return by_any_child(enter)


@PROCESSES.attack("io_uring: calls that no filter sees")
def io_uring(outside: Outside) -> str | None:
    parameters = Memory(bytes(120))
    os.close(call("io_uring_setup", 4, parameters.address))
    return "it can be set up"


@PROCESSES.attack("userfaultfd, perf_event_open, memfd_secret, personality")
def tools_of_exploits(outside: Outside) -> str | None:
    done: list[str] = []
    attributes = Memory(struct.pack("=II", 1, 128) + bytes(120))
    for name, arguments in (
        ("userfaultfd", (1,)),
        ("perf_event_open", (attributes.address, 0, -1, -1, 0)),
        ("memfd_secret", (0,)),
        ("personality", (0xFFFF_FFFF,)),
    ):
        try:
            call(name, *arguments)
        except OSError:
            continue
        done.append(name)
    return ", ".join(done) or None


@PROCESSES.attack("bpf")
def bpf(outside: Outside) -> str | None:
    attributes = Memory(struct.pack("=IIII", 2, 4, 8, 1) + bytes(112))
    os.close(call("bpf", 0, attributes.address, attributes.size))
    return "a map was made"


@PROCESSES.attack("keyrings (keyctl, add_key, request_key)")
def keyrings(outside: Outside) -> str | None:
    kind, name, value = text("user"), text("skillkernel-attack"), Memory(b"x")
    key = call("add_key", kind.address, name.address, value.address, value.size, -2 & 0xFFFF_FFFF)
    call("keyctl", 3, key)  # revoke
    return "a key that others see"


@PROCESSES.attack("SysV and POSIX message queues, shared memory, semaphores")
def old_queues(outside: Outside) -> str | None:
    done: list[str] = []
    for name, remove, arguments in (
        ("shmget", "shmctl", (0x5EC1, 4096, 0o1600)),
        ("msgget", "msgctl", (0x5EC1, 0o1600)),
        ("semget", "semctl", (0x5EC1, 1, 0o1600)),
    ):
        try:
            found = call(name, *arguments)
            call(remove, found, 0, 0)
        except OSError:
            continue
        done.append(name)
    return ", ".join(done) or None


@PROCESSES.attack("another entry of the system: x32", off="this Linux may be built without it")
def x32(outside: Outside) -> str | None:
    if sys.maxsize < 2**32 or os.uname().machine != "x86_64":
        return None
    system_call(_X32 | 41, socket.AF_INET, socket.SOCK_STREAM, 0)
    return "a call of x32 was made"


_INT80 = bytes.fromhex("53 b8 14 00 00 00 cd 80 5b c3")
"""push rbx; mov eax, 20 (getpid of i386); int 0x80; pop rbx; ret"""


@PROCESSES.attack("another entry of the system: i386 by int 0x80")
def int80(outside: Outside) -> str | None:
    if os.uname().machine != "x86_64":
        return None
    import mmap

    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(_INT80)
    pid = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
    return "a call of i386 was made" if pid == os.getpid() else None


@PROCESSES.attack("a program of the host, executed")
def execute(outside: Outside) -> str | None:
    for path in ("/bin/true", "/usr/bin/true", "/bin/sh", sys.executable):
        try:
            child = os.posix_spawn(path, [path, "-c", ""], {})
        except OSError:
            continue
        os.waitpid(child, 0)
        return f"{Path(path).name} ran"
    return None


@PROCESSES.attack("a program through the dynamic linker")
def by_the_linker(outside: Outside) -> str | None:
    for linker in ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"):
        for program in ("/bin/true", "/usr/bin/true", sys.executable):
            try:
                child = os.posix_spawn(linker, [linker, program, "-c", ""], {})
            except OSError:
                continue
            if os.waitpid(child, 0)[1] == 0:
                return "it ran"
    return None


@PROCESSES.attack("a program of its own: memfd and execveat")
def from_memory(outside: Outside) -> str | None:
    descriptor = os.memfd_create("x", 0)
    os.write(descriptor, _program())
    empty = text("")
    nothing = Memory(struct.pack("Q", 0))

    def run() -> str | None:
        code = call("execveat", descriptor, empty.address, nothing.address, nothing.address, 0x1000)
        return f"it came back: {code}"

    return "it ran" if by_any_child(run) is None else None


@PROCESSES.attack("a program of its own, written to its data folder")
def from_its_folder(outside: Outside) -> str | None:
    path = Path(outside.data, "program")
    path.write_bytes(_program())
    os.chmod(path, 0o755)  # noqa: S103 # it is to be executed

    def run() -> str | None:
        os.execv(path, [str(path)])  # noqa: S606 # the attack

    return "it ran" if by_any_child(run) is None else None


def _program() -> bytes:
    """What ends at once with status 0, whatever the architecture: a program of this machine."""
    for path in ("/bin/true", "/usr/bin/true", os.path.realpath(sys.executable)):
        try:
            return Path(path).read_bytes()
        except OSError:
            continue
    raise FileNotFoundError("no program to copy")


@PROCESSES.attack("user 0, groups and capabilities")
def become_root(outside: Outside) -> str | None:
    header, held = Memory(struct.pack("=Ii", 0x2008_0522, 0)), Memory(bytes(24))
    call("capget", header.address, held.address)
    if any(ctypes.string_at(held.address, 24)):
        return "it has capabilities"

    def become() -> str | None:
        os.setuid(0)
        return "it is user 0"

    return by_any_child(become)


@PROCESSES.attack("privileges by a setuid program (no_new_privs)")
def gain_privileges(outside: Outside) -> str | None:
    return None if call("prctl", _GET_NO_NEW_PRIVILEGES, 0, 0, 0, 0) else "they can be gained"


@PROCESSES.attack("a thread that was started before the walls, and one after")
def threads(outside: Outside) -> str | None:
    found: list[str] = []
    if len(os.listdir("/proc/self/task")) > 40:
        return "too many threads"

    def look() -> None:
        try:
            with open(outside.secret) as file:
                found.append(file.read())
        except OSError:
            return

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    return "a thread is free" if found else None


@PROCESSES.attack("a process that outlives its worker: double fork and setsid", aftermath="survivor")
def survive(outside: Outside) -> str | None:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.environ.clear()
            for signum in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
                signal.signal(signum, signal.SIG_IGN)
            ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
            ctypes.CDLL(None).prctl(15, survivor_name(outside.kernel).encode(), 0, 0, 0)
            for number in range(256):
                try:
                    os.close(number)
                except OSError:
                    continue
            time.sleep(30)
        os._exit(0)
    time.sleep(0.1)
    os._exit(0)


@PROCESSES.attack("the death signal taken back (PR_SET_PDEATHSIG)")
def keep_living(outside: Outside) -> str | None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(1, 0, 0, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if outside.tier == "A":
        return None
    return "it does not end with the kernel any more"


@PROCESSES.attack(
    "letters typed into the person's terminal (TIOCSTI, TIOCLINUX)", off="it would type into this terminal"
)
def type_into_the_terminal(outside: Outside) -> str | None:
    import errno
    import fcntl

    held = 0
    for command in (_TIOCSTI, _TIOCLINUX):
        try:
            fcntl.ioctl(0, command, b"\n")
        except OSError as error:
            held += error.errno == errno.EPERM
    return None if held == 2 else "the command is not refused"


@PROCESSES.attack("the person's terminal itself (/dev/tty)", off="tests have no terminal")
def open_the_terminal(outside: Outside) -> str | None:
    os.close(os.open("/dev/tty", os.O_RDWR))
    return "it can be opened"


@PROCESSES.attack("the filter and Landlock, put on once more or taken off")
def own_filter(outside: Outside) -> str | None:
    """Harmless in itself; refused since it has been of use in exploits."""

    def relax() -> str | None:
        if call("seccomp", 0x7FFF, 0, 0) >= 0:
            return "it can be changed"
        return None

    return by_any_child(relax) if call("prctl", _GET_SECCOMP, 0, 0, 0, 0) else "there is no filter"


@PROCESSES.attack(
    "the machine: reboot, modules, kexec, swap, clocks, host name, accounting", off="it would change this machine"
)
def the_machine(outside: Outside) -> str | None:
    import errno

    tried = (
        ("reboot", (0, 0, 0, 0)),
        ("init_module", (0, 0, 0)),
        ("finit_module", (-1, 0, 0)),
        ("kexec_load", (0, 0, 0, 0)),
        ("swapoff", (0,)),
        ("settimeofday", (0, 0)),
        ("clock_settime", (99, 0)),
        ("sethostname", (0, 0)),
        ("acct", (1,)),
        ("syslog", (10, 0, 0)),
        ("iopl", (3,)),
        ("quotactl", (0, 0, 0, 0)),
    )
    free: list[str] = []
    for name, arguments in tried:
        try:
            call(name, *arguments)
        except OSError as error:
            if error.errno in (errno.EPERM, errno.ENOSYS):
                continue
        free.append(name)
    return f"{', '.join(free)} can be asked for" if free else None


@PROCESSES.attack("a call of a Linux that is not out yet")
def unknown_calls(outside: Outside) -> str | None:
    """An allow-list says of each that it does not exist; without one, Linux knows some of these."""
    import errno

    free: list[int] = []
    for number in (*range(450, 468), 600):
        try:
            system_call(number, -1, 0, 0, 0, 0)
        except OSError as error:
            if error.errno == errno.ENOSYS:
                continue
        free.append(number)
    return f"{len(free)} of them" if free else None


PROCESSES.proof(
    "the kernel's death", "tests/core/worker/test_kernel_death.py::test_a_worker_and_its_children_end_with_the_kernel"
)
PROCESSES.proof(
    "a thread that was there before the walls",
    "tests/core/worker/test_confine.py::test_a_thread_that_was_there_before_stops_it",
)
PROCESSES.proof(
    "the filter's program, number by number",
    "tests/core/worker/test_seccomp.py::test_every_instruction_is_reached_and_every_call_meets_its_own_rule",
)
_PROGRAMS = "tests/core/services/test_programs_attacks.py"
for _name, _test in (
    (
        "a program of a skill's own making, asked of the kernel",
        f"{_PROGRAMS}::test_a_program_in_a_place_that_a_skill_may_write_is_not_run",
    ),
    ("a program exchanged after it was checked", f"{_PROGRAMS}::test_a_program_is_what_was_checked_or_does_not_start"),
    ("a granted program that starts another one", f"{_PROGRAMS}::test_no_other_program_can_be_executed"),
    ("a shell in an argument", f"{_PROGRAMS}::test_an_argument_is_one_argument_and_no_shell_reads_it"),
    ("a granted program that writes outside", f"{_PROGRAMS}::test_nothing_outside_its_data_can_be_written"),
    ("a granted program that goes on after its call", f"{_PROGRAMS}::test_a_call_that_ends_takes_its_program_along"),
):
    PROCESSES.proof(_name, _test)
PROCESSES.residual(
    "a flaw of Linux itself behind an allowed system call",
    "the filter makes the surface small, it cannot make it vanish; keep Linux up to date.",
)
PROCESSES.residual(
    "that a process number exists (getpgid, /proc/PID by stat) in Tier B",
    "Tier B has no namespace for processes; nothing of such a process can be read, signalled or changed.",
)
