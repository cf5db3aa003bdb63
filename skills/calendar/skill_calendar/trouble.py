"""What can go wrong on the way to a server and back, said so that a person knows what to do."""

import http.client
import socket
import ssl

from skill_calendar.server import Server
from skillkernel import ToolError

_LOOK = "look at the setting server: `skill config calendar server=https://…`"
_UNKNOWN = "; whether the change arrived there is not known"
_AGAIN = "list_events shows whether it did"


def unreachable(server: Server, error: OSError, uncertain: bool) -> ToolError:
    """No connection, or one that broke; `uncertain`: a change was under way."""
    match error:
        case socket.gaierror():
            return ToolError(f"there is no network, or no server {server.host}", hint=_LOOK)
        case PermissionError():
            # The kernel's own words: which grant is missing, or that the address is a private one.
            return ToolError(
                f"no connection to {server.place} is allowed: {error.strerror or error}",
                hint="`skill permissions calendar` shows what is; `skill grant calendar` allows it",
            )
        case ssl.SSLCertVerificationError():
            return ToolError(
                f"the certificate of {server.place} is not trusted: {error.verify_message}; nothing was sent",
                hint="for a certificate authority of your own name its file in SSL_CERT_FILE",
            )
        case ssl.SSLError():
            said = f"no secure connection to {server.place} ({(error.reason or 'TLS failed').lower()})"
        case http.client.RemoteDisconnected() | ConnectionResetError() | BrokenPipeError():
            said = f"{server.place} broke the connection off"
        case _:
            why = error.strerror or str(error)
            said = why if server.place in why else f"{server.place} cannot be reached: {why}"
    return _maybe(said, uncertain, _LOOK)


def too_slow(server: Server, uncertain: bool) -> ToolError:
    """The time of the call is up."""
    return _maybe(f"{server.place} was too slow to answer", uncertain, "try again later")


def not_http(server: Server, uncertain: bool) -> ToolError:
    """Something answers, but no web server, or it stops in the middle."""
    return _maybe(f"{server.place} gives no complete HTTP answer", uncertain, _LOOK)


def too_large(server: Server, most: int) -> ToolError:
    """The answer has no end, or one that is too far away."""
    return ToolError(
        f"{server.place} answers with more than {most // 10**6} MB, so it was not read",
        hint="ask for fewer days, or keep old events in another calendar",
    )


def elsewhere(server: Server, target: str) -> ToolError:
    """The server points to another one, to which the password is not sent."""
    return ToolError(
        f"{server.place} points to another server, {target[:120]!r}; nothing was sent there",
        hint="if you trust it, write its address into the setting server and grant it",
    )


def wrong_password(server: Server, offers: str) -> ToolError:
    """401: who asks is not believed; `offers` is the answer's WWW-Authenticate."""
    if not server.user:
        return ToolError(
            f"{server.place} asks who you are",
            hint="`skill config calendar user=…`, then `skill secret set calendar password`",
        )
    if offers and "basic" not in offers.lower():
        return ToolError(f"{server.place} takes no password by HTTP Basic, the only way that this skill knows")
    return ToolError(
        f"{server.place} does not accept the password of {server.user}",
        hint="set it with `skill secret set calendar password`; some providers want an app password",
    )


def forbidden(server: Server) -> ToolError:
    """403: known, but not allowed."""
    who = server.user or "somebody without a name"
    return ToolError(
        f"{server.place} does not let {who} do this (403)",
        hint="look at the settings user, server and calendar; `skill secret set calendar password` sets the password",
    )


def failed(server: Server, status: int, uncertain: bool = False) -> ToolError:
    """Any other status that is no success."""
    if status in (404, 410):
        return ToolError(f"{server.place} has nothing at the address of the calendar ({status})", hint=_LOOK)
    if status in (429, 503):
        return ToolError(f"{server.place} is too busy ({status})", hint="try again later")
    if status >= 500:
        return _maybe(f"{server.place} has a fault of its own ({status})", uncertain, "try again later")
    return ToolError(f"{server.place} refuses ({status})", hint=_LOOK)


def no_caldav(server: Server, why: str) -> ToolError:
    """It answers, but not as a calendar server does."""
    return ToolError(f"{server.place} does not answer like a CalDAV server: {why}", hint=_LOOK)


def _maybe(said: str, uncertain: bool, hint: str) -> ToolError:
    return ToolError(f"{said}{_UNKNOWN}", hint=_AGAIN) if uncertain else ToolError(said, hint=hint)
