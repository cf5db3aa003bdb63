"""What a skill asks for, in plain words: what of it was granted, and what its settings make of that."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skillkernel.catalogue.types import Installed
from skillkernel.manifest.permission_form import settings_in
from skillkernel.permissions.narrow import stands_for
from skillkernel.permissions.network import BadEndpoint, read_endpoint
from skillkernel.permissions.rows import holds, split_row
from skillkernel_registry.consent import row_in_words


@dataclass(frozen=True, slots=True)
class Ask:
    """One row of the manifest.

    `granted` are the rows that a person granted of it: itself, narrower ones, or none. `means` is what the row stands
    for with the settings of now where that differs from what it says, `problem` why it stands for nothing.
    """

    row: str
    words: str
    granted: tuple[str, ...]
    means: str
    problem: str

    @property
    def whole(self) -> bool:
        """Whether all of it was granted."""
        return any(holds(row, self.row) for row in self.granted)


def asks_of(skill: Installed) -> tuple[Ask, ...]:
    """Each row that the skill's manifest asks for, in its order."""
    return tuple(_ask(skill, row) for row in skill.manifest.permissions.rows())


def row_now(row: str, settings: Mapping[str, Any]) -> str:
    """One row in plain words, with what the settings of now make of it in brackets."""
    words = row_in_words(row)
    means, problem = meaning(row, settings)
    if problem:
        return f"{words} ({problem})"
    return f"{words} ({means})" if means else words


def meaning(row: str, settings: Mapping[str, Any]) -> tuple[str, str]:
    """What a row stands for where that differs from what it says, and why it stands for nothing; either may be empty."""
    kind, value = split_row(row)
    unset = [name for name in settings_in(value) if name not in settings]
    if unset:
        return "", f"{unset[0]} is not set"
    filled = split_row(stands_for(row, settings))[1]
    if kind == "network":
        try:
            means = str(read_endpoint(filled))
        except BadEndpoint as problem:
            return "", str(problem)
    elif kind.startswith("files."):
        means = str(Path.home() / filled[2:]) if filled.startswith("~/") else filled
    else:
        means = filled
    return ("" if means == value else means), ""


def _ask(skill: Installed, row: str) -> Ask:
    given = tuple(one for one in skill.granted.rows() if holds(one, row) or holds(row, one))
    means, problem = meaning(row, skill.settings)
    return Ask(row, row_in_words(row), given, means, problem)
