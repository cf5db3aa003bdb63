"""A host as the kernel compares it: one spelling for each, or a refusal that says why.

Threat: two spellings of one host, of which one is checked and the other used. International names become ASCII by UTS 46
(so a Cyrillic letter is another one than the Latin that looks like it), addresses have their canonical form, and whatever an old C library would
still read as an address (`2130706433`, `0177.0.0.1`) is no host.
"""

import ipaddress
import re

_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_MOST_CHARACTERS = 300
_NEVER = frozenset("@\\/%?#\x00")


class BadHost(ValueError):
    """A text that names no host; the message says why."""


def canonical_host(text: str) -> str:
    """The host in the form that grants are compared in; raise `BadHost`.

    A name comes back in lower case and ASCII without a last dot, an IPv4 address as it is, an IPv6 address without
    brackets and in its shortest form, an IPv4 address mapped into IPv6 as IPv4.
    """
    if not text or len(text) > _MOST_CHARACTERS:
        raise BadHost("an empty host" if not text else "a host of more than 253 characters")
    if any(sign in _NEVER or sign.isspace() or ord(sign) < 0x21 for sign in text):
        raise BadHost(f"{text!r} has a sign in it that no host has")
    if ":" in text or text.startswith("["):
        return _ipv6(text)
    name = _ascii(text).lower().removesuffix(".")
    if not name:
        raise BadHost(f"{text!r} is no host")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return _ipv4(name)
    if not _NAME.fullmatch(name):
        raise BadHost(f"{text!r} is not the name of a host")
    return name


def is_address(host: str) -> bool:
    """Whether a canonical host is an address and not a name."""
    return ":" in host or host.rpartition(".")[2].isdigit()


def _ascii(text: str) -> str:
    if text.isascii():
        return text
    import idna

    try:
        return idna.encode(text.removesuffix("."), uts46=True, std3_rules=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise BadHost(f"{text!r} is not the name of a host: {error}") from None


def _ipv4(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise BadHost(f"{text!r} is not an address in its usual form, four numbers such as 192.0.2.1") from None


def _ipv6(text: str) -> str:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        address = ipaddress.IPv6Address(bare)
    except ValueError:
        raise BadHost(f"{text!r} is not an address") from None
    return str(address.ipv4_mapped or address)
