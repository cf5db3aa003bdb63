"""Who asks: one call of one skill, as the kernel itself knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Caller:
    """The call that a request is served for.

    `rows` are its permissions as they were granted (`network:{server}`), narrowed by the session; `settings` are what
    their braces stand for. `depth` counts the skills that led here: 0 for a call of the model or of a person.
    """

    skill: str
    owner: str
    tool: str
    session: str
    number: int
    rows: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    depth: int = 0

    def granted(self, kind: str) -> tuple[str, ...]:
        """The values of one kind (`network`, `files.read` …) that were granted, braces and all."""
        prefix = f"{kind}:"
        return tuple(row.removeprefix(prefix) for row in self.rows if row.startswith(prefix))
