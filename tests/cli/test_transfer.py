"""download and mirror: as a person and as a script uses them."""

from pathlib import Path

from fakes.command import Command
from fakes.indexes import write_index
from fakes.wheels import SkillWheelFake


def test_what_was_downloaded_can_be_installed_from_its_folder(bare: Command, tmp_path: Path) -> None:
    index, usb = write_index(tmp_path / "index", SkillWheelFake(), SkillWheelFake(name="maps")), tmp_path / "usb"
    ran = bare("download", "tiny", "--to", str(usb), "--index", str(index), "--unsigned", "--json")
    assert ran.json() == {"original": str(index), "skills": ["tiny 1.0"], "python": [], "warnings": []}
    assert bare("install", "tiny", "--index", str(usb), "--unsigned", "--yes").code == 0
    assert [row["name"] for row in bare("search", "--index", str(usb), "--unsigned", "--json").json()] == ["tiny"]


def test_a_mirror_says_what_it_did(bare: Command, tmp_path: Path) -> None:
    index = write_index(tmp_path / "index", SkillWheelFake(), SkillWheelFake(name="maps"))
    command = ("mirror", "--index", str(index), "--to", str(tmp_path / "copy"), "--unsigned", "--json")
    assert bare(*command).json() == {"original": str(index), "skills": ["maps", "tiny"], "fetched": 7, "kept": 0}
    assert bare(*command).json()["fetched"] == 0


def test_an_index_that_is_not_there_is_said_with_the_nearest_name(bare: Command, tmp_path: Path) -> None:
    ran = bare("mirror", "--index", "first-prty", "--to", str(tmp_path / "copy"))
    assert ran.code == 5
    assert "did you mean the index first-party" in ran.err
