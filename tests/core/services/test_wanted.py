"""What a watched worker tells: written down as refused, bounded, and never a grant."""

from pathlib import Path

import msgspec
import pytest

from fakes.journals import journal_at
from skillkernel.journal.accesses import JournaledAccesses
from skillkernel.services.caller import Caller
from skillkernel.services.wanted import MOST_NOTICES, WantedService


def told(**params: str) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(params))


def listening(home: Path, *rows: str) -> tuple[WantedService, Caller, JournaledAccesses]:
    journal = journal_at(home / "journal.sqlite")
    log = JournaledAccesses(journal)
    session = journal.begin_session("learn", "mail.x", "")
    return WantedService(log), Caller("mail", "mail-1", "x", session, 1, rows), log


async def test_it_is_written_down_as_refused(tmp_path: Path) -> None:
    service, caller, log = listening(tmp_path)
    await service.serve(caller, told(kind="file", target="/etc/passwd", how="read"))
    await service.serve(caller, told(kind="secret", target="token", how="use"))
    found = [(row["kind"], row["target"], row["ruling"], row["reason"]) for row in log.of(skill="mail")]
    assert found == [
        ("file", "/etc/passwd", "refused", "files.read was not granted"),
        ("secret", "token", "refused", "not granted"),
    ]


async def test_a_granted_secret_that_is_not_set_was_not_refused(tmp_path: Path) -> None:
    service, caller, log = listening(tmp_path, "secrets:token")
    await service.serve(caller, told(kind="secret", target="token", how="use"))
    assert log.of() == []


async def test_what_is_no_notice_is_an_error(tmp_path: Path) -> None:
    service, caller, log = listening(tmp_path)
    for wrong in (
        told(kind="network", target="x", how="read"),
        told(kind="file", target="x" * 1_001, how="read"),
        told(kind="file", target="x", how="own"),
        told(kind="file", target="x", how="read", ruling="granted"),
        msgspec.Raw(b"[]"),
    ):
        with pytest.raises(OSError, match="wanted"):
            await service.serve(caller, wrong)
    assert log.of() == []


async def test_the_journal_is_not_filled(tmp_path: Path) -> None:
    service, caller, log = listening(tmp_path)
    for number in range(MOST_NOTICES + 10):
        await service.serve(caller, told(kind="file", target=f"/{number}", how="read"))
    assert len(log.of(limit=10_000)) == MOST_NOTICES
