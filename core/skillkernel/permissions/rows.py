"""Permission rows (`kind:value`): which holds another within it, and what two lists have in common.

Threat: a grant that fits more than it says. `files.read:/data` holds `/data/in` and not `/data2`; every other kind is
compared whole, so that nothing is a wildcard.
"""

from collections.abc import Collection, Iterable
from pathlib import PurePosixPath

from skillkernel.manifest.permission_form import PERMISSION_KINDS, permission_problem
from skillkernel.manifest.types import Permissions
from skillkernel.text import visible

_FILES = frozenset({"files.read", "files.write"})


def split_row(row: str) -> tuple[str, str]:
    """Its kind and its value; a text without a colon has no value."""
    kind, _, value = row.partition(":")
    return kind, value


def row_problem(row: str) -> str:
    """Why a text is no permission row, empty when it is one."""
    kind, value = split_row(row)
    if kind not in PERMISSION_KINDS:
        return f"a permission is KIND:VALUE, and a kind is one of {', '.join(PERMISSION_KINDS)}"
    if visible(row) != row:
        return "it has a character in it that cannot be seen"
    return permission_problem(kind, value)


def holds(wider: str, row: str) -> bool:
    """Whether all that `row` allows, `wider` allows too: the same row, or a path within its folder."""
    if wider == row:
        return True
    kind, value = split_row(wider)
    other, within = split_row(row)
    if kind != other or kind not in _FILES or ".." in PurePosixPath(within).parts:
        return False
    return PurePosixPath(within).is_relative_to(value)


def meet(asked: Iterable[str], given: Collection[str]) -> tuple[str, ...]:
    """What both lists allow, in the order of `asked`: its rows that were given, or the narrower ones given in their place."""
    exact = frozenset(given)
    found: list[str] = []
    for row in asked:
        if row in exact or any(holds(wider, row) for wider in given):
            found.append(row)
        else:
            found += [narrower for narrower in given if holds(row, narrower)]
    return tuple(dict.fromkeys(found))


def permissions_of(rows: Iterable[str]) -> Permissions:
    """The rows as the struct that the catalogue keeps."""
    lists: dict[str, tuple[str, ...]] = {}
    for row in rows:
        kind, value = split_row(row)
        field = kind.replace(".", "_")
        lists[field] = (*lists.get(field, ()), value)
    return Permissions(**lists)
