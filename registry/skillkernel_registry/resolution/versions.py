"""Which releases of a skill may be taken, and which of them first: pure choices.

As pip chooses: pre-releases only when a specifier names one or nothing else fits it, yanked ones only when it pins
their version. Releases that need another kernel or Python are passed over.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from packaging.specifiers import SpecifierSet
from packaging.version import Version

import skillkernel
from skillkernel.errors import Missing, SkillKernelError, UsageError
from skillkernel.text import visible
from skillkernel_registry.index_format import Release

REASON_LIMIT = 300
"""Characters that are shown of why a release was withdrawn."""


@dataclass(frozen=True, slots=True)
class Host:
    """What a release has to run on."""

    kernel: str
    python: str


def this_host() -> Host:
    """The running kernel and Python."""
    return Host(skillkernel.__version__, ".".join(map(str, sys.version_info[:3])))


def choose(
    name: str, releases: Sequence[Release], specifier: SpecifierSet, host: Host, *, pre: bool = False
) -> Release:
    """The newest release that fits.

    Raises `UsageError` when no version satisfies `specifier`, `Missing` when those that do need another kernel or
    Python.
    """
    taken = admitted(by_version(fitting(releases, host)), specifier, pre=pre)
    if not taken:
        raise nothing_fits(name, releases, specifier, host)
    return taken[0]


def fitting(releases: Iterable[Release], host: Host) -> list[Release]:
    """The releases that run on this kernel and Python."""
    return [release for release in releases if fits(release.requires_kernel, release.requires_python, host)]


def by_version(releases: Iterable[Release]) -> dict[Version, Release]:
    """Releases by their version, newest first; one whose version cannot be read is left out."""
    known = {version: release for release in releases if (version := read_version(release.version)) is not None}
    return dict(sorted(known.items(), reverse=True))


def admitted(known: dict[Version, Release], specifier: SpecifierSet, *, pre: bool = False) -> list[Release]:
    """Those of `known` that `specifier` lets in, in the same order; `pre` lets in every pre-release."""
    matching = [known[version] for version in specifier.filter(known, prereleases=True if pre else None)]
    if pins(specifier) and all(release.yanked for release in matching):
        return matching
    return [release for release in matching if not release.yanked]


def pins(specifier: SpecifierSet) -> bool:
    """PEP 592: `==` without a wildcard, or `===`."""
    return any(
        part.operator == "===" or (part.operator == "==" and not part.version.endswith(".*")) for part in specifier
    )


def fits(requires_kernel: str, requires_python: str, host: Host) -> bool:
    """Whether both requirements hold here; one that cannot be read does not."""
    return _holds(requires_kernel, host.kernel) and _holds(requires_python, host.python)


def need(requires_kernel: str, requires_python: str, host: Host) -> tuple[str, str]:
    """What a release that does not fit needs and what this is instead, for people: `Python <3` and `3.11.7`."""
    if not _holds(requires_kernel, host.kernel):
        return f"skillkernel {requires_kernel}", host.kernel
    return f"Python {requires_python}", host.python


def unfit(name: str, version: str, requires_kernel: str, requires_python: str, host: Host) -> Missing:
    """The error for a version that needs another kernel or Python."""
    needed, have = need(requires_kernel, requires_python, host)
    fix = "upgrade skillkernel" if needed.startswith("skillkernel") else "use another Python"
    return Missing(f"{name} {version} needs {needed}; this is {have}", hint=fix)


def nothing_fits(name: str, releases: Sequence[Release], specifier: SpecifierSet, host: Host) -> SkillKernelError:
    """Why none of these releases can be taken."""
    known = by_version(releases)
    wanted = admitted(known, specifier)
    if not wanted:
        return _no_version(name, known, specifier)
    best = wanted[0]
    return unfit(name, best.version, best.requires_kernel, best.requires_python, host)


def withdrawn(release: Release) -> str:
    """Why a release was yanked, in one line, empty when it was not."""
    if isinstance(release.yanked, str) and release.yanked:
        return visible(release.yanked, limit=REASON_LIMIT)
    return "no reason was given" if release.yanked else ""


def _no_version(name: str, known: dict[Version, Release], specifier: SpecifierSet) -> UsageError:
    offered = sorted(version for version, release in known.items() if not release.yanked)
    shown = ", ".join(map(str, offered[-5:])) or "none"
    gone = [release for version, release in known.items() if release.yanked and specifier.contains(version, True)]
    if gone and not offered:
        return UsageError(
            f"every release of {name} was withdrawn ({gone[0].version}: {withdrawn(gone[0])})",
            hint="only an exact == takes one that was",
        )
    hint = (
        f"{gone[0].version} was withdrawn ({withdrawn(gone[0])}); only an exact == takes it"
        if gone
        else f"`skill install {name}` takes the newest"
    )
    return UsageError(f"no release of {name} is {specifier or 'there'}; there are: {shown}", hint=hint)


@lru_cache(4096)
def _holds(specifier: str, version: str) -> bool:
    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except ValueError:  # InvalidSpecifier, and a number of more digits than Python reads
        return False


@lru_cache(65536)
def read_version(text: str) -> Version | None:
    """The version, or None when it is not one of PEP 440."""
    try:
        return Version(text)
    except ValueError:  # InvalidVersion, and a number of more digits than Python reads
        return None
