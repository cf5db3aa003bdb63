"""A skill's wheel, looked through before anything of it is unpacked.

A skill's wheel is pure Python, named skill-NAME, holds one package and one manifest that agree with its metadata, and
nothing that acts by being installed: no .pth, no scripts, no data that goes elsewhere, no bytecode.
"""

import base64
import configparser
import csv
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from skillkernel.errors import ManifestError
from skillkernel.manifest.parse import parse_manifest
from skillkernel.manifest.types import Manifest
from skillkernel.names import Sha256
from skillkernel_registry.archive import Archive, open_archive
from skillkernel_registry.lock import LOCK_NAME, Lock, parse_lock, unusable
from skillkernel_registry.wheel_cache import hash_file

SKILL_GROUP = "skillkernel.skills"
DISTRIBUTION_PREFIX = "skill-"
RESERVED = {"skillkernel", "skillkernel_registry", "skillkernel_cli", "pluggy"}
_PURE = {Tag("py3", "none", "any"), Tag("py2", "none", "any")}


@dataclass(frozen=True, slots=True)
class SkillWheel:
    """What an inspected wheel holds; `module` is the entry point's value."""

    path: Path
    sha256: Sha256
    manifest: Manifest
    module: str
    requires_python: str
    lock: Lock


@dataclass(frozen=True, slots=True)
class _Metadata:
    """What is needed of METADATA."""

    name: str
    version: str
    requires: tuple[Requirement, ...]
    requires_python: str


def inspect_wheel(path: Path) -> SkillWheel:
    """Read a skill's wheel without unpacking it.

    Raises `UnsafeWheel` naming the place, or `ManifestError` for a manifest that cannot be used.
    """
    with open_archive(path) as archive:
        info = _info_folder(archive, path)
        _check_record(archive, info)
        _check_tags(archive, info)
        metadata = _metadata(archive, info)
        name, module = _entry_point(archive, info)
        _check_contents(archive, info, module)
        manifest = _manifest(archive, module)
        _check_agreement(archive, info, metadata, name, manifest)
        return SkillWheel(
            path=path,
            sha256=hash_file(path),
            manifest=manifest,
            module=module,
            requires_python=metadata.requires_python,
            lock=_lock(archive, module, metadata.requires),
        )


def shadows(module: str) -> bool:
    """Whether a top-level module of that name would stand before the kernel's or the standard library's."""
    return module in RESERVED or module in sys.stdlib_module_names


def _info_folder(archive: Archive, path: Path) -> str:
    try:
        name, version, _, tags = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        raise archive.refuse("", str(error)) from error
    if not tags <= _PURE:
        raise archive.refuse("", "is not pure Python: a skill's wheel ends in -py3-none-any.whl")
    folders = {top for entry in archive.names if (top := entry.partition("/")[0]).endswith(".dist-info")}
    if len(folders) != 1:
        raise archive.refuse("", f"holds {len(folders)} .dist-info folders instead of one")
    folder = folders.pop()
    distribution, _, of = folder.removesuffix(".dist-info").rpartition("-")
    if canonicalize_name(distribution) != name or of != str(version):
        raise archive.refuse(folder, f"is not for {name} {version}, which the file is named for")
    if not name.startswith(DISTRIBUTION_PREFIX):
        raise archive.refuse("", f"is named {name}; a skill's distribution is skill-NAME")
    return folder


def _check_record(archive: Archive, info: str) -> None:
    place = f"{info}/RECORD"
    listed: dict[str, tuple[str, str]] = {}
    for row in _rows(archive, place):
        if len(row) != 3 or row[0] in listed:
            raise archive.refuse(place, f"has a line that is not one: {','.join(row)[:80]!r}")
        listed[row[0]] = (row[1], row[2])
    if set(listed) != set(archive.names):
        odd = min(set(listed) ^ set(archive.names))
        raise archive.refuse(odd, "is in RECORD and not in the wheel, or the other way round")
    for name, (hashed, size) in listed.items():
        if name == place:
            continue
        data = archive.read(name)
        expected = "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        if hashed != expected or size != str(len(data)):
            raise archive.refuse(name, "is not what RECORD says of it")


def _rows(archive: Archive, place: str) -> list[list[str]]:
    try:
        return list(csv.reader(_text(archive, place).splitlines()))
    except csv.Error as error:
        raise archive.refuse(place, f"cannot be read: {error}") from error


def _check_tags(archive: Archive, info: str) -> None:
    place = f"{info}/WHEEL"
    wheel = _text(archive, place).splitlines()
    if "Root-Is-Purelib: true" not in wheel or not any(line.startswith("Wheel-Version: 1.") for line in wheel):
        raise archive.refuse(place, "is not that of a pure wheel of version 1")
    tags = {line.removeprefix("Tag:").strip() for line in wheel if line.startswith("Tag:")}
    if "py3-none-any" not in tags or not tags <= {"py3-none-any", "py2-none-any"}:
        raise archive.refuse(place, "has other tags than py3-none-any")


def _metadata(archive: Archive, info: str) -> _Metadata:
    place = f"{info}/METADATA"
    try:
        parsed = Metadata.from_email(_text(archive, place), validate=False)
        metadata = _Metadata(
            name=canonicalize_name(parsed.name),
            version=str(parsed.version),
            requires=tuple(parsed.requires_dist or ()),
            requires_python=str(parsed.requires_python or ""),
        )
    except (ValueError, TypeError, AttributeError, ExceptionGroup) as error:
        raise archive.refuse(place, f"cannot be read: {str(error).splitlines()[0]}") from error
    for requirement in metadata.requires:
        if problem := unusable(requirement):
            raise archive.refuse(place, f"requires {str(requirement)[:80]!r}: {problem}")
    return metadata


def _entry_point(archive: Archive, info: str) -> tuple[str, str]:
    place = f"{info}/entry_points.txt"
    parser = configparser.RawConfigParser(delimiters=("=",), strict=True)
    parser.optionxform = str  # type: ignore[method-assign,assignment] # entry point names keep their case
    try:
        parser.read_string(_text(archive, place))
    except configparser.Error as error:
        raise archive.refuse(place, f"cannot be read: {str(error).splitlines()[0]}") from error
    if parser.sections() != [SKILL_GROUP]:
        raise archive.refuse(place, f"must hold the group {SKILL_GROUP} and no other")
    entries = parser.items(SKILL_GROUP)
    if len(entries) != 1:
        raise archive.refuse(place, f"names {len(entries)} skills instead of one")
    name, module = entries[0]
    if not (module.isidentifier() and module.isascii()):
        raise archive.refuse(place, f"{module!r} is not a module")
    return name, module


def _check_contents(archive: Archive, info: str, package: str) -> None:
    if shadows(package):
        raise archive.refuse(package, "would stand before the module of that name that skills rely on")
    for name in archive.names:
        top, _, rest = name.partition("/")
        if top.endswith(".data") or name.lower().endswith(".pth"):
            raise archive.refuse(name, "would be put or run elsewhere by an installer")
        if shadows(top.removesuffix(".py")):
            raise archive.refuse(name, "would stand before the module of that name that skills rely on")
        if top not in {package, info} or not rest:
            raise archive.refuse(name, f"does not belong: a skill's wheel holds {package}/ and {info}/")
        if (
            name.lower().endswith((".pyc", ".so", ".pyd", ".dll", ".dylib"))
            or "__pycache__" in PurePosixPath(name).parts
        ):
            raise archive.refuse(name, "is compiled; a skill's wheel holds source")


def _manifest(archive: Archive, package: str) -> Manifest:
    place = f"{package}/skill.json"
    others = [name for name in archive.names if PurePosixPath(name).name == "skill.json" and name != place]
    if others:
        raise archive.refuse(others[0], "is a second manifest")
    manifest = parse_manifest(archive.read(place), source=f"{archive.label}: {place}")
    if manifest.instructions and f"{package}/{manifest.instructions}" not in archive.names:
        raise archive.refuse(f"{package}/{manifest.instructions}", "is missing, though the manifest names it")
    return manifest


def _check_agreement(archive: Archive, info: str, metadata: _Metadata, name: str, manifest: Manifest) -> None:
    place = f"{info}/METADATA"
    if manifest.name != name:
        raise ManifestError(
            f"{archive.label}: skill.json",
            (("/name", f"{manifest.name!r} is not the entry point's name, {name!r}"),),
        )
    if metadata.name != DISTRIBUTION_PREFIX + name:
        raise archive.refuse(place, f"names {metadata.name}; the skill {name} is distribution skill-{name}")
    folder_version = info.removesuffix(".dist-info").rpartition("-")[2]
    if not metadata.version == manifest.version == folder_version:
        raise archive.refuse(
            place, f"has version {metadata.version}, skill.json {manifest.version}, the wheel {folder_version}"
        )
    for requirement in metadata.requires:
        if canonicalize_name(requirement.name) == "skillkernel":
            raise archive.refuse(place, "depends on skillkernel; a skill says requires_kernel instead")


def _lock(archive: Archive, package: str, requires: tuple[Requirement, ...]) -> Lock:
    place = f"{package}/{LOCK_NAME}"
    if place not in archive.names:
        if requires:
            raise archive.refuse(place, "is missing, though the skill has dependencies; `skill build` makes it")
        return Lock()
    lock = parse_lock(_text(archive, place), place)
    if problem := lock.uncovered(requires):
        raise archive.refuse(place, f"{problem}; `skill build` brings it up to date")
    return lock


def _text(archive: Archive, name: str) -> str:
    try:
        return archive.read(name).decode("utf-8")
    except UnicodeDecodeError as error:
        raise archive.refuse(name, "is not UTF-8 text") from error


def unpack(wheel: SkillWheel, environment: Path) -> None:
    """Write an inspected wheel's files under `environment`; raise `UnsafeWheel` when one is there already."""
    with open_archive(wheel.path) as archive:
        for name in archive.names:
            target = environment / name
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with target.open("xb") as file:
                    file.write(archive.read(name))
            except FileExistsError as error:
                raise archive.refuse(name, "would overwrite a dependency's file") from error
