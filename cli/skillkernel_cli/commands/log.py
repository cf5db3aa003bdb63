"""`skill log`: what happened."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skillkernel_cli.options import Json

if TYPE_CHECKING:
    from skillkernel.journal.journal import Journal


def log_command(
    session: Annotated[str, typer.Argument(metavar="[SESSION[/CALL]]", help="A session's id or its beginning.")] = "",
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="At most so many sessions.")] = 20,
    json: Json = False,
) -> None:
    """Show the sessions, the calls of one session, or one call with its whole result.

    Example: skill log · skill log 3f9a · skill log 3f9a/1
    """
    from skillkernel.home import open_home
    from skillkernel.journal.journal import Journal

    journal = Journal(open_home().journal)
    try:
        journal.reap()
        if not session:
            _sessions(journal.sessions(limit), json)
            return
        ident, _, number = session.partition("/")
        found = journal.session(ident)
        if number:
            _one_call(journal, found["id"], number, json)
        else:
            _one_session(found, journal, json)
    finally:
        journal.close()


def _sessions(rows: list[dict[str, Any]], json: bool) -> None:
    from skillkernel_cli.output import json_document, note, print_table

    if json:
        json_document(rows)
    elif rows:
        lines = [
            (row["id"], _time(row["started"]), row["kind"], row["state"], str(row["calls"]), _short(row))
            for row in rows
        ]
        print_table(lines, ("SESSION", "STARTED", "KIND", "STATE", "CALLS", "REQUEST"))
    else:
        note("nothing has happened yet")


def _one_session(row: dict[str, Any], journal: "Journal", json: bool) -> None:
    from skillkernel.journal.accesses import JournaledAccesses
    from skillkernel_cli.access_line import access_line
    from skillkernel_cli.output import data, json_document

    calls, messages = journal.calls(row["id"]), journal.messages(row["id"])
    accesses = [one for one in JournaledAccesses(journal).of(session=row["id"]) if one["ruling"] == "refused"]
    for call in calls:
        call["refused"] = [_refusal(access) for access in accesses if access["n"] == call["n"]]
    if json:
        json_document({**row, "calls": calls, "messages": messages})
        return
    data(f"{row['id']}  {_time(row['started'])}  {row['kind']}  {row['state']}  {row['model']}")
    if row["reason"]:
        data(f"  {row['reason']}")
    for call in calls:
        error = f"  {call['error']['message']}" if call["error"] else ""
        data(f"  {call['n']}  {call['tool']} {call['arguments']}  {call['state']}{error}")
        for verdict in call["verdicts"] or ():
            data(f"       {verdict['stage']}: {verdict['verdict']}  {verdict['reason']}".rstrip())
        for access in call["refused"]:
            data(f"       {access_line({**access, 'ruling': 'refused', 'seconds': None})}")
    for message in messages:
        if message["role"] in ("user", "assistant") and message["content"]["text"]:
            data(f"  {message['role']}: {message['content']['text']}")


def _refusal(access: dict[str, Any]) -> dict[str, Any]:
    return {key: access[key] for key in ("kind", "target", "reason")}


def _one_call(journal: "Journal", session: str, number: str, json: bool) -> None:
    from skillkernel.errors import UsageError
    from skillkernel_cli.output import json_document

    call = next((call for call in journal.calls(session) if str(call["n"]) == number), None)
    if call is None:
        raise UsageError(f"session {session} has no call {number!r}", hint=f"`skill log {session}` lists its calls")
    json_document(call if json else call["error"] or call["result"])


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(sep=" ", timespec="seconds")


def _short(row: dict[str, Any]) -> str:
    text = " ".join((row["request"] or "").split())
    return text if len(text) <= 60 else text[:59] + "…"
