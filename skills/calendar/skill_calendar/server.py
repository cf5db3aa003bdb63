"""Which server the settings name, and whether a password may be sent to it. Pure functions over values.

Threat: a password on its way in the clear, or in an address that is shown and logged. So an address with a user in it is
refused unseen, and plain http is for the machine itself.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from skillkernel import ToolError

_HOW = "such as https://dav.example.org/sam/personal/; set it with `skill config calendar server=https://…`"
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_STAYS = "/%:@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True)
class Server:
    """A server: `host` in its ASCII form, `path` percent-encoded, `user` and `calendar` (a name) empty when not set."""

    host: str
    port: int
    path: str
    secure: bool
    user: str = ""
    calendar: str = ""

    @property
    def origin(self) -> tuple[bool, str, int]:
        """What a password is for: scheme, host and port."""
        return self.secure, self.host, self.port

    @property
    def place(self) -> str:
        """The host as people read it, with the port where it is an unusual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def server_from(settings: Mapping[str, Any]) -> Server:
    """Return the server that the settings name; raise `ToolError` when it is none, or none that is safe."""
    user = str(settings.get("user") or "")
    if ":" in user or _UNSAFE.search(user):
        raise ToolError("the setting user holds a colon or a space, which no server takes", hint="write it without")
    address = str(settings["server"]).strip()
    secure, host, port = origin_of(address)
    if user and not secure and not _is_loopback(host):
        raise ToolError(
            f"the setting server begins with http://, so the password would go to {host} for all to read",
            hint="write https:// in the setting server",
        )
    return Server(host, port, encoded(urlsplit(address).path or "/"), secure, user, str(settings.get("calendar") or ""))


def origin_of(address: str) -> tuple[bool, str, int]:
    """Return whether an address is https, its host and its port; raise `ToolError` when it is no address of a server."""
    try:
        parts = urlsplit(address)
        secure, port = parts.scheme == "https", parts.port
        host = parts.hostname or ""
        host = host if host.isascii() else host.encode("idna").decode()
    except ValueError:
        raise ToolError("the setting server is not an address", hint=f"write one {_HOW}") from None
    if "@" in parts.netloc:
        raise ToolError(
            "the setting server holds a user or a password, which would be seen in many places",
            hint="leave it out; use `skill config calendar user=…` and `skill secret set calendar password`",
        )
    if parts.scheme not in ("https", "http") or not host or _UNSAFE.search(address):
        raise ToolError(
            f"the setting server is {address[:80]!r}, not the address of a calendar", hint=f"write one {_HOW}"
        )
    return secure, host, port or (443 if secure else 80)


def encoded(path: str) -> str:
    """Return the path as a request holds it; what is percent-encoded already stays."""
    return quote(path, safe=_STAYS)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
