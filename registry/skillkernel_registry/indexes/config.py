"""The `[[index]]` entries of config.toml: which indexes there are, in the order in which they are asked.

    [[index]]
    name = "corp"
    url = "https://skills.corp.example/"
    names = ["corp-*"]

The index that comes with skillkernel is the last one, unless an entry of its name, `first-party`, says where it stands.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from skillkernel.catalogue.types import Layout
from skillkernel.config_file import rewrite_config
from skillkernel.errors import UsageError
from skillkernel.home import read_config
from skillkernel.near import nearest
from skillkernel.schema.kinds import is_list, is_object
from skillkernel.text import visible
from skillkernel_registry.first_party import FIRST_PARTY
from skillkernel_registry.location import WebLocation, parse_location

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_PATTERN = re.compile(r"[a-z0-9*?-]+")
_ROOT = re.compile(r"[0-9a-f]{64}")
_EXAMPLE = 'for example: [[index]] name = "corp", url = "https://skills.corp.example/", names = ["corp-*"]'


class IndexEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One index.

    `url` is its address or folder, and its identity; empty for `first-party` alone. `mirror` is where its files are
    fetched from in place of `url`. `names` are patterns of skill names that belong to this index and to no other.
    `unsigned` takes it without signatures. `root` is the SHA-256 of the root.json that it is first trusted with.
    """

    name: str
    url: str = ""
    mirror: str = ""
    names: tuple[str, ...] = ()
    unsigned: bool = False
    root: str = ""
    enabled: bool = True

    @property
    def identity(self) -> str:
        """What data and grants of its skills are bound to."""
        return FIRST_PARTY if self.name == FIRST_PARTY else str(parse_location(self.url))

    def owns(self, name: str) -> bool:
        """Whether a skill of that name may come from this index alone."""
        return any(fnmatchcase(name, pattern) for pattern in self.names)


_KEYS = IndexEntry.__struct_fields__


def list_indexes(layout: Layout) -> tuple[IndexEntry, ...]:
    """Every index of config.toml in order, the one that comes with skillkernel among them; raise `UsageError`."""
    return read_indexes(read_config(layout.config))


def read_indexes(config: Mapping[str, Any]) -> tuple[IndexEntry, ...]:
    """The entries of what config.toml holds; raise `UsageError` naming the entry and the key that is wrong."""
    written = config.get("index", [])
    if not is_list(written):
        raise UsageError("config.toml: index is not a list of tables", hint=_EXAMPLE)
    entries = [_entry(table, f"config.toml: [[index]] {number}") for number, table in enumerate(written, 1)]
    for entry in entries:
        if len([one for one in entries if one.name == entry.name]) > 1:
            raise UsageError(f"config.toml: two [[index]] have the name {entry.name}", hint="each needs its own")
        if len([one for one in entries if one.identity == entry.identity]) > 1:
            raise UsageError(f"config.toml: two [[index]] are {entry.identity}", hint="leave one of them out")
    if not any(entry.name == FIRST_PARTY for entry in entries):
        entries.append(IndexEntry(name=FIRST_PARTY))
    return tuple(entries)


def add_index(
    layout: Layout,
    name: str,
    where: str,
    *,
    mirror: str = "",
    names: Sequence[str] = (),
    unsigned: bool = False,
    root: str = "",
) -> IndexEntry:
    """Write an index into config.toml: a new one behind those that are there, a known one in its place.

    `where` is a folder or an address; for the name `first-party` it is empty. Raises `UsageError`.
    """
    said = {"name": name, "url": _whole(where), "mirror": _whole(mirror), "names": list(names), "root": root}
    table = {key: value for key, value in said.items() if value} | ({"unsigned": True} if unsigned else {})
    entry = _entry(table, f"the index {visible(name, limit=80)}")
    if entry.name == FIRST_PARTY and not entry.names:
        _edit(layout, lambda document: _without(document, name))
    else:
        _edit(layout, lambda document: _with(document, table))
    return entry


def remove_index(layout: Layout, name: str) -> IndexEntry:
    """Take an index out of config.toml, `first-party` by switching it off; raise `UsageError` when there is none."""
    known = {entry.name: entry for entry in list_indexes(layout)}
    if name not in known:
        near = nearest(name, known, limit=1)
        raise UsageError(
            f"config.toml has no index {visible(name, limit=80)!r}",
            hint=f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}",
        )
    if name == FIRST_PARTY:
        _edit(layout, lambda document: _with(document, {"name": FIRST_PARTY, "enabled": False}))
    else:
        _edit(layout, lambda document: _without(document, name))
    return known[name]


def _entry(table: object, place: str) -> IndexEntry:
    if not is_object(table):
        raise UsageError(f"{place} is not a table", hint=_EXAMPLE)
    for key in table:
        if key not in _KEYS:
            near = nearest(key, _KEYS, limit=1)
            raise UsageError(
                f"{place}: {visible(key, limit=80)} is not a setting",
                hint=f"did you mean {near[0]}?" if near else f"there are: {', '.join(_KEYS)}",
            )
    try:
        entry = msgspec.convert(table, IndexEntry)
    except msgspec.ValidationError as error:
        raise UsageError(f"{place}: {error}", hint=_EXAMPLE) from None
    _check(entry, place)
    return entry


def _check(entry: IndexEntry, place: str) -> None:
    if not _NAME.fullmatch(entry.name):
        raise UsageError(
            f"{place}: the name {visible(entry.name, limit=80)!r} is not one",
            hint="up to 31 characters: a letter, then letters, digits and hyphens, all lower case",
        )
    if entry.name == FIRST_PARTY:
        if entry.url or entry.mirror or entry.root or entry.unsigned:
            raise UsageError(
                f"{place}: {FIRST_PARTY} is the index that comes with skillkernel",
                hint="it may have names and enabled; give another index another name",
            )
    elif not entry.url:
        raise UsageError(f"{place}: {entry.name} has no url", hint=_EXAMPLE)
    for where in (entry.url, entry.mirror):
        if where and not _is_whole(where):
            raise UsageError(f"{place}: {where!r} depends on where you stand", hint="write its whole path")
    for pattern in entry.names:
        if not _PATTERN.fullmatch(pattern):
            raise UsageError(
                f"{place}: names has {visible(pattern, limit=80)!r}", hint='a name or a pattern such as "corp-*"'
            )
    if entry.root and not _ROOT.fullmatch(entry.root):
        raise UsageError(f"{place}: root is not a SHA-256", hint="64 lower-case hexadecimal digits, of its root.json")


def _is_whole(where: str) -> bool:
    return isinstance(parse_location(where), WebLocation) or where.startswith(("/", "~", "file://"))


def _whole(where: str) -> str:
    return str(parse_location(where)) if where else ""


def _edit(layout: Layout, change: Callable[[str], str]) -> None:
    try:
        rewrite_config(layout.config, change)
    except (OSError, ValueError) as error:
        raise UsageError(f"{layout.config} cannot be changed: {error}", hint="change [[index]] by hand") from error


def _with(document: str, table: Mapping[str, Any]) -> str:
    """The document with this entry, in the place of one of the same name or behind all others."""
    import tomlkit

    edited = tomlkit.parse(document)
    fresh: Any = tomlkit.table()
    fresh.update(table)
    fresh.add(tomlkit.nl())
    entries: Any = edited.setdefault("index", tomlkit.aot())
    known = next((entry for entry in _tables(entries) if entry.get("name") == table["name"]), None)
    if known is None:
        entries.append(fresh)
    else:
        for key in [key for key in known if key not in table]:
            del known[key]
        known.update(table)
    return _checked(tomlkit.dumps(edited))


def _without(document: str, name: str) -> str:
    import tomlkit

    edited: Any = tomlkit.parse(document)
    entries: Any = edited.get("index", [])
    for number, entry in reversed(list(enumerate(_tables(entries)))):
        if entry.get("name") == name:
            del entries[number]
    if "index" in edited and not entries:
        del edited["index"]
    return _checked(tomlkit.dumps(edited))


def _tables(entries: Any) -> list[Any]:
    return [entry for entry in entries if is_object(entry)]


def _checked(document: str) -> str:
    import tomllib

    read_indexes(tomllib.loads(document))
    return document
