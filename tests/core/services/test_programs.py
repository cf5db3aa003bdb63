"""Granted programs of the machine, run for a skill in sandboxes of their own."""

from pathlib import Path

from fakes.program_desk import ProgramDesk


async def test_a_granted_program_is_fed_and_read(tmp_path: Path) -> None:
    desk = ProgramDesk(tmp_path, "programs:tr")
    ended = await desk.run("tr", "a-z", "A-Z", stdin=b"hello")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"HELLO", b"")
    assert desk.log.rulings("program") == [("tr a-z A-Z", "granted")]
    assert desk.log.endings == ["exit status 0"]
    assert desk.log.carried == [(5, 5)]
