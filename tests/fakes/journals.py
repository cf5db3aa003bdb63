"""Journals that are closed when their test ends."""

from pathlib import Path

from skillkernel.journal.journal import Journal

_open: list[Journal] = []


def journal_at(path: Path) -> Journal:
    """Open the journal at `path`; the fixture in tests/conftest.py closes it."""
    journal = Journal(path)
    _open.append(journal)
    return journal


def close_all() -> None:
    """Close what this test opened."""
    while _open:
        _open.pop().close()
