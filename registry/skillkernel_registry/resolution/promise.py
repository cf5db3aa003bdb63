"""Whether a wheel is the release that a record promised."""

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from skillkernel_registry.index_format import Release
from skillkernel_registry.wheel import SkillWheel


def contradiction(name: str, release: Release, wheel: SkillWheel) -> str:
    """What the wheel says against the record that it was chosen by, for people; empty when it says the same."""
    manifest = wheel.manifest
    if (manifest.name, manifest.version) != (name, release.version):
        return f"its wheel is {manifest.name} {manifest.version}"
    if _skills(manifest.requires_skills) != _skills(release.requires_skills):
        return _differs("requires the skills", manifest.requires_skills, release.requires_skills)
    if _versions(manifest.requires_kernel) != _versions(release.requires_kernel):
        return _differs("requires skillkernel", (manifest.requires_kernel,), (release.requires_kernel,))
    if _versions(wheel.requires_python) != _versions(release.requires_python):
        return _differs("requires Python", (wheel.requires_python,), (release.requires_python,))
    return ""


def _differs(what: str, wheel: tuple[str, ...], record: tuple[str, ...]) -> str:
    return f"its wheel {what} {_shown(wheel)}, not {_shown(record)}"


def _shown(texts: tuple[str, ...]) -> str:
    return ", ".join(text for text in texts if text) or "(none)"


def _skills(texts: tuple[str, ...]) -> set[object]:
    try:
        return {Requirement(text) for text in texts}
    except InvalidRequirement:
        return set(texts)


def _versions(text: str) -> object:
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        return text
