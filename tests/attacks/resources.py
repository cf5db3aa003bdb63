"""Resources: nobody takes more of the machine than was promised, and nothing that is said stops the kernel."""

import inspect
import json
import mmap
import os
import resource
import signal
import socket
import sys
import tempfile
import threading
import time
from typing import Any

from attacks.attack import Outside, Rows

RESOURCES = Rows("resources")
_MEGABYTE = 1_000_000
_TAKEN = 400 * _MEGABYTE
"""Bytes that the memory attacks take; the hostile skill may have 150 MB."""
_ON_DISK = 20 * _MEGABYTE
"""Bytes that the disk attacks take; the hostile skill may have 2 MB."""


def _hold(outside: Outside) -> None:
    """Keep what was taken for as long as it may take to be noticed; where nobody looks, for longer than the call may."""
    time.sleep(0.7 if outside.tier == "none" else 3.0)


@RESOURCES.attack("memory: one large block", bare=True)
def memory(outside: Outside) -> str | None:
    kept = b"x" * _TAKEN
    _hold(outside)
    return f"{len(kept) // _MEGABYTE} MB were kept"


@RESOURCES.attack("memory: many small blocks in many processes", bare=True)
def memory_in_processes(outside: Outside) -> str | None:
    children: list[int] = []
    for _ in range(8):
        child = os.fork()
        if child == 0:
            kept = b"x" * (_TAKEN // 8)
            _hold(outside)
            os._exit(len(kept) and 0)
        children.append(child)
    statuses = [os.waitpid(child, 0)[1] for child in children]
    return "all of them kept theirs" if not any(statuses) else None


@RESOURCES.attack("memory that is no process's: files without a name (memfd)", bare=True)
def memory_in_files(outside: Outside) -> str | None:
    kept, piece, taken = list[int](), b"x" * _MEGABYTE, 0
    for number in range(_TAKEN // _MEGABYTE):
        kept.append(os.memfd_create(f"x{number}"))
        taken += os.write(kept[-1], piece)
        if len(kept) >= 200:
            for descriptor in kept:
                taken += os.write(descriptor, piece)
            break
    _hold(outside)
    return f"{taken // _MEGABYTE} MB were kept"


@RESOURCES.attack("memory that is no process's: shared pages, touched and then let go of", bare=True)
def memory_let_go(outside: Outside) -> str | None:
    """They stay in the mapping, and are in no process's account any more."""
    kept = mmap.mmap(-1, _TAKEN)
    for start in range(0, _TAKEN, 4 * _MEGABYTE):
        end = min(start + 4 * _MEGABYTE, _TAKEN)
        kept[start:end] = b"x" * (end - start)
        kept.madvise(mmap.MADV_DONTNEED)
    _hold(outside)
    return f"{_TAKEN // _MEGABYTE} MB were kept" if kept[0] == ord("x") and kept[_TAKEN - 1] == ord("x") else None


@RESOURCES.attack("memory that is no process's: pipes and sockets filled", bare=True)
def memory_in_pipes(outside: Outside) -> str | None:
    """Linux bounds each; what counts is that many of them are not to be had."""
    taken, piece = 0, b"x" * 65_536
    kept: list[int] = []
    while len(kept) < 2000:
        try:
            ends = os.pipe()
        except OSError:
            break
        kept += ends
        os.set_blocking(ends[1], False)
        try:
            while True:
                taken += os.write(ends[1], piece)
        except OSError:
            continue
    return f"{taken // _MEGABYTE} MB in {len(kept)} descriptors" if taken > 50 * _MEGABYTE else None


@RESOURCES.attack("processes: a fork bomb of 400", off="it would be one on this machine")
def fork_bomb(outside: Outside) -> str | None:
    children: list[int] = []
    try:
        for _ in range(400):
            child = os.fork()
            if child == 0:
                time.sleep(5)
                os._exit(0)
            children.append(child)
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return f"{len(children)} processes"


@RESOURCES.attack("threads: 400 of them", bare=True)
def thread_bomb(outside: Outside) -> str | None:
    stop, started = threading.Event(), list[threading.Thread]()
    threading.stack_size(65_536)
    try:
        for _ in range(400):
            thread = threading.Thread(target=stop.wait)
            thread.start()
            started.append(thread)
        _hold(outside)
    except RuntimeError:
        return None
    finally:
        stop.set()
        threading.stack_size(0)
    return f"{len(started)} threads"


@RESOURCES.attack("processor: a loop without an end, SIGXCPU ignored", bare=True, seconds=0.5)
def spin(outside: Outside) -> str | None:
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    until = time.monotonic() + (0.7 if outside.tier == "none" else 10.0)
    while time.monotonic() < until:
        pass
    return "it ran as long as it liked"


@RESOURCES.attack("time: sleep beyond the limit, every signal ignored", bare=True, seconds=0.5)
def sleep(outside: Outside) -> str | None:
    for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    _hold(outside)
    return "it slept as long as it liked"


@RESOURCES.attack("time: it stops its own process (SIGSTOP)", off="it would stop the attack itself", seconds=0.5)
def stop_itself(outside: Outside) -> str | None:
    os.kill(os.getpid(), signal.SIGSTOP)
    return "it came back"


@RESOURCES.attack("descriptors: 5,000 of them", bare=True)
def descriptors(outside: Outside) -> str | None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 5000 <= hard or hard == resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (5000, hard))
    kept: list[int] = []
    try:
        while len(kept) < 4900:
            kept.append(os.dup(0))
    finally:
        for number in kept:
            os.close(number)
    return f"{len(kept)} descriptors"


@RESOURCES.attack("limits of its own, raised")
def raise_limits(outside: Outside) -> str | None:
    limits = (resource.RLIMIT_AS, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)
    free = [limit for limit in limits if resource.getrlimit(limit)[1] == resource.RLIM_INFINITY]
    for limit in limits:
        _, hard = resource.getrlimit(limit)
        if hard != resource.RLIM_INFINITY:
            try:
                resource.setrlimit(limit, (hard, hard + 1))
            except (OSError, ValueError):
                continue
            free.append(limit)
    return f"{len(free)} of them" if free else None


def _fill(outside: Outside, folder: str, size: int, *, keep_names: bool) -> int:
    """Fill a folder with files of 1 MB up to `size` bytes, and say how many came to be."""
    taken, piece = 0, b"x" * _MEGABYTE
    kept: list[int] = []
    for number in range(size // _MEGABYTE):
        name = f"{folder}/fill-{number}"
        kept.append(os.open(name, os.O_RDWR | os.O_CREAT))
        if not keep_names:
            os.unlink(name)
        taken += os.write(kept[-1], piece)
    _hold(outside)
    return taken


@RESOURCES.attack("disk: files in its data folder", bare=True)
def disk(outside: Outside) -> str | None:
    return f"{_fill(outside, outside.data, _ON_DISK, keep_names=True) // _MEGABYTE} MB were kept"


@RESOURCES.attack("disk: files without a name in its data folder", bare=True)
def disk_without_names(outside: Outside) -> str | None:
    return f"{_fill(outside, outside.data, _ON_DISK, keep_names=False) // _MEGABYTE} MB were kept"


@RESOURCES.attack("disk: its temporary folder", bare=True)
def temporary_folder(outside: Outside) -> str | None:
    """80 MB: more than it may have there."""
    folder = tempfile.gettempdir()
    if outside.tier == "none":
        folder = outside.data
    return f"{_fill(outside, folder, 80 * _MEGABYTE, keep_names=True) // _MEGABYTE} MB were kept"


@RESOURCES.attack("disk: one file beyond the limit", bare=True)
def one_file(outside: Outside) -> str | None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    descriptor = os.open(f"{outside.data}/large", os.O_WRONLY | os.O_CREAT)
    try:
        taken = 0
        while taken < _ON_DISK:
            taken += os.write(descriptor, b"x" * _MEGABYTE)
        return f"{taken // _MEGABYTE} MB"
    finally:
        os.ftruncate(descriptor, 0)
        os.close(descriptor)


@RESOURCES.attack("output: standard output and error, flooded", bare=True)
def flood_output(outside: Outside) -> str | None:
    sink = os.open("/dev/null", os.O_WRONLY) if outside.tier == "none" else 2
    for _ in range(50):
        os.write(sink, b"x" * 65_536)
    time.sleep(0.2)
    return "3 MB were printed"


@RESOURCES.attack("output: a result without an end", bare=True)
def large_result(outside: Outside) -> str | None:
    return "x" * 3_000_000


def _question() -> str:
    """The id of the call that this code runs for, from the frames above."""
    frame = inspect.currentframe()
    while frame is not None and "question" not in frame.f_locals:
        frame = frame.f_back
    return str(frame.f_locals["question"]) if frame is not None else "1"


def _framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def _answer(result: str, question: str | None = None) -> bytes:
    return f'{{"jsonrpc":"2.0","id":"{question or _question()}","result":{result}}}'.encode()


def _say(outside: Outside, *bodies: bytes) -> str | None:
    """Send these frames; without the wall a receiver as they are often written reads them."""
    if outside.tier == "none":
        return _naive(*bodies)
    os.write(3, b"".join(map(_framed, bodies)))
    _hold(outside)
    return "the kernel goes on with this worker"


def _naive(*bodies: bytes) -> str | None:
    """A receiver that numbers its questions and trusts `json.loads`: its next question has the number 1."""
    answers: dict[str, Any] = {}
    for body in bodies:
        try:
            message = json.loads(body)
            answers[message["id"]] = message["result"]
        except (ValueError, KeyError, RecursionError, UnicodeDecodeError) as error:
            return f"the receiver stumbles: {type(error).__name__}"
    return "it is taken for an answer" if answers else None


@RESOURCES.attack("wire: an answer to what was not asked, forged before it is asked", bare=True)
def forged_answer(outside: Outside) -> str | None:
    return _say(outside, _answer('"forged"', "2"))


@RESOURCES.attack("wire: an answer given twice", bare=True)
def answer_twice(outside: Outside) -> str | None:
    question = _question()
    return _say(outside, _answer("1", question), _answer("2", question))


@RESOURCES.attack("wire: JSON nested 25,000 deep", bare=True)
def nested(outside: Outside) -> str | None:
    return _say(outside, _answer("[" * 25_000 + "]" * 25_000))


@RESOURCES.attack("wire: NaN and Infinity", bare=True)
def not_a_number(outside: Outside) -> str | None:
    return _say(outside, _answer("NaN"))


@RESOURCES.attack("wire: invalid UTF-8", bare=True)
def not_utf8(outside: Outside) -> str | None:
    return _say(outside, b'{"jsonrpc":"2.0","id":"\xff","result":1}')


@RESOURCES.attack("wire: a number of 60,000 digits", bare=True)
def many_digits(outside: Outside) -> str | None:
    return _say(outside, _answer("9" * 60_000))


@RESOURCES.attack("wire: a key twice in a message", bare=True)
def key_twice(outside: Outside) -> str | None:
    question = _question()
    body = f'{{"jsonrpc":"2.0","id":"{question}","id":"{"0" * 32}","result":1}}'
    return _say(outside, body.encode())


@RESOURCES.attack("wire: a message of another shape, and a notification that is made up", bare=True)
def other_shape(outside: Outside) -> str | None:
    if outside.tier == "none":
        return _naive(b'{"id":"1","result":1,"method":"grant","params":{}}')
    return _say(outside, b'{"jsonrpc":"2.0","method":"grant","params":{}}')


@RESOURCES.attack("wire: a length of two gigabytes", bare=True)
def huge_length(outside: Outside) -> str | None:
    if outside.tier == "none":
        return _reads_all(b"\x7f\xff\xff\xff")
    os.write(3, b"\x7f\xff\xff\xff")
    _hold(outside)
    return "the kernel waits for it"


def _reads_all(header: bytes) -> str:
    """A receiver that believes a header."""
    return f"the receiver makes room for {int.from_bytes(header, 'big') // _MEGABYTE} MB"


@RESOURCES.attack("wire: half a frame, then silence", bare=True, seconds=0.5)
def half_a_frame(outside: Outside) -> str | None:
    if outside.tier == "none":
        ours, theirs = socket.socketpair()
        ours.settimeout(1)
        theirs.send(b"\0\0\0\x10ha")
        try:
            return "" if len(ours.recv(100)) == 20 else _waits(ours)
        finally:
            ours.close()
            theirs.close()
    os.write(3, b"\0\0\0\x10ha")
    _hold(outside)
    return "the kernel waits for it"


def _waits(sock: socket.socket) -> str | None:
    try:
        sock.recv(100)
    except TimeoutError:
        return "a receiver without a clock waits for ever"
    return None


@RESOURCES.attack("wire: progress without an end", bare=True)
def flood_progress(outside: Outside) -> str | None:
    text = "x" * 5000
    body = f'{{"jsonrpc":"2.0","method":"progress","params":{{"id":"{_question()}","text":"{text}"}}}}'
    if outside.tier == "none":
        return "2 MB are kept by a receiver that counts nothing"
    for _ in range(400):
        os.write(3, _framed(body.encode()))
    return "2 MB were taken"


@RESOURCES.attack("wire: what print() writes lands between the frames", bare=True)
def print_between(outside: Outside) -> str | None:
    if outside.tier == "none":
        return _naive(b"hello")
    print("hello", flush=True)  # noqa: T201 # the attack
    sys.stderr.write("hello")
    return None


def _knock(body: bytes, *, header: bytes | None = None) -> socket.socket:
    """Hand the kernel one end of a pair, and say something on the other."""
    import _socket
    import array

    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with socket.socket(fileno=os.dup(4)) as door:
        rights = array.array("i", [theirs.fileno()])
        door.sendmsg([b"?"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
    theirs.close()
    ours.settimeout(5)
    ours.sendall((len(body).to_bytes(4, "big") if header is None else header) + body)
    return ours


def _said(sock: socket.socket) -> dict[str, Any]:
    size = int.from_bytes(sock.recv(4), "big")
    data = b""
    while len(data) < size:
        data += sock.recv(size - len(data))
    found: dict[str, Any] = json.loads(data)
    return found


@RESOURCES.attack("door: a request for another call's id", off="the kernel's own check: there is no door without it")
def another_call(outside: Outside) -> str | None:
    request = {
        "call": "0" * 32,
        "method": "connect",
        "params": {"host": "127.0.0.1", "port": outside.tcp, "seconds": 1},
    }
    with _knock(json.dumps(request).encode()) as sock:
        return "it was served" if "result" in _said(sock) else None


@RESOURCES.attack(
    "door: what is no request, too long, of another shape", off="the kernel's own check: there is no door without it"
)
def no_request(outside: Outside) -> str | None:
    for body, header in (
        (b"garbage", None),
        (b"[" * 50_000, None),
        (b'{"call":"","method":"connect","params":{},"more":1}', None),
        (b'{"call":"","method":"no-such","params":{}}', None),
        (b"", b"\xff\xff\xff\xff"),
    ):
        with _knock(body, header=header) as sock:
            if "result" in _said(sock):
                return "it was served"
    return None


@RESOURCES.attack("door: 1,000 knocks that say nothing", off="the kernel's own check: there is no door without it")
def flood_the_door(outside: Outside) -> str | None:
    """That the neighbour is served all the while is looked at afterwards."""
    kept: list[socket.socket] = []
    for _ in range(1000):
        try:
            kept.append(_knock(b"", header=b"\0"))
        except OSError:
            for sock in kept:
                sock.close()
            kept.clear()
    time.sleep(0.5)
    return None


@RESOURCES.attack("door: descriptors that are no sockets", off="the kernel's own check: there is no door without it")
def odd_descriptors(outside: Outside) -> str | None:
    import array

    with socket.socket(fileno=os.dup(4)) as door:
        for number in (0, 3, 4, os.open(outside.data, os.O_RDONLY)):
            door.sendmsg([b"?"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [number]))])
        door.sendmsg([b"?"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * 200))])
    time.sleep(0.2)
    return None


_MISBEHAVING = "tests/core/worker/test_misbehaving_skills.py"
RESOURCES.proof(
    "disk: more names than can be counted",
    "tests/core/worker/test_ownership.py::test_more_entries_than_allowed_cannot_be_counted",
)
RESOURCES.proof("a worker that never reads", f"{_MISBEHAVING}::test_a_worker_that_never_reads_blocks_nobody_else")
RESOURCES.proof(
    "children that are left behind by a worker that dies", f"{_MISBEHAVING}::test_children_end_with_the_worker"
)
RESOURCES.proof(
    "a skill that never becomes ready", f"{_MISBEHAVING}::test_a_skill_that_never_becomes_ready_is_given_up"
)
RESOURCES.proof(
    "a pattern in a schema that takes for ever",
    "tests/core/schema/test_hostile_schemas.py::test_a_catastrophic_pattern_runs_in_linear_time",
)
RESOURCES.proof(
    "a schema whose work doubles with every level",
    "tests/core/schema/test_hostile_schemas.py::test_work_that_doubles_with_every_level_of_the_value_is_cut_short",
)
RESOURCES.proof(
    "connections without an end",
    "tests/core/services/network/test_connecting.py::test_a_skill_may_have_a_bounded_number_of_connections",
)
RESOURCES.residual(
    "more than was promised, for as long as it takes to notice",
    "memory is looked at ten times a second and the data folder once; until then up to RLIMIT_AS, and 256 files of the"
    " allowed size each, can be taken; a file in flight between two ends of a socket is not seen at all.",
)
RESOURCES.residual("the processor, while a call runs", "one call may use every core until its time is over.")
