"""`skill trace`: what a skill reached for, from the journal."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skillkernel_cli.options import Json

if TYPE_CHECKING:
    from skillkernel.journal.journal import Journal


def trace_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A skill; it need not be installed any more.")],
    session: Annotated[
        str, typer.Option("--session", metavar="ID", help="Of one session: its id or its beginning.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="At most so many, the latest.")] = 100,
    json: Json = False,
) -> None:
    """Show the files, connections, programs, services, secrets and refusals of a skill's calls.

    Example: skill trace calendar
    """
    from skillkernel.home import open_home
    from skillkernel.journal.journal import Journal
    from skillkernel_cli.output import json_document, note

    layout = open_home()
    journal = Journal(layout.journal)
    try:
        sessions = _sessions(journal, name, journal.session(session)["id"] if session else "", limit)
    finally:
        journal.close()
    if not sessions and not session:
        _check_known(name)
    if json:
        json_document(sessions)
    elif not sessions:
        note(f"{name} has reached for nothing")
    for one in () if json else sessions:
        _print(one)


def _sessions(journal: "Journal", name: str, session: str, limit: int) -> list[dict[str, Any]]:
    from skillkernel.journal.accesses import JournaledAccesses

    found: dict[str, dict[str, Any]] = {}
    calls: dict[str, dict[int, dict[str, Any]]] = {}
    for row in JournaledAccesses(journal).of(session=session, skill=name, limit=limit):
        ident = row["session"]
        if ident not in found:
            of = journal.session(ident)
            found[ident] = {key: of[key] for key in ("id", "kind", "state", "started")} | {"calls": []}
            calls[ident] = {call["n"]: call for call in journal.calls(ident)}
        one = found[ident]
        if not one["calls"] or one["calls"][-1]["n"] != row["n"]:
            one["calls"].append(_call(row, calls[ident].get(row["n"])))
        one["calls"][-1]["accesses"].append({key: row[key] for key in _SHOWN})
    return list(found.values())


_SHOWN = ("at", "kind", "target", "ruling", "reason", "sent", "received", "seconds")


def _call(row: dict[str, Any], call: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "n": row["n"],
        "tool": f"{row['skill']}.{row['tool']}",
        "arguments": call["arguments"] if call else None,
        "state": call["state"] if call else None,
        "accesses": [],
    }


def _check_known(name: str) -> None:
    from skillkernel.catalogue.read import read_catalogue
    from skillkernel.home import open_home
    from skillkernel_registry.settings import find_installed

    find_installed(read_catalogue(open_home()), name)


def _print(session: dict[str, Any]) -> None:
    from skillkernel_cli.access_line import access_line
    from skillkernel_cli.output import data

    when = datetime.fromtimestamp(session["started"]).astimezone().isoformat(sep=" ", timespec="seconds")
    data(f"{session['id']}  {when}  {session['kind']}  {session['state']}")
    for call in session["calls"]:
        data(f"  {call['n']}  {call['tool']} {call['arguments'] or ''}  {call['state'] or ''}".rstrip())
        for access in call["accesses"]:
            data(f"       {access_line(access)}")
