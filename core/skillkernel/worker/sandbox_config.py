"""The `[sandbox]` table of SKILL_HOME/config.toml: the only place where a person can choose other walls, or none.

Threat: a skill, a project folder or a variable that switches the walls off, and a misspelt line that is passed over. So
nothing but that file is read, and what is not understood there is an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from skillkernel.errors import InvalidName, UsageError
from skillkernel.names import skill_name
from skillkernel.text import visible

UNPROTECTED_REASON = "unprotected: config.toml [sandbox] unprotected names it"
"""What every call of such a skill says."""


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """`tier`: the one to use, None for the best that holds; `unprotected`: skills that run without walls."""

    tier: Literal["A", "B"] | None = None
    unprotected: frozenset[str] = frozenset()


def sandbox_config(config: Mapping[str, Any]) -> SandboxConfig:
    """Read the table `sandbox` of what config.toml holds; raise `UsageError` for anything else than the two keys."""
    table = config.get("sandbox", {})
    if not isinstance(table, dict):
        raise UsageError("config.toml: sandbox is not a table", hint='write [sandbox], then for example tier = "B"')
    entries = cast("dict[str, object]", table)
    for key in entries:
        if key not in ("tier", "unprotected"):
            raise UsageError(
                f"config.toml: sandbox.{visible(key, limit=80)} is not a setting",
                hint='there are: tier = "A" or "B", unprotected = ["SKILL"]',
            )
    return SandboxConfig(_tier(entries.get("tier")), _unprotected(entries.get("unprotected", [])))


def _tier(value: object) -> Literal["A", "B"] | None:
    if value is None:
        return None
    if value == "A":
        return "A"
    if value == "B":
        return "B"
    raise UsageError(
        f"config.toml: sandbox.tier is {value!r}", hint='it has to be "A" or "B"; leave it out for the best'
    )


def _unprotected(value: object) -> frozenset[str]:
    names = cast("list[object]", value) if isinstance(value, list) else [value]
    if not isinstance(value, list) or not all(isinstance(name, str) for name in names):
        raise UsageError(
            f"config.toml: sandbox.unprotected is {value!r}",
            hint='it has to be a list of skills: unprotected = ["NAME"]',
        )
    try:
        return frozenset(skill_name(str(name)) for name in names)
    except InvalidName as error:
        raise UsageError(f"config.toml: sandbox.unprotected: {error.message}", hint=error.hint) from error
