"""What is left of a skill's rows when another skill calls it: no more than that one may do itself.

Threat: the confused deputy. A skill without network asks one that has it to send something out. Rows are compared by
what they stand for: `{server}` is another host in another skill's settings.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from skillkernel.manifest.permission_form import filled


def stands_for(row: str, settings: Mapping[str, Any]) -> str:
    """The row with its settings filled in; one whose setting is not set stands for itself, so for nothing."""
    meant = filled(row, settings)
    return row if meant is None else meant


def narrowed(rows: Iterable[str], settings: Mapping[str, Any], allowed: frozenset[str]) -> tuple[str, ...]:
    """Those of `rows` that stand for one of `allowed`."""
    return tuple(row for row in rows if stands_for(row, settings) in allowed)


def handed_on(rows: Iterable[str], settings: Mapping[str, Any]) -> frozenset[str]:
    """What a caller with these rows lets the skills that it calls have; its secrets are its own and not among it."""
    return frozenset(stands_for(row, settings) for row in rows if not row.startswith("secrets:"))
