"""The form of each kind of permission: what a manifest may ask for, before anybody is asked to grant it."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

from skillkernel.manifest.variables import environment_problem

_SETTING = re.compile(r"\{([a-z][a-z0-9_]{0,63})\}")
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_SECRET = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_PROGRAM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
_SERVICE = re.compile(r"[a-z][a-z0-9-]{1,30}")


def settings_in(value: str) -> tuple[str, ...]:
    """The settings that a permission names in braces."""
    return tuple(_SETTING.findall(value))


def filled(value: str, settings: Mapping[str, Any]) -> str | None:
    """`value` with what its settings say in place of their braces; None when one of them is no text and no number."""
    found = {name: settings.get(name) for name in settings_in(value)}
    if any(isinstance(given, bool) or not isinstance(given, str | int) for given in found.values()):
        return None
    return _SETTING.sub(lambda match: str(found[match[1]]), value)


def permission_problem(kind: str, value: str) -> str:
    """Why `value` is no permission of this kind, empty when it is one; `kind` is that of skill.json."""
    return _FORMS[kind](value)


def _network(value: str) -> str:
    if _SETTING.fullmatch(value):
        return ""
    host, colon, port = value.rpartition(":")
    if not colon or not (_SETTING.fullmatch(port) or _is_port(port)):
        return "write host:port with the port as a number, such as example.org:443, or a setting such as {server}"
    if not (_SETTING.fullmatch(host) or _is_host(host)):
        return f"{host!r} is not a host: write a name in lower case (an international one as xn--…) or an address"
    return ""


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535 and text[0] != "0"


def _is_host(text: str) -> bool:
    if text.startswith("[") and text.endswith("]"):
        return _is_address(text[1:-1], 6)
    if text.replace(".", "").isdigit():
        return _is_address(text, 4)
    return _HOST.fullmatch(text) is not None


def _is_address(text: str, version: int) -> bool:
    if "%" in text:  # a zone names a network card of one machine
        return False
    try:
        return ipaddress.ip_address(text).version == version
    except ValueError:
        return False


def _file(value: str) -> str:
    without = _SETTING.sub("setting", value)
    if "{" in without or "}" in without:
        return "a brace that is not part of a setting's name such as {folder}"
    if not (value.startswith(("/", "~/")) or value == "~" or _SETTING.match(value)):
        return "write an absolute path, one that begins with ~/, or a setting such as {folder}"
    if any(part in ("", ".", "..") for part in without.removeprefix("/").removesuffix("/").split("/")) and value != "/":
        return "write the path without `.`, `..` and doubled slashes"
    return ""


def _form(pattern: re.Pattern[str], wanted: str) -> Callable[[str], str]:
    return lambda value: "" if pattern.fullmatch(value) else wanted


def _program(value: str) -> str:
    if value.startswith("/"):
        return _file(value)
    return "" if _PROGRAM.fullmatch(value) else "write a bare name such as ffmpeg, or an absolute path"


def _environment(value: str) -> str:
    if not _VARIABLE.fullmatch(value):
        return "write the name of a variable: letters, digits and underscores"
    return environment_problem(value)


_FORMS: dict[str, Callable[[str], str]] = {
    "network": _network,
    "files.read": _file,
    "files.write": _file,
    "environment": _environment,
    "secrets": _form(_SECRET, "write a name: a letter, then letters, digits, `_`, `.` and `-`, at most 64"),
    "programs": _program,
    "kernel": _form(_SERVICE, "write memory, model, or the name of a skill"),
}
PERMISSION_KINDS = tuple(_FORMS)
