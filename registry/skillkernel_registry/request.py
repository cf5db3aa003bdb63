"""What a person asks to install: a name with versions, or a file of theirs."""

import os
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from skillkernel.errors import UsageError
from skillkernel.names import SkillName, skill_name

_LONGEST = 1_000
"""Characters of a name with its versions; a number of many more digits cannot even be read."""


@dataclass(frozen=True, slots=True)
class NamedRequest:
    """A skill of the index, in a version that `specifier` holds."""

    name: SkillName
    specifier: SpecifierSet


@dataclass(frozen=True, slots=True)
class FileRequest:
    """A wheel, or a folder with a skill's source."""

    path: Path


Request = NamedRequest | FileRequest


def parse_request(text: str) -> Request:
    """Read NAME, NAME with a PEP 440 specifier, or a path (it has a `/` or ends in .whl); raise `UsageError`."""
    if os.sep in text or text in {".", ".."} or text.endswith(".whl"):
        return _file(text)
    return parse_named(text)


def parse_named(text: str) -> NamedRequest:
    """Read `calendar`, `calendar==1.2` or `calendar>=1,<2`; raise `UsageError` when it is something else."""
    if len(text) > _LONGEST:
        raise UsageError(f"{text[:80]!r}… cannot be asked for: it is longer than {_LONGEST} characters")
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise _bad(text, str(error).splitlines()[0]) from error
    if requirement.url or requirement.extras or requirement.marker:
        raise _bad(text, "an address, extras and markers have no meaning here")
    return NamedRequest(skill_name(requirement.name), requirement.specifier)


def _bad(text: str, reason: str) -> UsageError:
    return UsageError(
        f"{text!r} cannot be asked for: {reason}", hint="for example: calendar, calendar==1.2, calendar>=1,<2"
    )


def _file(text: str) -> FileRequest:
    if "://" in text:
        raise UsageError(f"{text} is an address, not a skill", hint="for an index: skill install NAME --index ADDRESS")
    path = Path(text).expanduser().absolute()
    if not path.exists():
        raise UsageError(f"{path} is not there", hint="give a wheel, a skill's folder, or a name from the index")
    if not (path.is_file() if path.suffix == ".whl" else path.is_dir()):
        raise UsageError(f"{path} is neither a wheel nor a folder", hint="give a .whl file or a skill's folder")
    if (path / "pyproject.toml").exists() and not _has_manifest(path):
        raise UsageError(f"{path} has no skill.json yet", hint=f"`skill build {path}` derives it from the functions")
    return FileRequest(path)


def _has_manifest(folder: Path) -> bool:
    return any(any(folder.glob(pattern)) for pattern in ("*/skill.json", "src/*/skill.json"))
