"""Which addresses a name may lead to: those of the public internet, others only where a person said so.

Threat: a granted name whose owner points it at this machine, the home network or a cloud's metadata service; the same
address hidden in one of IPv6's ways to carry IPv4. The table is our own, from IANA's registries of special-purpose
addresses, since `ipaddress.is_private` means another set in each release of Python.
"""

import ipaddress
from typing import Literal

Reach = Literal["public", "loopback", "private", "link-local", "never"]
"""`private` may be named in config.toml, `link-local` (where clouds keep credentials) only as a granted literal address."""

_IPv4 = ipaddress.IPv4Network
_IPv6 = ipaddress.IPv6Network
_NOT_PUBLIC_4: tuple[tuple[ipaddress.IPv4Network, Reach], ...] = (
    (_IPv4("0.0.0.0/8"), "never"),
    (_IPv4("10.0.0.0/8"), "private"),
    (_IPv4("100.64.0.0/10"), "private"),
    (_IPv4("127.0.0.0/8"), "loopback"),
    (_IPv4("169.254.0.0/16"), "link-local"),
    (_IPv4("172.16.0.0/12"), "private"),
    (_IPv4("192.0.0.0/24"), "link-local"),
    (_IPv4("192.0.2.0/24"), "never"),
    (_IPv4("192.88.99.0/24"), "never"),
    (_IPv4("192.168.0.0/16"), "private"),
    (_IPv4("198.18.0.0/15"), "private"),
    (_IPv4("198.51.100.0/24"), "never"),
    (_IPv4("203.0.113.0/24"), "never"),
    (_IPv4("224.0.0.0/3"), "never"),
)
_NAT64 = _IPv6("64:ff9b::/96")
_6TO4 = _IPv6("2002::/16")
_NOT_PUBLIC_6: tuple[tuple[ipaddress.IPv6Network, Reach], ...] = (
    (_IPv6("::1/128"), "loopback"),
    (_IPv6("::/96"), "never"),
    (_IPv6("64:ff9b:1::/48"), "private"),
    (_IPv6("100::/64"), "never"),
    (_IPv6("2001::/23"), "never"),
    (_IPv6("2001:db8::/32"), "never"),
    (_IPv6("3fff::/20"), "never"),
    (_IPv6("5f00::/16"), "never"),
    (_IPv6("fc00::/7"), "private"),
    (_IPv6("fe80::/10"), "link-local"),
    (_IPv6("fec0::/10"), "private"),
    (_IPv6("ff00::/8"), "never"),
)
_CLOUD_METADATA = frozenset({ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200")})


def reach_of(text: str) -> Reach:
    """How far an address reaches; raise `ValueError` for a text that is none, or has a zone."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            raise ValueError(f"{text!r} names a network card")
        carried = address.ipv4_mapped or _carried(address)
        if carried is None:
            return _look_up_6(address)
        address = carried
    if address in _CLOUD_METADATA:
        return "link-local"
    for network, reach in _NOT_PUBLIC_4:
        if address in network:
            return reach
    return "public"


def _look_up_6(address: ipaddress.IPv6Address) -> Reach:
    if address in _CLOUD_METADATA:
        return "link-local"
    for network, reach in _NOT_PUBLIC_6:
        if address in network:
            return reach
    return "public"


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a translator on the way makes of it."""
    number = int(address)
    if address in _NAT64:
        return ipaddress.IPv4Address(number & 0xFFFF_FFFF)
    if address in _6TO4:
        return ipaddress.IPv4Address(number >> 80 & 0xFFFF_FFFF)
    return None
