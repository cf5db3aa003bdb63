"""The `format` values that are checked; any other is a note to the reader, as JSON Schema says.

Each check gets at most `MAX_TEXT` characters. jsonschema's own checks are not used: importing `format-nongpl` builds
a grammar for two seconds, its `email` accepts "@" and its `iri` is slower than linear.
"""

import re
from collections.abc import Callable
from datetime import date
from importlib import import_module
from typing import Any

from skillkernel.schema import patterns

MAX_TEXT = 2_048
"""Characters of a text with a format; no date, address or URI that people use is longer."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:[0-5]\d)", re.ASCII | re.IGNORECASE)
_DURATION = re.compile(
    r"P(?:\d+W|(?=[\dT])(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)", re.ASCII
)
_EMAIL = re.compile(r"[^\s@\x00-\x20\x7f]+@[^\s@\x00-\x20\x7f]+")
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\.?", re.IGNORECASE
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)*")


def _date(text: str) -> bool:
    return _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))


def _time(text: str) -> bool:
    match = _TIME.fullmatch(text)
    if match is None:
        return False
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    offset = 0 if match[5] in "Zz" else int(match[5][1:3])
    return hour < 24 and minute < 60 and (second < 60 or (second == 60 and minute == 59)) and offset < 24


def _date_time(text: str) -> bool:
    # RFC 3339 asks for seconds and an offset; models leave both out, and tools take such a time in the user's zone.
    if len(text) <= 11 or text[10] not in "Tt":
        return False
    time = text[11:]
    if len(time) == 5:
        time += ":00"
    return _date(text[:10]) and (_time(time) or _time(f"{time}Z"))


def _uri(text: str, rule: str = "URI") -> bool:
    rfc3986: Any = import_module("rfc3986_validator")  # its wheel carries no types
    return bool(rfc3986.validate_rfc3986(text, rule=rule)) and not text.endswith("\n")


def _address(text: str, version: int) -> bool:
    from ipaddress import ip_address

    return ip_address(text).version == version


def _regex(text: str) -> bool:
    patterns.compiled(text)
    return True


_CHECKS: dict[str, Callable[[str], bool]] = {
    "date": _date,
    "date-time": _date_time,
    "time": _time,
    "duration": lambda text: _DURATION.fullmatch(text) is not None,
    "email": lambda text: _EMAIL.fullmatch(text) is not None,
    "hostname": lambda text: _HOST.fullmatch(text) is not None,
    "ipv4": lambda text: _address(text, 4),
    "ipv6": lambda text: "%" not in text and _address(text, 6),
    "json-pointer": lambda text: _POINTER.fullmatch(text) is not None,
    "regex": _regex,
    "uri": _uri,
    "uri-reference": lambda text: _uri(text, "URI_reference"),
    "uuid": lambda text: _UUID.fullmatch(text) is not None,
}

EXAMPLES = {
    "date": "a date such as 2026-11-25",
    "date-time": "a date and time such as 2026-11-25T12:30:00+01:00",
    "time": "a time with its offset, such as 12:30:00Z",
    "duration": "an ISO 8601 duration, such as PT1H30M",
    "email": "an e-mail address",
    "hostname": "a host name",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "json-pointer": "a JSON pointer, such as /items/0",
    "regex": "a regular expression",
    "uri": "a URI with its scheme, such as https://example.org/",
    "uri-reference": "a URI or a relative reference",
    "uuid": "a UUID",
}
"""What each checked format asks for, in words."""


def conforms(name: str, text: str) -> bool:
    """Whether `text` has the format `name`; true for every name that is not checked."""
    check = _CHECKS.get(name)
    if check is None:
        return True
    if len(text) > MAX_TEXT:
        return False
    try:
        return check(text)
    except ValueError:
        return False
