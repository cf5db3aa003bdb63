"""The skills in a folder of installed distributions, read from their metadata alone.

Nothing of a skill is imported or run: entry points and skill.json are text files. A distribution that is broken is
returned with what is wrong and hides no other.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import Distribution
from pathlib import Path

from skillkernel.errors import InvalidName, ManifestError
from skillkernel.manifest.text import SIZE_LIMIT
from skillkernel.manifest.types import Manifest
from skillkernel.names import SkillName, skill_name

GROUP = "skillkernel.skills"
MANIFEST_FILE = "skill.json"

_DIST_INFO = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)\.dist-info")
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Found:
    """One entry point of the group `skillkernel.skills`, or a distribution whose entry points cannot be read.

    `metadata` is the distribution's .dist-info folder, `module` the entry point's value, `folder` the package's folder
    when it was found. `manifest` is there exactly when `problem` is empty.
    """

    name: str
    distribution: str
    version: str
    metadata: Path
    module: str = ""
    folder: Path | None = None
    manifest: Manifest | None = None
    problem: str = ""


def discover(path: Path) -> list[Found]:
    """Every skill among the distributions in the folder `path`, in the order of names; an absent folder has none."""
    found = [skill for info in sorted(path.glob("*.dist-info")) for skill in _of_distribution(path, info)]
    return sorted(_contested(found), key=lambda skill: (skill.name, skill.distribution))


class _Unusable(Exception):
    """What is wrong with a distribution or a skill in it."""


def _of_distribution(path: Path, info: Path) -> Iterator[Found]:
    blank = _named_by_folder(info)
    try:
        claims = _claims(info)
    except _Unusable as problem:
        if blank.distribution.startswith("skill-"):
            yield replace(blank, problem=str(problem))
        return
    for name, module in claims:
        skill = replace(blank, name=name, module=module)
        try:
            yield _read_skill(path, skill)
        except _Unusable as problem:
            yield replace(skill, problem=str(problem))


def _named_by_folder(info: Path) -> Found:
    parts = _DIST_INFO.fullmatch(info.name)
    distribution = _normal(parts["name"] if parts else info.name.removesuffix(".dist-info"))
    name = distribution.removeprefix("skill-")
    return Found(name=name, distribution=distribution, version=parts["version"] if parts else "", metadata=info)


def _claims(info: Path) -> Sequence[tuple[str, str]]:
    """Name and value of each entry point of the group; most distributions have none and are not read further."""
    try:
        text = (info / "entry_points.txt").read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise _Unusable(f"entry_points.txt cannot be read: {error}") from None
    if GROUP not in text:
        return ()
    try:
        return [(point.name, point.value) for point in Distribution.at(info).entry_points if point.group == GROUP]
    except (TypeError, ValueError, AttributeError) as error:
        raise _Unusable(f"entry_points.txt is malformed: {error}") from None


def _read_skill(path: Path, skill: Found) -> Found:
    name = _checked_name(skill)
    if not _MODULE.fullmatch(skill.module):
        raise _Unusable(f"its entry point is {skill.module!r}, not the name of a module such as {_module_of(name)}")
    skill = _with_metadata(skill)
    folder = _package_folder(path, skill)
    if folder is None:
        raise _Unusable(f"there is no {MANIFEST_FILE} in the package {skill.module}; `skill build` writes it")
    return replace(skill, folder=folder, manifest=_manifest(folder / MANIFEST_FILE, name, skill.version))


def _checked_name(skill: Found) -> SkillName:
    try:
        name = skill_name(skill.name)
    except InvalidName as error:
        raise _Unusable(f"its entry point: {error.message}") from None
    if skill.distribution != f"skill-{name}":
        raise _Unusable(f"the distribution {skill.distribution} offers the skill {name}; only skill-{name} may")
    return name


def _with_metadata(skill: Found) -> Found:
    """The version as METADATA has it, which must be of the distribution that the folder names."""
    try:
        metadata = Distribution.at(skill.metadata).metadata
        if not {"Name", "Version"} <= set(metadata):
            raise _Unusable("METADATA is missing, or has no name and version")
        name, version = metadata["Name"], metadata["Version"]
    except (OSError, UnicodeDecodeError, TypeError, ValueError, AttributeError) as error:
        raise _Unusable(f"METADATA cannot be read: {error}") from None
    if _normal(name) != skill.distribution:
        raise _Unusable(f"METADATA is of {name}, the folder of {skill.distribution}")
    return replace(skill, version=version)


def _package_folder(path: Path, skill: Found) -> Path | None:
    roots = [path, *_linked_folders(path, skill.metadata)]
    return next((root / skill.module for root in roots if (root / skill.module / MANIFEST_FILE).is_file()), None)


def _linked_folders(path: Path, info: Path) -> Iterator[Path]:
    """The folders that an editable install points to: plain lines of its .pth files, none of which is run."""
    try:
        record = (info / "RECORD").read_text(encoding="utf-8")
        links = [path / line.split(",")[0] for line in record.splitlines() if line.split(",")[0].endswith(".pth")]
        lines = [line.strip() for link in links if link.parent == path for line in link.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        return
    yield from (Path(line) for line in lines if line.startswith("/"))


def _manifest(file: Path, name: SkillName, version: str) -> Manifest:
    from skillkernel.manifest.parse import parse_manifest

    try:
        with file.open("rb") as stream:
            data = stream.read(SIZE_LIMIT + 1)
        manifest = parse_manifest(data, source=MANIFEST_FILE, expected_name=name)
    except OSError as error:
        raise _Unusable(f"{MANIFEST_FILE} cannot be read: {error.strerror}") from None
    except ManifestError as error:
        raise _Unusable(error.message) from None
    if manifest.version != version:
        raise _Unusable(f"{MANIFEST_FILE} is of version {manifest.version}, the distribution {version}")
    return manifest


def _contested(found: Sequence[Found]) -> Iterator[Found]:
    """A name that two distributions claim belongs to neither."""
    claims: dict[str, list[Found]] = defaultdict(list)
    for skill in found:
        claims[skill.name].append(skill)
    for skill in found:
        others = [other.metadata.name for other in claims[skill.name] if other is not skill]
        if others:
            problem = f"{skill.metadata.name} and {', '.join(others)} both claim the name {skill.name}"
            yield replace(skill, manifest=None, problem=problem)
        else:
            yield skill


def _module_of(name: SkillName) -> str:
    return f"skill_{name.replace('-', '_')}"


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()
