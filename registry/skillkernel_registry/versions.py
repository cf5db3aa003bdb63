"""Which release of a skill is taken: a pure choice."""

from collections.abc import Sequence
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from skillkernel.errors import Missing, UsageError
from skillkernel_registry.index_format import Release


@dataclass(frozen=True, slots=True)
class Host:
    """What a release has to run on."""

    kernel: str
    python: str


def choose(name: str, releases: Sequence[Release], specifier: SpecifierSet, host: Host) -> Release:
    """The newest release that fits.

    As pip chooses: pre-releases only when `specifier` names one or nothing else fits it, yanked ones only when it pins
    their version. Releases that need another kernel or Python are passed over. Raises `UsageError` when no version
    satisfies `specifier`, `Missing` when those that do need another kernel or Python.
    """
    by_version = {version: release for release in releases if (version := _version(release)) is not None}
    matching = [by_version[version] for version in specifier.filter(by_version)]
    wanted = [release for release in matching if not release.yanked or _pins(specifier)]
    if not wanted:
        raise _no_version(name, releases, specifier)
    fitting = [release for release in wanted if fits(release.requires_kernel, release.requires_python, host)]
    if not fitting:
        raise unfit(name, max(wanted, key=_sort_key), host)
    return max(fitting, key=_sort_key)


def fits(requires_kernel: str, requires_python: str, host: Host) -> bool:
    """Whether both requirements hold here; one that cannot be read does not."""
    return _holds(requires_kernel, host.kernel) and _holds(requires_python, host.python)


def unfit(name: str, release: Release, host: Host) -> Missing:
    """The error for a release that needs another kernel or Python."""
    if not _holds(release.requires_kernel, host.kernel):
        need, have, fix = f"skillkernel {release.requires_kernel}", host.kernel, "upgrade skillkernel"
    else:
        need, have, fix = f"Python {release.requires_python}", host.python, "use another Python"
    return Missing(f"{name} {release.version} needs {need}; this is {have}", hint=fix)


def _holds(specifier: str, version: str) -> bool:
    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except InvalidSpecifier:
        return False


def _version(release: Release) -> Version | None:
    try:
        return Version(release.version)
    except InvalidVersion:
        return None


def _sort_key(release: Release) -> Version:
    return Version(release.version)


def _pins(specifier: SpecifierSet) -> bool:
    """PEP 592: `==` without a wildcard, or `===`."""
    return any(
        part.operator == "===" or (part.operator == "==" and not part.version.endswith(".*")) for part in specifier
    )


def _no_version(name: str, releases: Sequence[Release], specifier: SpecifierSet) -> UsageError:
    offered = sorted(version for release in releases if not release.yanked and (version := _version(release)))
    shown = ", ".join(str(version) for version in offered[-5:]) or "none"
    yanked = any(release.yanked and Version(release.version) in specifier for release in releases if _version(release))
    hint = "it was withdrawn; only an exact == takes it" if yanked else f"`skill install {name}` takes the newest"
    return UsageError(f"no release of {name} is {specifier or 'there'}; there are: {shown}", hint=hint)
