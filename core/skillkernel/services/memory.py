"""`remember` and `recall`: short texts that outlive a session, found again by their words.

Threat: a skill that reads what another one was told, or fills the disk. Texts belong to the skill's owner key, so another
skill, and another publisher's skill of the same name, finds nothing; their number and length are bounded.
"""

import errno
import os
import re
import sqlite3
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import msgspec

from skillkernel.errors import JournalError
from skillkernel.services.access import Access, AccessLog
from skillkernel.services.caller import Caller
from skillkernel.services.params import read_params
from skillkernel.worker.seam import ServiceReply

MOST_TEXTS = 10_000
_SCHEMA = """
CREATE VIRTUAL TABLE IF NOT EXISTS memories USING fts5(owner UNINDEXED, at UNINDEXED, text, tokenize='unicode61');
"""
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=10_000)]


class RememberParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to remember."""

    text: Text


class RecallParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words to look for; none: the newest texts."""

    query: Annotated[str, msgspec.Meta(max_length=1_000)] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10


class MemoryService:
    """The services `remember` and `recall`, over one file."""

    def __init__(self, log: AccessLog, path: Path) -> None:
        self._log = log
        self._path = path

    async def remember(self, caller: Caller, params: msgspec.Raw) -> ServiceReply:
        """Keep a text; raise `PermissionError`, or `OSError` (EDQUOT) when there are too many."""
        asked = read_params("remember", params, RememberParams)
        self._check(caller, "remember")
        with self._database() as database:
            (count,) = database.execute("SELECT count(*) FROM memories WHERE owner = ?", (caller.owner,)).fetchone()
            if count >= MOST_TEXTS:
                raise OSError(errno.EDQUOT, f"{caller.skill} remembers {MOST_TEXTS} texts already")
            database.execute("INSERT INTO memories VALUES (?,?,?)", (caller.owner, time.time(), asked.text))
        return ServiceReply()

    async def recall(self, caller: Caller, params: msgspec.Raw) -> ServiceReply:
        """The texts that fit best, or the newest; raise `PermissionError`."""
        asked = read_params("recall", params, RecallParams)
        self._check(caller, "recall")
        words = re.findall(r"\w+", asked.query)
        statement = "SELECT text FROM memories WHERE owner = ? ORDER BY rowid DESC LIMIT ?"
        values: tuple[str | int, ...] = (caller.owner, asked.limit)
        if words:
            query = " OR ".join(f'"{word}"' for word in words[:50])
            statement = "SELECT text FROM memories WHERE memories MATCH ? AND owner = ? ORDER BY rank LIMIT ?"
            values = (f"text : ({query})", *values)
        with self._database() as database:
            return ServiceReply([text for (text,) in database.execute(statement, values)])

    def _check(self, caller: Caller, method: str) -> None:
        if "memory" not in caller.granted("kernel"):
            self._log.begin(caller, Access("service", method, "refused", "kernel:memory was not granted"))
            hint = f"`skill grant {caller.skill} kernel:memory`"
            raise PermissionError(errno.EACCES, f"{caller.skill} was not granted kernel:memory: {hint}")
        self._log.begin(caller, Access("service", method, "granted"))

    @contextmanager
    def _database(self) -> Generator[sqlite3.Connection]:
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error
        try:
            with closing(sqlite3.connect(self._path, isolation_level=None)) as database:
                database.execute(_SCHEMA)
                yield database
        except sqlite3.Error as error:
            raise self._unusable(str(error)) from error

    def _unusable(self, why: str) -> JournalError:
        return JournalError(
            f"the memory {self._path} cannot be used: {why}",
            hint="check the free space and the rights of SKILL_HOME; a damaged file can be moved away",
        )
