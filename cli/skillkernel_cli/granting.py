"""What `skill grant` and `skill revoke` have in common: their rows, and how a change is told."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from skillkernel_cli.output import note

if TYPE_CHECKING:
    from skillkernel_registry.grants import GrantsResult


def check_rows(rows: Sequence[str] | None, *, every: bool, command: str) -> None:
    """Raise `UsageError` unless either rows or all of them are named."""
    from skillkernel.errors import UsageError

    if rows and every:
        raise UsageError("rows are named, and --all too", hint="say one of both")
    if not rows and not every:
        raise UsageError("no permission was named", hint=f"for example: {command} network:example.org:443, or --all")


def say_changed(result: "GrantsResult") -> None:
    """Say what changed, and how to undo it."""
    name = result.skill.name
    if not result.added and not result.removed:
        note(f"{name}: nothing changed")
        return
    did = [
        f"{what} {', '.join(rows)}" for what, rows in (("granted", result.added), ("revoked", result.removed)) if rows
    ]
    note(f"{name}: {'; '.join(did)} (generation {result.generation}; `skill rollback` undoes it)")


def changed_json(result: "GrantsResult") -> dict[str, Any]:
    """The object that `--json` prints."""
    return {
        "name": result.skill.name,
        "generation": result.generation,
        "granted": list(result.skill.granted.rows()),
        "added": list(result.added),
        "removed": list(result.removed),
    }
