"""Which permissions a call has: what the manifest asks for, what a person granted, what the session allows."""

from functools import lru_cache

from skillkernel.catalogue.types import Installed
from skillkernel.errors import PermissionRefused
from skillkernel.manifest.types import Permissions, Tool
from skillkernel.permissions.narrow import narrowed


def effective(skill: Installed, session: frozenset[str] | None = None) -> tuple[str, ...]:
    """Rows that the skill may use: manifest ∩ grants ∩ session, in manifest order.

    `session` holds rows as what they stand for (`narrow.stands_for`); None narrows nothing.
    """
    rows = _meet(skill.manifest.permissions, skill.granted)
    return rows if session is None else narrowed(rows, skill.settings, session)


@lru_cache(maxsize=1_024)
def _meet(asked: Permissions, given: Permissions) -> tuple[str, ...]:
    granted = set(given.rows())
    return tuple(row for row in asked.rows() if row in granted)


def require(skill: Installed, tool: Tool, session: frozenset[str] | None = None) -> tuple[str, ...]:
    """Return the effective rows; raise `PermissionRefused` naming those that the tool needs and does not have."""
    rows = effective(skill, session)
    missing = [row for row in tool.permissions if row not in rows]
    if missing:
        raise PermissionRefused(
            f"{skill.name}.{tool.name} needs {', '.join(missing)}, which is not granted",
            hint=f"`skill install {skill.name}` shows what the skill asks for and grants it with your consent",
        )
    return rows
