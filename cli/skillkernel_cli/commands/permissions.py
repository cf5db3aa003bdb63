"""`skill permissions`: what each skill asks for, what was granted, and what was refused lately."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skillkernel_cli.options import Json

if TYPE_CHECKING:
    from skillkernel.catalogue.types import Installed, Layout

_REFUSALS = 10
"""The latest that are shown of one skill."""


def permissions_command(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="An installed skill; without it, all.")] = "",
    json: Json = False,
) -> None:
    """Show what each skill asks for, what of it you granted, what its settings make of it, and what was refused lately.

    Example: skill permissions calendar
    """
    from skillkernel.catalogue.read import read_catalogue
    from skillkernel.home import open_home
    from skillkernel_cli.output import json_document, note
    from skillkernel_registry.settings import find_installed

    layout = open_home()
    catalogue = read_catalogue(layout)
    skills = (find_installed(catalogue, name),) if name else catalogue.skills
    found = _found(layout, skills)
    if json:
        json_document(found)
    elif not found:
        note("no skill is installed")
    for one in () if json else found:
        _print(one)


def _found(layout: "Layout", skills: "tuple[Installed, ...]") -> list[dict[str, Any]]:
    from skillkernel.journal.accesses import JournaledAccesses
    from skillkernel.journal.journal import Journal

    if not layout.journal.exists():
        return [_as_json(skill, []) for skill in skills]
    journal = Journal(layout.journal)
    try:
        log = JournaledAccesses(journal)
        return [_as_json(skill, log.refused(skill.name, limit=_REFUSALS)) for skill in skills]
    finally:
        journal.close()


def _as_json(skill: "Installed", refused: list[dict[str, Any]]) -> dict[str, Any]:
    from skillkernel_registry.asks import asks_of

    return {
        "name": skill.name,
        "version": skill.version,
        "ask_at_use": skill.ask_at_use,
        "permissions": [
            {
                "row": ask.row,
                "words": ask.words,
                "granted": list(ask.granted),
                "whole": ask.whole,
                "means": ask.means or None,
                "problem": ask.problem or None,
            }
            for ask in asks_of(skill)
        ],
        "refused": [
            {key: row[key] for key in ("session", "n", "tool", "at", "kind", "target", "reason")} for row in refused
        ],
    }


def _print(found: dict[str, Any]) -> None:
    from skillkernel_cli.output import data

    asks = "; asks you at first use" if found["ask_at_use"] else ""
    data(f"{found['name']}  {found['version']}{asks}")
    for ask in found["permissions"]:
        about = ask["problem"] or ask["means"]
        data(f"  {_state(ask):<11}  {ask['row']}  {ask['words']}{f' ({about})' if about else ''}")
        for row in () if ask["whole"] else ask["granted"]:
            data(f"  {'':<11}  only {row}")
    if not found["permissions"]:
        data("  asks for nothing: it keeps data of its own, and has no network and none of your files")
    for row in found["refused"]:
        when = datetime.fromtimestamp(row["at"]).astimezone().isoformat(sep=" ", timespec="minutes")
        data(f"  refused      {when}  {row['kind']} {row['target']}  in {row['tool']}  {row['session']}/{row['n']}")


def _state(ask: dict[str, Any]) -> str:
    if ask["whole"]:
        return "granted"
    return "in part" if ask["granted"] else "not granted"
