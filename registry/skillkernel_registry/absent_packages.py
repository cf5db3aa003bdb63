"""Python packages that a skill depends on and no package index has, as uv says it.

Threat: a name that nobody owns, mistyped or made up by a model, can be registered by anybody, whose code then runs
wherever the skill is installed.
"""

import re
from importlib.metadata import distributions

from packaging.utils import canonicalize_name

from skillkernel.errors import Missing
from skillkernel.near import nearest
from skillkernel_registry.authoring.toml_lines import line_of
from skillkernel_registry.errors import UnknownDependency
from skillkernel_registry.lock import Lock
from skillkernel_registry.project import Project

_ABSENT = re.compile(
    r"\b(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*) was not found in the (?:package registry|provided package locations|cache)"
)
_OTHER_VERSIONS = re.compile(r"\bonly (?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)[<>=!~]\S* is available")
_NOT_ASKED = ("network was disabled", "could not be queried", "requires authentication")


def absent_packages(output: str) -> tuple[str, ...]:
    """The packages that uv found nowhere, by what it printed."""
    return tuple(dict.fromkeys(found["name"] for found in _ABSENT.finditer(" ".join(output.split()))))


def doubted_packages(output: str) -> tuple[str, ...]:
    """The packages of which uv says that only other versions are available."""
    return tuple(dict.fromkeys(found["name"] for found in _OTHER_VERSIONS.finditer(" ".join(output.split()))))


def was_asked(output: str) -> bool:
    """Whether every package index answered: what was not found in the others may yet be there."""
    return not any(said in output for said in _NOT_ASKED)


def unknown_dependency(project: Project, names: tuple[str, ...], kept: Lock, output: str) -> UnknownDependency:
    """The error for packages that are nowhere."""
    near = [one for name in names for one in nearest(name, _known(project, names, kept), limit=2)]
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    return UnknownDependency(
        f"{_places(project, names)}: no package index has it, and whoever registers the name first decides what runs",
        hint=f"{meant}correct the name or take it out; do not register it to make this pass",
        log=output,
    )


def not_looked_up(project: Project, names: tuple[str, ...]) -> Missing:
    """The error for packages of which nobody could say whether they are anywhere."""
    return Missing(
        f"{project.name}: its dependencies cannot be locked: {_places(project, names)} could not be looked up",
        hint="try again without --offline and UV_OFFLINE, and look at the package indexes' credentials",
    )


def _places(project: Project, names: tuple[str, ...]) -> str:
    return ", ".join(f"{name} ({_place(project, name)})" for name in names)


def _place(project: Project, name: str) -> str:
    """The line of pyproject.toml that names a package, else that of the dependencies of which one needs it."""
    text = (project.folder / "pyproject.toml").read_text("utf-8", "replace")
    start = line_of(text, "/project/dependencies")
    own = {canonicalize_name(one.name) for one in project.dependencies}
    if canonicalize_name(name) not in own:
        return f"pyproject.toml:{start}, needed by a dependency"
    for number, line in enumerate(text.splitlines()[start - 1 :], start=start):
        quoted = re.findall(r"[\"']\s*([A-Za-z0-9][A-Za-z0-9._-]*)", line)
        if canonicalize_name(name) in map(canonicalize_name, quoted):
            return f"pyproject.toml:{number}"
    return f"pyproject.toml:{start}"


def _known(project: Project, names: tuple[str, ...], kept: Lock) -> set[str]:
    """Names of packages that exist: those of the last lock, and those of this machine."""
    here = {name for one in distributions() if (name := one.name)}
    return ({pin.name for pin in kept.pins} | here) - set(names)
