"""What happened, written down before and after it does.

Writes are made on the calling thread: one insert costs some ten microseconds, a hop to another thread several times that.
A `Journal` belongs to one kernel and is used from one thread at a time. What `masking` knows is never written.
"""

import os
import secrets
import sqlite3
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgspec

from skillkernel.errors import UsageError
from skillkernel.journal.database import durable, journal_error, open_database
from skillkernel.journal.hosts import host_start, is_running
from skillkernel.secrets.masking import Masking

_AS_EVER = nullcontext()
_encode = msgspec.json.Encoder(enc_hook=str).encode


class Journal:
    """The journal of one SKILL_HOME."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.masking = Masking()
        self._db = open_database(path)
        self._db.row_factory = sqlite3.Row

    def close(self) -> None:
        """Close the file; what was written stays."""
        self._db.close()

    def begin_session(self, kind: str, request: str, model: str) -> str:
        """Start a session of a kind (`run`, `chat`, `call`, `api`) and return its id, 12 hexadecimal digits."""
        session = secrets.token_hex(6)
        self.write(
            "INSERT INTO sessions (id, kind, request, model, state, pid, host_start, started) VALUES (?,?,?,?,?,?,?,?)",
            (
                session,
                kind,
                self.masking.text(request),
                model,
                "running",
                os.getpid(),
                host_start(os.getpid()),
                time.time(),
            ),
        )
        return session

    def end_session(self, session: str, state: str, reason: str = "") -> None:
        """End a session as `done`, `failed`, `stopped` or `cancelled`; a call that is open still becomes `unknown`."""
        self.write("UPDATE calls SET state='unknown' WHERE session=? AND state='intent'", (session,))
        self.write(
            "UPDATE sessions SET state=?, reason=?, ended=? WHERE id=?",
            (state, self.masking.cut(reason), time.time(), session),
        )

    def message(self, session: str, n: int, role: str, content: Any) -> None:
        """Keep one message of the conversation."""
        self.write(
            "INSERT INTO messages (session, n, role, content, at) VALUES (?,?,?,?,?)",
            (session, n, role, self._text(content), time.time()),
        )

    def intent(
        self, session: str, n: int, call_id: str, tool: str, effect: str, arguments: bytes, key: str, *, synced: bool
    ) -> None:
        """Write down that a call is about to run; `synced` makes the row survive power loss."""
        with durable(self._db) if synced else _AS_EVER:
            self.write(
                "INSERT INTO calls (session, n, call_id, tool, effect, arguments, key, state, started)"
                " VALUES (?,?,?,?,?,?,?,?,?)",
                (session, n, call_id, tool, effect, self._masked(arguments).decode(), key, "intent", time.time()),
            )

    def outcome(
        self,
        session: str,
        n: int,
        state: str,
        verdicts: Any,
        result: Any,
        error: Any,
        duration_ms: float,
    ) -> None:
        """Close an intent as `done`, `failed`, `cancelled` or `unknown`; lost with the power, it becomes `unknown`."""
        self.write(
            "UPDATE calls SET state=?, verdicts=?, result=?, error=?, duration_ms=? WHERE session=? AND n=?",
            (
                state,
                self._text(verdicts),
                None if error is not None else self._text(result),
                None if error is None else self._text(error),
                duration_ms,
                session,
                n,
            ),
        )

    def refusal(
        self,
        session: str,
        n: int,
        call_id: str,
        tool: str,
        arguments: str,
        verdicts: Any,
        error: Any,
        duration_ms: float,
    ) -> None:
        """Keep a call that a stage refused before it could run."""
        self.write(
            "INSERT INTO calls (session, n, call_id, tool, arguments, state, verdicts, error, started, duration_ms)"
            " VALUES (?,?,?,?,?,?,?,?,?,?)",
            (
                session,
                n,
                call_id,
                self.masking.cut(tool),
                self.masking.cut(arguments),
                "refused",
                self._text(verdicts),
                self._text(error),
                time.time(),
                duration_ms,
            ),
        )

    def _text(self, value: Any) -> str:
        return self._masked(_encode(value)).decode("utf-8", "replace")

    def _masked(self, text: bytes) -> bytes:
        """JSON with its values masked one by one: within JSON text a mark could take the place of a part of an escape."""
        return _encode(self.masking.json(msgspec.json.decode(text))) if self.masking.active else text

    def reap(self) -> int:
        """Close the sessions whose process is gone: `lost`, their open calls `unknown`; return how many there were."""
        rows = self.read("SELECT id, pid, host_start FROM sessions WHERE state='running'")
        lost = [row["id"] for row in rows if not is_running(row["pid"], row["host_start"])]
        for session in lost:
            self.end_session(session, "lost", "the process ended without saying so")
        return len(lost)

    def sessions(self, limit: int = 20) -> list[dict[str, Any]]:
        """The newest sessions first."""
        rows = self.read(
            "SELECT s.*, (SELECT count(*) FROM calls c WHERE c.session = s.id) AS calls"
            " FROM sessions s ORDER BY started DESC LIMIT ?",
            (limit,),
        )
        return [dict(row) for row in rows]

    def session(self, prefix: str) -> dict[str, Any]:
        """The one session whose id begins with `prefix`; raise `UsageError` when there is none, or several."""
        rows = self.read("SELECT * FROM sessions WHERE id >= ? AND id < ? || 'g' LIMIT 2", (prefix, prefix))
        if len(rows) != 1:
            problem = "no session has" if not rows else "several sessions have"
            raise UsageError(f"{problem} an id that begins with {prefix!r}", hint="`skill log` lists the sessions")
        return dict(rows[0])

    def calls(self, session: str) -> list[dict[str, Any]]:
        """The calls of a session in their order, JSON columns decoded."""
        rows = self.read("SELECT * FROM calls WHERE session=? ORDER BY n", (session,))
        return [_decoded(row, ("verdicts", "result", "error")) for row in rows]

    def last_row(self) -> int:
        """The row of the newest call, 0 when there is none."""
        return int(self.read("SELECT coalesce(max(rowid), 0) FROM calls")[0][0])

    def latest_calls(self, skill: str, after: int, limit: int = 100) -> list[dict[str, Any]]:
        """The calls of a skill's tools, by whatever session, that were written down after row `after`, in their order.

        Each has its `row`. A call that still runs is among them, as `intent`.
        """
        rows = self.read(
            "SELECT rowid AS row, * FROM calls WHERE rowid > ? AND tool LIKE ? ORDER BY rowid LIMIT ?",
            (after, f"{skill}.%", limit),
        )
        return [_decoded(row, ("verdicts", "result", "error")) for row in rows]

    def messages(self, session: str) -> list[dict[str, Any]]:
        """The messages of a session in their order."""
        rows = self.read("SELECT * FROM messages WHERE session=? ORDER BY n", (session,))
        return [_decoded(row, ("content",)) for row in rows]

    def write(self, statement: str, values: Sequence[Any]) -> int:
        """Run a statement that changes a row, and return the number of the row that it made, if it made one."""
        try:
            return self._db.execute(statement, values).lastrowid or 0
        except sqlite3.Error as error:
            raise journal_error(self.path, error) from error

    def read(self, statement: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """The rows that a query finds."""
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise journal_error(self.path, error) from error


def _decoded(row: sqlite3.Row, columns: tuple[str, ...]) -> dict[str, Any]:
    found = dict(row)
    for column in columns:
        if found[column] is not None:
            found[column] = msgspec.json.decode(found[column])
    return found
