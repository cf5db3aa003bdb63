"""Network: nothing leaves but by a connection that the kernel made, to where it was granted, and stays what it was."""

import _socket
import ctypes
import errno
import os
import socket
import struct
from collections.abc import Generator
from contextlib import contextmanager

from attacks.attack import Outside, Rows
from skillkernel.worker.inside.ask import ask_kernel

NETWORK = Rows("network")
_MPTCP, _SCTP = 262, 132
_FASTOPEN = 0x2000_0000


@contextmanager
def _plain(family: int, kind: int, protocol: int = 0) -> Generator[_socket.socket]:
    """A socket of the operating system's, not of the SDK's."""
    sock = _socket.socket(family, kind, protocol)
    sock.settimeout(1)
    try:
        yield sock
    finally:
        sock.close()


@NETWORK.attack("TCP to a server of this machine")
def tcp(outside: Outside) -> str | None:
    with _plain(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.connect(("127.0.0.1", outside.tcp))
        return "it answered"


@NETWORK.attack("TCP over IPv6 and IPv4 mapped into it")
def tcp6(outside: Outside) -> str | None:
    with _plain(socket.AF_INET6, socket.SOCK_STREAM) as sock:
        sock.connect(("::ffff:127.0.0.1", outside.tcp, 0, 0))
        return "it answered"


@NETWORK.attack("TCP by its first packet (MSG_FASTOPEN)")
def fast_open(outside: Outside) -> str | None:
    with _plain(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.setblocking(True)  # else it says only that it is under way
        return f"{sock.sendto(b'x', _FASTOPEN, ('127.0.0.1', outside.tcp))} bytes were taken"


@NETWORK.attack("TCP by TCP_FASTOPEN_CONNECT")
def fast_open_connect(outside: Outside) -> str | None:
    with _plain(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, 30, 1)
        sock.connect(("127.0.0.1", outside.tcp))
        return f"{sock.send(b'x')} bytes were taken"


@NETWORK.attack("TCP by another number (MPTCP)")
def multipath(outside: Outside) -> str | None:
    with _plain(socket.AF_INET, socket.SOCK_STREAM, _MPTCP) as sock:
        sock.connect(("127.0.0.1", outside.tcp))
        return "it answered"


@NETWORK.attack("UDP, and so DNS")
def udp(outside: Outside) -> str | None:
    with _plain(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"question", ("127.0.0.1", outside.udp))
        return "it answered" if sock.recv(100) else None


@NETWORK.attack("a name, looked up by the C library")
def look_up(outside: Outside) -> str | None:
    """Data can leave in the name of a host; a lookup needs a socket."""
    found = _socket.getaddrinfo("localhost", 80, _socket.AF_INET, _socket.SOCK_STREAM)
    with _plain(socket.AF_INET, socket.SOCK_DGRAM):
        return "names can be looked up" if found else None


@NETWORK.attack("ICMP and raw sockets")
def raw(outside: Outside) -> str | None:
    opened: list[str] = []
    for name, family, kind, protocol in (
        ("raw", socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW),
        ("ICMP", socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
        ("ping", socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP),
        ("raw IPv6", socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW),
    ):
        try:
            _socket.socket(family, kind, protocol).close()
        except OSError:
            continue
        opened.append(name)
    return ", ".join(opened) or None


@NETWORK.attack("SCTP, UDP-Lite, DCCP", off="this Linux may be built without them")
def rare_protocols(outside: Outside) -> str | None:
    opened: list[str] = []
    for name, kind, protocol in (
        ("SCTP", socket.SOCK_STREAM, _SCTP),
        ("SCTP by messages", socket.SOCK_SEQPACKET, _SCTP),
        ("UDP-Lite", socket.SOCK_DGRAM, 136),
        ("DCCP", 6, 33),
    ):
        try:
            _socket.socket(socket.AF_INET, kind, protocol).close()
        except OSError:
            continue
        opened.append(name)
    return ", ".join(opened) or None


@NETWORK.attack("netlink")
def netlink(outside: Outside) -> str | None:
    with _plain(socket.AF_NETLINK, socket.SOCK_RAW):
        return "one was opened"


@NETWORK.attack("packet sockets")
def packet(outside: Outside) -> str | None:
    with _plain(socket.AF_PACKET, socket.SOCK_RAW):
        return "one was opened"


@NETWORK.attack("every other family: vsock, CAN, Bluetooth, the kernel's ciphers, XDP …")
def every_family(outside: Outside) -> str | None:
    opened: list[int] = []
    for family in range(1, 48):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                _socket.socket(family, kind).close()
            except OSError:
                continue
            opened.append(family)
    return f"families {sorted(set(opened))}" if opened else None


@NETWORK.attack("an abstract unix socket")
def abstract(outside: Outside) -> str | None:
    with _plain(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.connect("\0" + outside.abstract)
        return "it answered"


@NETWORK.attack("a unix socket by its path: docker.sock, ssh-agent, D-Bus")
def by_path(outside: Outside) -> str | None:
    with _plain(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.connect(outside.listening)
        return "it answered"


@NETWORK.attack("a datagram of a socket pair, aimed elsewhere")
def aimed(outside: Outside) -> str | None:
    one, other = _socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        one.sendto(b"x", outside.listening + "-datagram")
        return "it was taken"
    finally:
        one.close()
        other.close()


@NETWORK.attack("a server of its own: bind, listen, accept")
def serve(outside: Outside) -> str | None:
    with _plain(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        return "it listens"


@NETWORK.attack("a socket pair turned into something else: connect, bind, listen")
def turned(outside: Outside) -> str | None:
    done: list[str] = []
    for name in ("bind", "listen", "connect"):
        one, other = _socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            if name == "bind":
                one.bind("\0attack-" + os.urandom(4).hex())
            elif name == "listen":
                one.listen()
            else:
                one.connect("\0" + outside.abstract)
        except OSError:
            continue
        finally:
            one.close()
            other.close()
        done.append(name)
    return ", ".join(done) or None


def _granted(outside: Outside) -> _socket.socket:
    """The connection that was granted: through the kernel, or without walls as anybody makes it."""
    if outside.tier == "none":
        sock = _socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.settimeout(2)
        sock.connect(("127.0.0.1", outside.tcp))
        return sock
    try:
        _, descriptor = ask_kernel("connect", {"host": "127.0.0.1", "port": outside.tcp, "seconds": 2})
    except OSError as error:
        raise RuntimeError("the granted connection was refused, so nothing can be said of it") from error
    if descriptor is None:
        raise RuntimeError("the granted connection was not made")
    return _socket.socket(fileno=descriptor)


@NETWORK.attack("a granted connection, turned elsewhere: connect(AF_UNSPEC), then another address")
def reconnect(outside: Outside) -> str | None:
    sock = _granted(outside)
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        nowhere = struct.pack("=H14x", socket.AF_UNSPEC)
        if libc.connect(sock.fileno(), nowhere, len(nowhere)) < 0:
            raise OSError(ctypes.get_errno(), "connect(AF_UNSPEC)")
        sock.connect(("127.0.0.1", outside.tcp))
        return "it leads elsewhere"
    finally:
        sock.close()


@NETWORK.attack("a granted connection, made a server: shut down, then listen")
def relisten(outside: Outside) -> str | None:
    sock = _granted(outside)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        nowhere = struct.pack("=H14x", socket.AF_UNSPEC)
        libc.connect(sock.fileno(), nowhere, len(nowhere))
        sock.listen()
        return "it listens"
    finally:
        sock.close()


@NETWORK.attack("a granted connection, sent elsewhere by an address in sendto and sendmsg")
def send_elsewhere(outside: Outside) -> str | None:
    sock = _granted(outside)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        nowhere = struct.pack("=H14x", socket.AF_UNSPEC)
        libc.connect(sock.fileno(), nowhere, len(nowhere))
        sock.setblocking(True)
        return "it was sent" if sock.sendto(b"x", _FASTOPEN, ("127.0.0.1", outside.tcp)) else None
    finally:
        sock.close()


@NETWORK.attack(
    "options of a granted connection: SO_BINDTODEVICE, SO_MARK, TCP_ULP, TCP_REPAIR, IP_TRANSPARENT, filters"
)
def options(outside: Outside) -> str | None:
    sock, done = _granted(outside), list[str]()
    for name, level, option, value in (
        ("SO_BINDTODEVICE", socket.SOL_SOCKET, 25, b"lo\0"),
        ("SO_MARK", socket.SOL_SOCKET, 36, struct.pack("i", 1)),
        ("SO_PRIORITY", socket.SOL_SOCKET, 12, struct.pack("i", 1)),
        ("SO_ATTACH_FILTER", socket.SOL_SOCKET, 26, struct.pack("HxxxxxxQ", 0, 0)),
        ("TCP_ULP", socket.IPPROTO_TCP, 31, b"tls"),
        ("TCP_REPAIR", socket.IPPROTO_TCP, 19, struct.pack("i", 0)),
        ("TCP_CONGESTION", socket.IPPROTO_TCP, 13, b"reno"),
        ("IP_TRANSPARENT", socket.IPPROTO_IP, 19, struct.pack("i", 1)),
        ("IP_OPTIONS", socket.IPPROTO_IP, 4, b"\x01\x01\x01\x00"),
    ):
        try:
            sock.setsockopt(level, option, value)
        except OSError as error:
            if error.errno == errno.EPERM or outside.tier == "none":
                continue
        done.append(name)
    sock.close()
    return ", ".join(done) or None


@NETWORK.attack("network cards: ioctl on a granted connection")
def cards(outside: Outside) -> str | None:
    import fcntl

    sock = _granted(outside)
    try:
        found = fcntl.ioctl(sock.fileno(), 0x8912, struct.pack("iP", 0, 0))
        return "they are listed" if found else None
    finally:
        sock.close()


@NETWORK.attack("a host and port that were not granted, asked of the kernel")
def ask_for_more(outside: Outside) -> str | None:
    if outside.tier == "none":
        return tcp(outside)
    for host, port in (("127.0.0.1", outside.udp), ("localhost", outside.tcp), ("", outside.tcp), ("*", outside.tcp)):
        try:
            _, descriptor = ask_kernel("connect", {"host": host, "port": port, "seconds": 1})
        except OSError:
            continue
        if descriptor is not None:
            return f"{host}:{port} was connected"
    return None


_TEST = "tests/core/services/network/test_connecting.py"
_HOSTS = "tests/core/permissions/test_network_host.py"
NETWORK.proof(
    "literal addresses in decimal, octal, hexadecimal", f"{_HOSTS}::test_other_spellings_of_an_ipv4_address_are_refused"
)
NETWORK.proof("IPv4 in IPv6", f"{_HOSTS}::test_an_ipv4_address_and_its_form_inside_ipv6_are_one_host")
NETWORK.proof(
    "zone id, user name and `@`, backslash, percent, NUL in a host",
    f"{_HOSTS}::test_what_could_be_read_in_two_ways_is_no_host",
)
NETWORK.proof("trailing dot, capitals, brackets", f"{_HOSTS}::test_a_host_has_one_form")
NETWORK.proof(
    "letters of another script that look the same (IDN)", f"{_HOSTS}::test_a_letter_that_looks_the_same_is_another_host"
)
NETWORK.proof(
    "a host that was not granted, before any name is looked up",
    f"{_TEST}::test_what_was_not_granted_is_refused_before_anything_is_looked_up",
)
NETWORK.proof(
    "private, link-local and loopback addresses behind a granted name",
    "tests/core/permissions/test_network.py::test_a_granted_name_leads_to_the_public_internet_alone",
)
NETWORK.proof(
    "the metadata service of clouds",
    "tests/core/permissions/test_network.py::test_a_name_that_the_person_called_private_may_be_so_but_never_leads_to_metadata",
)
_WORKER = "tests/core/worker/test_network_attacks.py"
_PROGRAMS = "tests/core/services/test_programs_network.py"
for _name, _test in (
    (
        "a granted name that is pointed elsewhere between check and connection",
        f"{_TEST}::test_a_name_is_looked_up_once_and_the_checked_address_is_the_connected_one",
    ),
    (
        "a redirect to a host that was not granted",
        f"{_WORKER}::test_a_redirect_to_a_host_that_was_not_granted_is_not_followed",
    ),
    ("another spelling of a host, from a worker", f"{_WORKER}::test_no_other_spelling_of_a_host_leads_past_the_grant"),
    (
        "the address that stands for a granted name, used by others",
        f"{_WORKER}::test_a_made_up_address_is_reached_by_nobody",
    ),
    (
        "a connection that outlives its worker, by a copy of the descriptor",
        f"{_TEST}::test_connections_end_with_their_worker_whoever_has_a_copy",
    ),
    (
        "a server that never answers",
        f"{_TEST}::test_a_server_that_does_not_answer_is_given_up_in_the_time_that_was_asked_for",
    ),
    (
        "the network while a skill is loaded",
        "tests/core/worker/test_network.py::test_there_is_no_network_while_a_skill_loads_or_starts",
    ),
    (
        "CONNECT that can be read two ways: smuggling, headers in a host",
        "tests/core/services/test_programs_forms.py::test_what_can_be_read_two_ways_is_not_served",
    ),
    (
        "a relay in the sandbox of a program, or another one's forwarder",
        f"{_PROGRAMS}::test_nothing_but_the_forwarder_can_be_connected_to",
    ),
    (
        "bytes sent through the forwarder before the host was checked",
        f"{_PROGRAMS}::test_what_is_said_before_the_answer_waits_until_there_is_a_connection",
    ),
):
    NETWORK.proof(_name, _test)
NETWORK.residual(
    "data in when and how much is sent to a granted host",
    "an allowed host is a way out; a name that was not granted is never looked up.",
)
