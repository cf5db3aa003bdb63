"""The journal's tables, one migration a change; sqlite-utils remembers which ones ran."""

from sqlite_utils import Database, Migrations

migrations = Migrations("skillkernel.journal")


@migrations()
def m001_sessions_calls_messages(db: Database) -> None:
    """A row a session, a row a call, a row a message."""
    db.table("sessions").create(
        {
            "id": str,
            "kind": str,
            "request": str,
            "model": str,
            "state": str,
            "reason": str,
            "pid": int,
            "host_start": str,
            "started": float,
            "ended": float,
        },
        pk="id",
        not_null={"kind", "state", "started"},
    )
    db.table("calls").create(
        {
            "session": str,
            "n": int,
            "call_id": str,
            "tool": str,
            "effect": str,
            "arguments": str,
            "key": str,
            "state": str,
            "verdicts": str,
            "result": str,
            "error": str,
            "started": float,
            "duration_ms": float,
        },
        pk=("session", "n"),
        foreign_keys=[("session", "sessions", "id")],
        not_null={"tool", "state", "started"},
    )
    db.table("messages").create(
        {"session": str, "n": int, "role": str, "content": str, "at": float},
        pk=("session", "n"),
        foreign_keys=[("session", "sessions", "id")],
        not_null={"role", "content", "at"},
    )
    db.table("sessions").create_index(["started"])


@migrations()
def m002_accesses(db: Database) -> None:
    """A row for each thing that a skill reached for."""
    db.table("accesses").create(
        {
            "id": int,
            "session": str,
            "n": int,
            "skill": str,
            "tool": str,
            "at": float,
            "kind": str,
            "target": str,
            "ruling": str,
            "reason": str,
            "sent": int,
            "received": int,
            "seconds": float,
        },
        pk="id",
        foreign_keys=[("session", "sessions", "id")],
        not_null={"session", "n", "skill", "at", "kind", "target", "ruling"},
    )
    db.table("accesses").create_index(["session", "n"])
    db.table("accesses").create_index(["skill", "id"])


VERSION = 2
"""The number of migrations above; a journal that says this needs none of them."""
