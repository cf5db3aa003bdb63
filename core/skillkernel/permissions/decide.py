"""Which permissions a call has: what the manifest asks for, what a person granted, what the session allows."""

import shlex
from collections.abc import Collection, Iterable
from functools import lru_cache

from skillkernel.catalogue.types import Installed
from skillkernel.errors import PermissionRefused
from skillkernel.manifest.types import Permissions, Tool
from skillkernel.permissions.narrow import narrowed
from skillkernel.permissions.rows import holds, meet


def effective(skill: Installed, session: frozenset[str] | None = None, more: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Rows that the skill may use: manifest ∩ grants ∩ session, in manifest order.

    `session` holds rows as what they stand for (`narrow.stands_for`); None narrows nothing. `more` were given beside the
    grants, for a while.
    """
    rows = _meet(skill.manifest.permissions, skill.granted, more)
    return rows if session is None else narrowed(rows, skill.settings, session)


@lru_cache(maxsize=1_024)
def _meet(asked: Permissions, given: Permissions, more: tuple[str, ...]) -> tuple[str, ...]:
    return meet(asked.rows(), (*given.rows(), *more))


def lacking(needed: Iterable[str], rows: Collection[str]) -> tuple[str, ...]:
    """Those of `needed` of which nothing is among `rows`."""
    return tuple(need for need in needed if need not in rows and not any(holds(need, row) for row in rows))


def refusal(
    skill: Installed, tool: Tool, missing: tuple[str, ...], session: frozenset[str] | None = None
) -> PermissionRefused:
    """The error for rows that a call needs and does not have; its hint is the command that grants them."""
    needs = f"{skill.name}.{tool.name} needs {', '.join(missing)}"
    ungranted = lacking(missing, effective(skill))
    if session is not None and not ungranted:
        return PermissionRefused(
            f"{needs}, which the skill that called it may not have itself",
            hint="a skill that another one calls gets no more than that one was granted",
        )
    return PermissionRefused(f"{needs}, which is not granted", hint=f"`{grant_command(skill.name, ungranted)}`")


def grant_command(skill: str, rows: Iterable[str]) -> str:
    """The command line that grants these rows."""
    return f"skill grant {skill} {' '.join(map(shlex.quote, rows))}"
