"""Which programs a skill was granted, and what of a request to run one can be asked at all. Pure.

Threat: a name that means another program than the person read, an argument list that no program gets whole.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from skillkernel.manifest.permission_form import filled

MOST_ARGUMENTS = 1_000
MOST_ARGUMENT_BYTES = 100_000
"""All together; Linux takes 128 KiB for one."""
_BARE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")


def granted_names(values: Iterable[str], settings: Mapping[str, Any]) -> frozenset[str]:
    """The bare names and absolute paths that `programs` values stand for; one whose setting is not set for nothing."""
    names = (filled(value, settings) for value in values)
    return frozenset(name for name in names if name is not None and is_name(name))


def is_name(text: str) -> bool:
    """Whether it is a bare name, or an absolute path that goes nowhere back."""
    if text.startswith("/"):
        return "\0" not in text and ".." not in text.split("/")
    return _BARE.fullmatch(text) is not None


def arguments_problem(argv: Sequence[str]) -> str:
    """Why this argument list cannot be run, empty when it can."""
    if not argv:
        return "an empty list names no program"
    if len(argv) > MOST_ARGUMENTS:
        return f"{len(argv)} arguments, at most {MOST_ARGUMENTS} are taken"
    if any("\0" in argument for argument in argv):
        return "an argument with a NUL character in it"
    size = sum(len(argument.encode(errors="surrogateescape")) for argument in argv)
    if size > MOST_ARGUMENT_BYTES:
        return f"arguments of {size} bytes, at most {MOST_ARGUMENT_BYTES} are taken"
    return ""
