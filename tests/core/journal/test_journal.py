"""The journal: private, versioned, honest about what it does not know."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fakes.journals import journal_at
from skillkernel.errors import JournalError, UsageError
from skillkernel.journal.database import open_database
from skillkernel.journal.hosts import host_start, is_running
from skillkernel.journal.migrations import VERSION


def test_the_file_is_private(tmp_path: Path) -> None:
    journal_at(tmp_path / "home" / "journal.sqlite").close()
    assert stat.S_IMODE((tmp_path / "home" / "journal.sqlite").stat().st_mode) == 0o600


def test_a_file_left_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal_at(path).close()
    path.chmod(0o644)
    journal_at(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_opens_again_with_what_was_written(tmp_path: Path) -> None:
    journal = journal_at(tmp_path / "journal.sqlite")
    session = journal.begin_session("run", "hello", "m")
    journal.end_session(session, "done")
    journal.close()
    again = journal_at(tmp_path / "journal.sqlite")
    assert [(row["id"], row["state"], row["request"]) for row in again.sessions()] == [(session, "done", "hello")]


def test_every_migration_is_counted(tmp_path: Path) -> None:
    connection = open_database(tmp_path / "journal.sqlite")
    assert connection.execute("PRAGMA user_version").fetchone()[0] == VERSION
    assert connection.execute("SELECT count(*) FROM _sqlite_migrations").fetchone()[0] == VERSION
    connection.close()


def test_a_newer_journal_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(JournalError, match="newer skillkernel"):
        journal_at(path)


def test_a_damaged_journal_is_named_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(JournalError, match="damaged") as error:
        journal_at(path)
    assert str(path) in error.value.hint


def test_a_session_whose_process_is_gone_is_lost_and_its_calls_unknown(tmp_path: Path) -> None:
    code = (
        "import sys, os; from pathlib import Path; from skillkernel.journal.journal import Journal\n"
        "j = Journal(Path(sys.argv[1])); s = j.begin_session('run', 'r', 'm')\n"
        "j.intent(s, 1, 'c', 'notes.add', 'write', b'{}', 'k', synced=False); os._exit(9)"
    )
    path = tmp_path / "journal.sqlite"
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    journal = journal_at(path)
    assert journal.reap() == 1
    (session,) = journal.sessions()
    assert session["state"] == "lost"
    assert [row["state"] for row in journal.calls(session["id"])] == ["unknown"]
    assert journal.reap() == 0


def test_a_running_session_is_not_reaped(tmp_path: Path) -> None:
    journal = journal_at(tmp_path / "journal.sqlite")
    journal.begin_session("run", "r", "m")
    assert journal.reap() == 0


def test_a_process_number_used_again_is_not_the_same_process() -> None:
    assert is_running(os.getpid(), host_start(os.getpid()))
    assert not is_running(os.getpid(), "1")


def test_a_session_is_found_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    journal = journal_at(tmp_path / "journal.sqlite")
    session = journal.begin_session("run", "r", "m")
    assert journal.session(session[:5])["id"] == session
    with pytest.raises(UsageError, match="no session"):
        journal.session("zz")


def test_a_full_result_with_any_text_comes_back(tmp_path: Path) -> None:
    journal = journal_at(tmp_path / "journal.sqlite")
    session = journal.begin_session("run", "r", "m")
    journal.intent(session, 1, "c", "t.t", "send", b'{"a":1}', "k", synced=True)
    result = {"text": "Ünïcödé \u202e \x00", "n": [1, 2.5, None]}
    journal.outcome(session, 1, "done", [], result, None, 1.0)
    assert journal.calls(session)[0]["result"] == result
