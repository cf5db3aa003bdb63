"""Opening the journal: one SQLite file, mode 0600, brought up to date by its migrations.

WAL with synchronous NORMAL survives a crash of the kernel. What must survive power loss is committed under
synchronous FULL, see `durable`.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from skillkernel.errors import JournalError

_VERSION = 2
_PATIENCE_SECONDS = 10.0


def open_database(path: Path) -> sqlite3.Connection:
    """Open or make the journal at `path`; raise `JournalError` when it cannot be read, written or understood."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_PATIENCE_SECONDS)
    except (OSError, sqlite3.Error) as error:
        raise JournalError(
            f"the journal {path} cannot be opened: {error}", hint="check that SKILL_HOME is writable"
        ) from error
    try:
        if _version(connection, path) < _VERSION:
            with _alone(path):
                if _version(connection, path) < _VERSION:
                    _migrate_patiently(connection)
        connection.execute("PRAGMA synchronous=NORMAL")
    except sqlite3.Error as error:
        connection.close()
        raise journal_error(path, error) from error
    except JournalError:
        connection.close()
        raise
    return connection


def journal_error(path: Path, error: sqlite3.Error) -> JournalError:
    """What SQLite said, with the way out: only a file that is no database, or a broken one, has to be moved away."""
    match getattr(error, "sqlite_errorname", "").removeprefix("SQLITE_").partition("_")[0]:
        case "NOTADB" | "CORRUPT":
            hint = f"move it away (`mv {path} {path}.damaged`); a new one is made at the next call"
            return JournalError(f"the journal {path} is damaged: {error}", hint=hint)
        case "BUSY" | "LOCKED":
            return _held(path)
        case "FULL":
            return JournalError(f"the journal {path} cannot be written: the disk is full", hint="free some space")
        case _:
            hint = "check the free space and the rights of SKILL_HOME"
            return JournalError(f"the journal {path} cannot be used: {error}", hint=hint)


def _held(path: Path) -> JournalError:
    return JournalError(f"the journal {path} is held by another process", hint="try again when that one has ended")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """The version that the file says it has; raise `JournalError` when it is newer than what is known here."""
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > _VERSION:
        raise JournalError(
            f"the journal {path} was written by a newer skillkernel (version {found}, this one knows {_VERSION})",
            hint="upgrade skillkernel, or point SKILL_HOME at another folder",
        )
    return found


@contextmanager
def _alone(path: Path) -> Generator[None]:
    """Hold the journal's folder: SQLite refuses a second switch to WAL, and a second migration, without waiting."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise _held(path) from None
                time.sleep(0.005)
        yield
    finally:
        os.close(folder)


def _migrate_patiently(connection: sqlite3.Connection) -> None:
    """Migrate, and again as long as readers are in the way: SQLite says busy at once where a transaction would have to wait."""
    until = time.monotonic() + 2 * _PATIENCE_SECONDS  # SQLite's own waiting may take the first half
    while True:
        try:
            return _migrate(connection)
        except sqlite3.OperationalError as error:
            if connection.in_transaction:
                connection.rollback()
            if not _is_busy(error) or time.monotonic() > until:
                raise
            time.sleep(0.005)


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _migrate(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    from sqlite_utils import Database

    from skillkernel.journal.migrations import migrations

    migrations.apply(Database(connection, execute_plugins=False))
    connection.execute(f"PRAGMA user_version={_VERSION}")


@contextmanager
def durable(connection: sqlite3.Connection) -> Generator[None, None, None]:
    """Commit what the block writes so that it survives power loss."""
    connection.execute("PRAGMA synchronous=FULL")
    try:
        yield
    finally:
        connection.execute("PRAGMA synchronous=NORMAL")
