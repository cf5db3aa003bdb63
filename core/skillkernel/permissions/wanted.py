"""What a skill was refused, as the permission rows that would have allowed it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from skillkernel.catalogue.types import Installed
from skillkernel.permissions.narrow import stands_for
from skillkernel.permissions.network import BadEndpoint, read_endpoint, row_for
from skillkernel.permissions.rows import split_row

_SERVICES = {"remember": "memory", "recall": "memory", "model": "model"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One row that was missing: `asked` is the row of the skill's manifest that covers it, empty when none does."""

    row: str
    asked: str
    tool: str
    target: str
    reason: str


def wanted(skill: Installed, accesses: Iterable[Mapping[str, Any]], person: Path) -> tuple[Wanted, ...]:
    """What the refused among these accesses wanted, each row once a tool, in their order; `person` is what `~` means."""
    found: dict[tuple[str, str], Wanted] = {}
    for access in accesses:
        if access["ruling"] == "refused" and (row := _row(access, person)):
            asked = _asked(skill, row, person)
            found.setdefault(
                (row, access["tool"]), Wanted(row, asked, access["tool"], access["target"], access["reason"])
            )
    return tuple(found.values())


def _row(access: Mapping[str, Any], person: Path) -> str:
    target = str(access["target"])
    match access["kind"]:
        case "network":
            return f"network:{target}"
        case "file":
            path = PurePosixPath(target).relative_to(person) if _within(target, person) else None
            near = target if path is None else f"~/{path}"
            return f"files.{'write' if 'write' in access['reason'] else 'read'}:{near}"
        case "program":
            return f"programs:{target}"
        case "secret":
            return f"secrets:{target}"
        case _:
            return f"kernel:{_SERVICES.get(target) or target.partition('.')[0]}"


def _within(target: str, person: Path) -> bool:
    return target != str(person) and PurePosixPath(target).is_relative_to(person)


def _asked(skill: Installed, row: str, person: Path) -> str:
    kind, value = split_row(row)
    same_kind = [asked for asked in skill.manifest.permissions.rows() if split_row(asked)[0] == kind]
    if kind == "network":
        try:
            found = row_for(read_endpoint(value), [split_row(asked)[1] for asked in same_kind], skill.settings)
        except BadEndpoint:
            return ""
        return f"network:{found}" if found is not None else ""
    for asked in same_kind:
        means = split_row(stands_for(asked, skill.settings))[1]
        if means == value or (kind.startswith("files.") and _path(value, person).is_relative_to(_path(means, person))):
            return asked
    return ""


def _path(value: str, person: Path) -> PurePosixPath:
    return PurePosixPath(person / value[2:] if value.startswith("~/") else person if value == "~" else value)
