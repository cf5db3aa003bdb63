"""One thing that is wrong with a skill: where, what, and how to mend it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """`error` is certain, and `skill build` or a user's machine refuses it; `warning` may be meant; `note` informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Finding(NamedTuple):
    """`rule` is a stable name, `place` a file with its line, a tool with its parameter, or a field of the manifest."""

    severity: Severity
    rule: str
    place: str
    what: str
    fix: str = ""

    def as_json(self) -> dict[str, str]:
        """The finding as `skill validate --json` prints it."""
        return {**self._asdict(), "severity": self.severity.value}


def error(rule: str, place: str, what: str, fix: str = "") -> Finding:
    """What is certainly wrong."""
    return Finding(Severity.ERROR, rule, place, what, fix)


def warning(rule: str, place: str, what: str, fix: str = "") -> Finding:
    """What is probably wrong, or cannot be told from outside."""
    return Finding(Severity.WARNING, rule, place, what, fix)


def note(rule: str, place: str, what: str, fix: str = "") -> Finding:
    """What was measured, or could not be looked at."""
    return Finding(Severity.NOTE, rule, place, what, fix)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each once, errors first, then warnings and notes, in the order of places."""
    rank = list(Severity)
    return tuple(sorted(dict.fromkeys(findings), key=lambda one: (rank.index(one.severity), *_place(one.place))))


def _place(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return (file, int(line)) if file and line.isdigit() else (place, 0)
