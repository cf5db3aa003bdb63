"""A running kernel takes up what another process installed, granted or revoked, before its next call."""

from pathlib import Path

import msgspec
import pytest

from fakes.skills import NOTES, installed, tool
from fakes.workers import FakeWorkers
from skillkernel import Kernel
from skillkernel.catalogue.read import encode_catalogue
from skillkernel.catalogue.types import Catalogue, Installed
from skillkernel.manifest.types import Permissions
from skillkernel.names import sha256

MAIL = installed("mail", tool("fetch"), asks=Permissions(network=("example.org:443",)))


def put_in_force(home: Path, number: int, *skills: Installed) -> None:
    folder = home / "generations" / str(number)
    folder.mkdir(parents=True)
    (folder / "catalogue.json").write_bytes(encode_catalogue(Catalogue(generation=number, skills=skills)))
    point_to(home, number)


def point_to(home: Path, number: int) -> None:
    (home / "next").symlink_to(f"generations/{number}")
    (home / "next").replace(home / "current")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    put_in_force(tmp_path / "home", 1, NOTES, MAIL)
    return tmp_path / "home"


async def test_a_revoked_row_is_gone_with_the_next_call_and_only_that_skill_s_workers_end(home: Path) -> None:
    workers = FakeWorkers()
    async with Kernel(home, workers=workers) as kernel:
        assert (await kernel.call("mail.fetch", {})).ok
        put_in_force(home, 2, NOTES, msgspec.structs.replace(MAIL, granted=Permissions()))
        assert (await kernel.call("notes.find", {"text": "x"})).ok
        assert workers.retired == ["mail"]
        assert (await kernel.call("mail.fetch", {})).ok
    assert [spec.grants for spec in workers.specs if spec.skill == "mail"] == [("network:example.org:443",), ()]


async def test_a_session_that_is_open_notices_too(home: Path) -> None:
    workers = FakeWorkers()
    async with Kernel(home, workers=workers) as kernel:
        desk = kernel.desk(kernel.journal.begin_session("chat", "", ""))
        assert desk.run_call is not None
        for number, skill in ((2, msgspec.structs.replace(MAIL, granted=Permissions())), (3, MAIL)):
            put_in_force(home, number, skill)
            assert (await kernel.call("mail.fetch", {})).ok
            assert desk.tools.resolve("mail.fetch").skill == skill


async def test_what_is_installed_or_taken_away_meanwhile_is_there_or_gone(home: Path) -> None:
    async with Kernel(home, workers=FakeWorkers()) as kernel:
        put_in_force(home, 2, MAIL)
        gone = await kernel.call("notes.find", {"text": "x"})
        assert gone.error is not None
        assert gone.error.code == "unknown-tool"
        put_in_force(home, 3, NOTES, MAIL)
        assert (await kernel.call("notes.find", {"text": "x"})).ok


async def test_nothing_runs_on_a_generation_that_cannot_be_read(home: Path) -> None:
    workers = FakeWorkers()
    async with Kernel(home, workers=workers) as kernel:
        (home / "generations" / "2").mkdir()
        (home / "generations" / "2" / "catalogue.json").write_text("{}")
        point_to(home, 2)
        for _ in range(2):
            outcome = await kernel.call("mail.fetch", {})
            assert outcome.error is not None
            assert outcome.error.code == "integrity"
        point_to(home, 1)
        assert (await kernel.call("mail.fetch", {})).ok
        (home / "current").unlink()
        outcome = await kernel.call("mail.fetch", {})
        assert outcome.error is not None
    assert len(workers.specs) == 1


async def test_files_are_verified_whichever_generation_a_skill_came_with(home: Path) -> None:
    async with Kernel(home) as kernel:
        put_in_force(home, 2, msgspec.structs.replace(MAIL, store=sha256("1" * 64)))
        outcome = await kernel.call("mail.fetch", {})
    assert outcome.error is not None
    assert outcome.error.code == "skill-broken"
