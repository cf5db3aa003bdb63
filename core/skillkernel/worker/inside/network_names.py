"""Names of hosts inside a worker, which cannot look one up: an address that is made up stands for each.

240.0.0.0/4 and 100::/64 are routed nowhere, so such an address can be mistaken for no other. What it stands for is said
to the kernel when somebody connects to it; there the name is looked up, once, and its addresses are checked.
"""

import _socket
import _thread
from typing import Any

_STREAM_PROTOCOLS = (0, _socket.IPPROTO_TCP)
_FIRST_4, _COUNT = 0xF000_0001, 0x0FFF_FFFE
_FIRST_6 = 0x0100 << 112

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]

_numbers: dict[str, int] = {}
_names: list[str] = []
_lock = _thread.allocate_lock()


def host_of(address: str) -> str:
    """The name that a made-up address stands for; anything else as it is."""
    for family, first in ((_socket.AF_INET, _FIRST_4), (_socket.AF_INET6, _FIRST_6)):
        packed = _packed(family, address)
        if packed is not None:
            number = int.from_bytes(packed, "big") - first
            return _names[number] if 0 <= number < len(_names) else address
    return address


def getaddrinfo(
    host: bytes | str | None,
    port: bytes | str | int | None,
    family: int = 0,
    type: int = 0,
    proto: int = 0,
    flags: int = 0,
) -> list[AddressInfo]:
    """As `socket.getaddrinfo`, without asking anybody: there is TCP alone, and every name has one address."""
    if type not in (0, _socket.SOCK_STREAM) or proto not in _STREAM_PROTOCOLS:
        raise _socket.gaierror(_socket.EAI_SOCKTYPE, "a skill has TCP alone")
    text = _text(host)
    number = _port(port)
    kind, tcp = _socket.SOCK_STREAM, _socket.IPPROTO_TCP
    if not text:
        text = ("0.0.0.0" if family != _socket.AF_INET6 else "::") if flags & _socket.AI_PASSIVE else "127.0.0.1"  # noqa: S104 # nobody listens here
        if family == _socket.AF_INET6 and not flags & _socket.AI_PASSIVE:
            text = "::1"
    literal = next((each for each in (_socket.AF_INET, _socket.AF_INET6) if _packed(each, text) is not None), None)
    if literal is not None and family in (0, literal):
        place = (text, number) if literal == _socket.AF_INET else (text, number, 0, 0)
        return [(literal, kind, tcp, "", place)]
    if literal is not None or flags & _socket.AI_NUMERICHOST:
        raise _socket.gaierror(_socket.EAI_NONAME, f"{text} is no address of that family")
    shown = text if flags & _socket.AI_CANONNAME else ""
    if family == _socket.AF_INET6:
        return [(_socket.AF_INET6, kind, tcp, shown, (_made_up(text, _socket.AF_INET6), number, 0, 0))]
    return [(_socket.AF_INET, kind, tcp, shown, (_made_up(text, _socket.AF_INET), number))]


def gethostbyname(host: str) -> str:
    """As `socket.gethostbyname`."""
    return str(getaddrinfo(host, 0, _socket.AF_INET)[0][4][0])


def gethostbyname_ex(host: str) -> tuple[str, list[str], list[str]]:
    """As `socket.gethostbyname_ex`."""
    return host, [], [gethostbyname(host)]


def gethostbyaddr(address: str) -> tuple[str, list[str], list[str]]:
    """As `socket.gethostbyaddr`, for the addresses that stand for a name; there is no other name to be had."""
    name = host_of(address)
    if name == address:
        raise _socket.herror(1, f"{address} has no name that a skill could find out")
    return name, [], [address]


def getnameinfo(place: tuple[Any, ...], flags: int) -> tuple[str, str]:
    """As `socket.getnameinfo`, with the port as a number."""
    address = str(place[0])
    return (address if flags & _socket.NI_NUMERICHOST else host_of(address)), str(place[1])


def _made_up(name: str, family: int) -> str:
    with _lock:
        number = _numbers.setdefault(name, len(_names))
        if number == len(_names):
            if number >= _COUNT:
                raise _socket.gaierror(_socket.EAI_MEMORY, "too many names")
            _names.append(name)
    first, size = (_FIRST_4, 4) if family == _socket.AF_INET else (_FIRST_6, 16)
    return _socket.inet_ntop(family, (first + number).to_bytes(size, "big"))


def _packed(family: int, text: str) -> bytes | None:
    try:
        return _socket.inet_pton(family, text)
    except (OSError, ValueError):
        return None


def _text(host: bytes | str | None) -> str:
    if host is None:
        return ""
    return host.decode("ascii") if isinstance(host, bytes | bytearray) else host


def _port(port: bytes | str | int | None) -> int:
    if port is None or port in ("", b""):
        return 0
    text = port.decode("ascii") if isinstance(port, bytes) else port
    try:
        return int(text)
    except ValueError:
        try:
            return _socket.getservbyname(str(text), "tcp")
        except OSError:
            raise _socket.gaierror(_socket.EAI_SERVICE, f"{text} is no port") from None
