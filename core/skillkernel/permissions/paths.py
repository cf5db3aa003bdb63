"""Which files and folders of the person a skill may reach, from its rows, its settings and what is denied everywhere.

Threat: a grant that means more than it says: a link inside it, a setting with `..`, SKILL_HOME or a key ring within a
granted folder. Every path is followed to its end once, here; what is denied covers what lies within a grant; a path that
lies in a denied one is refused.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from skillkernel.errors import PermissionRefused
from skillkernel.manifest.permission_form import filled
from skillkernel.permissions.granted_path import GrantedPath

ALWAYS_DENIED = (
    "~/.ssh",
    "~/.gnupg",
    "~/.aws",
    "~/.azure",
    "~/.config/gcloud",
    "~/.kube",
    "~/.docker",
    "~/.netrc",
    "~/.pypirc",
    "~/.git-credentials",
    "~/.password-store",
    "~/.local/share/keyrings",
)
"""Keys and tokens: no grant of a folder around them means them; a grant that names one of them itself does."""
_SYSTEM = tuple(map(Path, ("/proc", "/sys", "/dev", "/run", "/kernel", "/environment", "/data")))
"""Of the machine, or of the sandbox itself: not a person's files."""
_ACCESSES = (("files.read:", "read"), ("files.write:", "write"))


def granted_paths(
    rows: Iterable[str], settings: Mapping[str, Any], *, person: Path, kernel_home: Path, denied: Iterable[str] = ()
) -> tuple[GrantedPath, ...]:
    """The files and folders of these rows that exist, each outer one before what lies in it, then what is denied within.

    `person` is what `~` stands for, `kernel_home` is SKILL_HOME, `denied` are the paths of config.toml's `[files] deny`.
    Rows whose setting is not set, or whose path is not there, grant nothing. Raises `PermissionRefused` when a setting
    is no path, or a path is a denied one or lies in it.
    """
    named = [
        (spelled, access)
        for row in rows
        for prefix, access in _ACCESSES
        if row.startswith(prefix) and (spelled := _spelled(row.removeprefix(prefix), settings, person))
    ]
    for path, _ in named:
        _refuse_system(path)
    own_words = {path for path, _ in named}
    forbidden = [_real(kernel_home), *(_real(_home(text, person)) for text in denied)]
    private = [_real(path) for text in ALWAYS_DENIED if (path := _home(text, person)) not in own_words]
    found: dict[Path, GrantedPath] = {}
    for spelled, access in named:
        real = _real(spelled)
        if not real.exists():
            continue
        _refuse_system(real)
        for wall in (*forbidden, *private):
            if real.is_relative_to(wall):
                raise PermissionRefused(
                    f"{spelled} is not given to any skill: it lies in {wall}, which is denied",
                    hint="name another folder in the skill's settings or grants",
                )
        if found.get(spelled) is None or access == "write":
            found[spelled] = GrantedPath(real, spelled, "write" if access == "write" else "read", real.is_dir())
    grants = sorted(found.values(), key=lambda grant: len(grant.at.parts))
    return (*grants, *_covers(grants, [*forbidden, *private]))


def _refuse_system(path: Path) -> None:
    if any(path.is_relative_to(place) or place.is_relative_to(path) for place in _SYSTEM):
        raise PermissionRefused(
            f"{path} is not given to any skill: it is of the machine and not a person's",
            hint="name a folder of your own",
        )


def _covers(grants: list[GrantedPath], walls: list[Path]) -> list[GrantedPath]:
    return [
        GrantedPath(wall, grant.at / wall.relative_to(grant.path), "denied", wall.is_dir())
        for grant in grants
        for wall in walls
        if wall.is_relative_to(grant.path) and wall.exists()
    ]


def _spelled(value: str, settings: Mapping[str, Any], person: Path) -> Path | None:
    text = filled(value, settings)
    if text is None:
        return None
    path = _home(text, person)
    if "\0" in text or text.startswith("~//") or not path.is_absolute() or ".." in path.parts:
        raise PermissionRefused(
            f"{text!r} is no path that can be granted: it has to be absolute, or begin with ~/, and have no `..`",
            hint="`skill config` shows and changes the skill's settings",
        )
    return path


def _home(text: str, person: Path) -> Path:
    if text == "~" or text.startswith("~/"):
        return person / text[2:]
    return Path(os.path.normpath(text)) if ".." not in text.split("/") else Path(text)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
