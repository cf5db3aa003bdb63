"""Writes skill.lock so that a reviewer sees what changes: one order, one value a line."""

from typing import Any, cast

import tomlkit
from tomlkit.items import Table

from skillkernel_registry.lockfile.format import LockedIndex, LockedSkill, LockFile

_HEAD = "Made by `skill lock`. `skill sync` makes a machine have exactly these skills; docs/lock.md describes it."


def render_lock_file(lock: LockFile) -> bytes:
    """The bytes of skill.lock, the same for the same lock; parsing them gives it back."""
    document = tomlkit.document()
    document.add(tomlkit.comment(_HEAD))
    document.add("lock_version", tomlkit.item(lock.lock_version))
    if lock.indexes:
        document.add("index", _tables([_index(index) for index in lock.indexes]))
    if lock.skills:
        document.add("skill", _tables([_skill(skill) for skill in lock.skills]))
    return document.as_string().encode()


def _index(index: LockedIndex) -> Table:
    return _table({"name": index.name, "address": index.address, **_unless_empty(root=index.root)})


def _skill(skill: LockedSkill) -> Table:
    table = _table(
        {
            "name": skill.name,
            "version": skill.version,
            "index": skill.index,
            **_unless_empty(publisher=skill.publisher, signer=skill.signer),
            "wheel": skill.wheel,
            "length": skill.length,
            "sha256": skill.sha256,
            "dependencies": skill.dependencies,
            **_unless_empty(requires=_rows(skill.requires)),
            "requested": skill.requested,
            **_unless_empty(ask_at_use=skill.ask_at_use),
            "grants": _rows(skill.grants),
        }
    )
    if skill.settings is not None:
        table.add("settings", tomlkit.item(_sorted(skill.settings)))
    return table


def _tables(tables: list[Table]) -> Any:
    whole: Any = tomlkit.aot()
    for table in tables:
        whole.append(table)
    return whole


def _table(values: dict[str, Any]) -> Table:
    table = tomlkit.table()
    for name, value in values.items():
        table.add(name, value)
    return table


def _unless_empty(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        named = cast("dict[str, Any]", value)
        return {name: _sorted(named[name]) for name in sorted(named)}
    return value


def _rows(rows: tuple[str, ...]) -> Any:
    array: Any = tomlkit.array()
    array.extend(rows)
    return array.multiline(bool(rows))
