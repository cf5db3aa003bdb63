"""A skill's dependencies, pinned by version and hash: locked-requirements.txt inside its package.

The file is pip's requirements format cut down to `NAME==VERSION [; MARKER] --hash=sha256:…`, because a lock comes with
a stranger's wheel: options, addresses, paths and includes in it are refused, not passed on.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from skillkernel.errors import IntegrityError
from skillkernel.names import Sha256

LOCK_NAME = "locked-requirements.txt"
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
_PIN = re.compile(r"(===?)\s*([^\s;,*]+)")
_ENTRY_LIMIT = 500
_REQUIREMENT_LIMIT = 1_000
"""Characters of one; a version of many more digits cannot even be read."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One line: `requirement` pins exactly one version."""

    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        return next(iter(self.requirement.specifier)).version

    def applies(self) -> bool:
        """Whether its marker holds on this machine."""
        return self.requirement.marker is None or self.requirement.marker.evaluate()


@dataclass(frozen=True, slots=True)
class Lock:
    """All pins of a skill, in the order of the file; no pins when it has no dependencies."""

    pins: tuple[Pin, ...] = ()

    def here(self) -> tuple[Pin, ...]:
        """The pins that are installed on this machine."""
        return tuple(pin for pin in self.pins if pin.applies())

    def text(self) -> str:
        """The lock as uv reads it, the same for the same pins."""
        return "".join(" \\\n    ".join((str(pin.requirement), *pin.hashes)) + "\n" for pin in self.pins)

    def sha256(self) -> Sha256:
        """The digest of `text`."""
        return Sha256(hashlib.sha256(self.text().encode()).hexdigest())

    def uncovered(self, requires: Iterable[Requirement]) -> str:
        """What is wrong with the lock for these dependencies; empty when each that applies here is pinned within it."""
        pins = {pin.name: pin for pin in self.here()}
        for requirement in requires:
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
                continue
            pin = pins.get(canonicalize_name(requirement.name))
            if pin is None:
                return f"does not pin {requirement.name}"
            if not requirement.specifier.contains(Version(pin.version), prereleases=True):
                return f"pins {pin.name} {pin.version}, which is not {requirement.specifier}"
        return ""


def unusable(requirement: Requirement) -> str:
    """Why its versions or its marker cannot be compared with anything, empty when they can."""
    if len(str(requirement)) > _REQUIREMENT_LIMIT:
        return f"it is longer than {_REQUIREMENT_LIMIT} characters"
    try:
        if requirement.marker is not None:
            requirement.marker.evaluate({"extra": ""})
    except ValueError as error:  # a comparison that has no meaning
        return f"its marker cannot be judged: {str(error)[:200]}"
    return ""


def parse_lock(text: str, place: str) -> Lock:
    """Read a lock; raise `IntegrityError` naming `place` and the line that is not a pin with hashes."""
    pins = tuple(_pin(line, place) for line in _logical_lines(text))
    if len(pins) > _ENTRY_LIMIT:
        raise IntegrityError(f"{place}: pins {len(pins)} packages; {_ENTRY_LIMIT} are allowed")
    return Lock(pins)


def _logical_lines(text: str) -> list[str]:
    joined = text.replace("\r\n", "\n").replace("\\\n", " ")
    return [line.strip() for line in joined.split("\n") if line.strip() and not line.lstrip().startswith("#")]


def _pin(line: str, place: str) -> Pin:
    start = line.find(" --")
    said, *options = (line[:start], *line[start:].split()) if start >= 0 else (line,)
    if not options or not all(_HASH.fullmatch(option) for option in options):
        raise _not_a_pin(line, place, "it needs hashes, and may have no other option")
    try:
        requirement = Requirement(said)
    except InvalidRequirement as error:
        raise _not_a_pin(line, place, str(error).splitlines()[0]) from error
    if requirement.url or requirement.extras or not _PIN.fullmatch(str(requirement.specifier)):
        raise _not_a_pin(line, place, "it must be NAME==VERSION")
    if problem := unusable(requirement) or _no_version(requirement):
        raise _not_a_pin(line, place, problem)
    if canonicalize_name(requirement.name) == "skillkernel":
        raise _not_a_pin(line, place, "a skill says requires_kernel instead of depending on skillkernel")
    return Pin(requirement, tuple(options))


def _no_version(requirement: Requirement) -> str:
    version = next(iter(requirement.specifier)).version
    try:
        Version(version)
    except InvalidVersion:
        return f"{version[:80]!r} is not a PEP 440 version"
    return ""


def _not_a_pin(line: str, place: str, reason: str) -> IntegrityError:
    return IntegrityError(
        f"{place}: {line[:80]!r} is not a pinned dependency: {reason}", hint="`skill build` writes it"
    )
