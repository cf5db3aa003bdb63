"""`skill index use`, `list` and `forget`: which indexes the commands of this machine ask, and by what they are trusted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import Json

if TYPE_CHECKING:
    from skillkernel_registry.indexes.config import IndexEntry


def use_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What you call it.")],
    where: Annotated[str, typer.Argument(metavar="WHERE", help="Its folder or https address.")],
    root: Annotated[
        Path | None, typer.Option("--root", metavar="FILE", help="Its root.json, as its keeper handed it to you.")
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Option("--names", metavar="PATTERN", help="Skills that come from here alone. May be repeated."),
    ] = None,
    mirror: Annotated[str, typer.Option("--mirror", metavar="WHERE", help="Where to fetch its files instead.")] = "",
    unsigned: Annotated[bool, typer.Option("--unsigned", help="Take it without signatures: one of your own.")] = False,
    json: Json = False,
) -> None:
    """Have an index asked by every command from now on.

    Example: skill index use corp https://skills.corp.example/ --root root.json
    """
    from msgspec import to_builtins

    from skillkernel.errors import UsageError
    from skillkernel.home import open_home
    from skillkernel_cli.output import json_document, note
    from skillkernel_registry.indexes.config import add_index
    from skillkernel_registry.location import FolderLocation, parse_location
    from skillkernel_registry.trust.roots import pin_root

    if root is not None and unsigned:
        raise UsageError("an index with a root is signed", hint="leave --unsigned out")
    layout, fingerprint = open_home(), ""
    if root is not None:
        fingerprint = pin_root(layout, str(parse_location(where)), _file(root)).fingerprint
    entry = add_index(layout, name, where, mirror=mirror, names=names or [], unsigned=unsigned, root=fingerprint)
    note(f"the index {entry.name} is {entry.url}")
    place = parse_location(mirror or where) if mirror or where else None
    if isinstance(place, FolderLocation) and not (place.path / "index.json").is_file():
        note(f"warning: {place} holds no index.json now, and whatever asks the indexes fails until it does")
    if fingerprint:
        note(f"it is trusted by its root, sha256 {fingerprint}")
    if json:
        json_document(to_builtins(entry) | {"name": entry.name})


def list_command(json: Json = False) -> None:
    """Show the indexes that are asked, in their order.

    Example: skill index list
    """
    from skillkernel.home import open_home
    from skillkernel_cli.output import json_document, print_table
    from skillkernel_registry.indexes.config import list_indexes
    from skillkernel_registry.trust.roots import known_root

    layout = open_home()
    entries = list_indexes(layout)
    roots = {entry.name: known_root(layout, entry.identity) for entry in entries}
    if json:
        json_document(
            [
                {
                    "name": entry.name,
                    "where": entry.identity,
                    "names": entry.names,
                    "mirror": entry.mirror,
                    "enabled": entry.enabled,
                    "unsigned": entry.unsigned,
                    "root": root.fingerprint if (root := roots[entry.name]) else entry.root,
                }
                for entry in entries
            ]
        )
        return
    rows = [
        (
            entry.name,
            entry.identity,
            ", ".join(entry.names),
            _trust(entry, rooted=bool(roots[entry.name] or entry.root)),
        )
        for entry in entries
    ]
    print_table(rows, ("NAME", "WHERE", "NAMES", "TRUST"))


def forget_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="An index of yours, or the address of one.")],
    json: Json = False,
) -> None:
    """Ask an index no more, and forget the root that it was trusted by; installed skills stay.

    Example: skill index forget corp
    """
    from skillkernel.home import open_home
    from skillkernel_cli.output import json_document, note
    from skillkernel_registry.indexes.config import list_indexes, remove_index
    from skillkernel_registry.location import parse_location
    from skillkernel_registry.trust.roots import forget

    layout = open_home()
    known = {entry.name for entry in list_indexes(layout)}
    is_address = name not in known and ("/" in name or "://" in name)
    identity = str(parse_location(name)) if is_address else remove_index(layout, name).identity
    had_root = forget(layout, identity)
    note(f"{identity} is forgotten{', and the root that it was trusted by' if had_root else ''}")
    if json:
        json_document({"index": identity, "root_forgotten": had_root})


def _file(path: Path) -> bytes:
    from skillkernel.errors import UsageError

    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="name the index's root.json") from error


def _trust(entry: "IndexEntry", *, rooted: bool) -> str:
    from skillkernel_registry.first_party import FIRST_PARTY

    if not entry.enabled:
        return "left out"
    if entry.name == FIRST_PARTY:
        return "comes with skillkernel"
    return "unsigned" if entry.unsigned else "root pinned" if rooted else "asked at first use"
