"""A skill's source folder: what its pyproject.toml says."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from skillkernel.errors import InvalidName, ManifestError
from skillkernel.names import SkillName, skill_name
from skillkernel.regular_file import read_regular_file
from skillkernel_registry.wheel import DISTRIBUTION_PREFIX, SKILL_GROUP, shadows

BACKEND = "hatchling.build"
_MOST_BYTES = 1_000_000
_HINT = "skills/calendar in skillkernel's repository is an example"
_NO_SOURCE = "name the folder of a skill's source; `skill new NAME` makes one"


@dataclass(frozen=True, slots=True)
class Project:
    """What is needed of pyproject.toml; `package` is the folder of `module`."""

    folder: Path
    name: SkillName
    version: str
    summary: str
    module: str
    package: Path
    dependencies: tuple[Requirement, ...]
    requires_python: str
    skill: dict[str, Any]


def read_project(folder: Path) -> Project:
    """Read a skill's pyproject.toml; raise `ManifestError` that names the table and the problem."""
    file = folder / "pyproject.toml"
    toml = _Toml(file, _load(file))
    _check_backend(toml)
    name, module = _entry_point(toml)
    return Project(
        folder=folder,
        name=name,
        version=_version(toml),
        summary=toml.text("project", "description"),
        module=module,
        package=_package(toml, folder, module),
        dependencies=_dependencies(toml),
        requires_python=toml.text("project", "requires-python", default=""),
        skill=toml.table("tool", "skill"),
    )


def project_findings(folder: Path) -> tuple[tuple[str, str], ...]:
    """Everything for which `read_project` would refuse the file, not the first thing alone: JSON pointer and problem."""
    file = folder / "pyproject.toml"
    try:
        toml = _Toml(file, _load(file))
    except ManifestError as error:
        return error.findings
    parts: tuple[Callable[[], object], ...] = (
        lambda: _check_backend(toml),
        lambda: _package(toml, folder, _entry_point(toml)[1]),
        lambda: _version(toml),
        lambda: toml.text("project", "description"),
        lambda: _dependencies(toml),
        lambda: toml.text("project", "requires-python", default=""),
        lambda: toml.table("tool", "skill"),
    )
    found: list[tuple[str, str]] = []
    for part in parts:
        try:
            part()
        except ManifestError as error:
            found.extend(error.findings)
    return tuple(found)


class _Toml:
    """A parsed file that answers with values of the asked type, or says what is wrong where."""

    def __init__(self, file: Path, document: dict[str, Any]) -> None:
        self._file = file
        self._document = document

    def wrong(self, problem: str, *keys: str) -> ManifestError:
        return ManifestError(str(self._file), (("/" + "/".join(keys), problem),), hint=_HINT)

    def value(self, *keys: str) -> object:
        value: object = self._document
        for key in keys:
            value = cast("dict[str, object]", value).get(key) if isinstance(value, dict) else None
        return value

    def table(self, *keys: str) -> dict[str, Any]:
        value = self.value(*keys)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.wrong("is not a table", *keys)
        return cast("dict[str, Any]", value)

    def text(self, *keys: str, default: str | None = None) -> str:
        value = self.value(*keys)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (default is None and not value):
            raise self.wrong("is missing" if value is None else "is not a text", *keys)
        return value

    def texts(self, *keys: str) -> tuple[str, ...]:
        value = self.value(*keys)
        items = cast("list[object]", value) if isinstance(value, list) else [] if value is None else [None]
        if not all(isinstance(item, str) for item in items):
            raise self.wrong("is not a list of texts", *keys)
        return tuple(cast("list[str]", items))


def _load(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_regular_file(file, _MOST_BYTES).decode("utf-8"))
    except OSError as error:
        raise ManifestError(str(file), (("", f"cannot be read: {error.strerror}"),), hint=_NO_SOURCE) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ManifestError(str(file), (("", f"is not TOML: {error}"),), hint="mend that line") from error


def _check_backend(toml: _Toml) -> None:
    if toml.value("build-system", "build-backend") != BACKEND or toml.value("build-system", "backend-path") is not None:
        raise toml.wrong(
            f"must be {BACKEND!r}, the one backend that skills are built with", "build-system", "build-backend"
        )
    for text in toml.texts("build-system", "requires"):
        if canonicalize_name(_requirement(toml, text, "build-system", "requires").name) != "hatchling":
            raise toml.wrong(f"names {text!r}: nothing but hatchling is there", "build-system", "requires")


def _entry_point(toml: _Toml) -> tuple[SkillName, str]:
    keys = ("project", "entry-points", SKILL_GROUP)
    entries = toml.table(*keys)
    if len(entries) != 1:
        raise toml.wrong(f"must name one skill, and names {len(entries)}", *keys)
    key, module = next(iter(entries.items()))
    try:
        name = skill_name(key)
    except InvalidName as error:
        raise toml.wrong(f"{error.message}: {error.hint}", *keys) from error
    if not isinstance(module, str) or not (module.isidentifier() and module.isascii()):
        raise toml.wrong("is not the name of a package", *keys, key)
    if canonicalize_name(toml.text("project", "name")) != DISTRIBUTION_PREFIX + name:
        raise toml.wrong(f"must be skill-{name}, since the skill is {name}", "project", "name")
    if shadows(module):
        raise toml.wrong("would stand before the module of that name that skills rely on", *keys, key)
    return name, module


def _version(toml: _Toml) -> str:
    text = toml.text("project", "version")
    try:
        return str(Version(text))
    except InvalidVersion as error:
        raise toml.wrong(f"{text!r} is not a PEP 440 version", "project", "version") from error


def _dependencies(toml: _Toml) -> tuple[Requirement, ...]:
    keys = ("project", "dependencies")
    requirements = tuple(_requirement(toml, text, *keys) for text in toml.texts(*keys))
    for requirement in requirements:
        if canonicalize_name(requirement.name) == "skillkernel":
            raise toml.wrong("names skillkernel: say requires_kernel in [tool.skill] instead", *keys)
        if requirement.url:
            raise toml.wrong(f"{requirement.name} has an address; a skill depends on released packages", *keys)
    return requirements


def _requirement(toml: _Toml, text: str, *keys: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        raise toml.wrong(f"{text!r} is not a requirement", *keys) from error


def _package(toml: _Toml, folder: Path, module: str) -> Path:
    for candidate in (folder / module, folder / "src" / module):
        if (candidate / "__init__.py").is_file():
            return candidate
    raise toml.wrong(f"names {module}, but there is no {module}/__init__.py", "project", "entry-points", SKILL_GROUP)
