"""What skills reached for, beside the calls that did it."""

import time
from typing import Any

from skillkernel.journal.journal import Journal
from skillkernel.services.access import Access
from skillkernel.services.caller import Caller


class JournaledAccesses:
    """An `AccessLog` in the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def begin(self, caller: Caller, access: Access) -> int:
        """Write one down and return its number."""
        return self._journal.write(
            "INSERT INTO accesses (session, n, skill, tool, at, kind, target, ruling, reason) VALUES (?,?,?,?,?,?,?,?,?)",
            (
                caller.session,
                caller.number,
                caller.skill,
                caller.tool,
                time.time(),
                access.kind,
                self._journal.masking.cut(access.target[:2_000]),
                access.ruling,
                self._journal.masking.cut(access.reason[:2_000]),
            ),
        )

    def end(self, number: int, *, sent: int, received: int, seconds: float) -> None:
        """Add what a connection carried, in bytes, and how long it lasted."""
        self._journal.write(
            "UPDATE accesses SET sent=?, received=?, seconds=? WHERE id=?", (sent, received, seconds, number)
        )

    def conclude(self, number: int, reason: str) -> None:
        """Add to an access's reason how it ended."""
        self._journal.write(
            "UPDATE accesses SET reason = reason || '; ' || ? WHERE id=?",
            (self._journal.masking.cut(reason[:2_000]), number),
        )

    def of(self, *, session: str = "", skill: str = "", limit: int = 1_000) -> list[dict[str, Any]]:
        """Those of a session or a skill (empty: of all), in the order in which they happened, the last `limit`."""
        rows = self._journal.read(
            "SELECT * FROM (SELECT * FROM accesses WHERE (?1='' OR session=?1) AND (?2='' OR skill=?2)"
            " ORDER BY id DESC LIMIT ?3) ORDER BY id",
            (session, skill, limit),
        )
        return [dict(row) for row in rows]

    def refused(self, skill: str, limit: int) -> list[dict[str, Any]]:
        """The last `limit` that a skill was refused, the latest first."""
        rows = self._journal.read(
            "SELECT * FROM accesses WHERE skill=? AND ruling='refused' ORDER BY id DESC LIMIT ?", (skill, limit)
        )
        return [dict(row) for row in rows]
