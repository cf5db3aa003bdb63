"""`skill install --offline` and `--pre`: what is kept here is enough, and a pre-release has to be asked for."""

from pathlib import Path

from fakes.command import Command
from fakes.index_server import serve
from fakes.signed_indexes import write_signed_index
from fakes.wheels import SkillWheelFake


def test_what_was_fetched_before_is_installed_without_its_server(bare: Command, tmp_path: Path) -> None:
    index = write_signed_index(tmp_path / "index", tmp_path / "keys", SkillWheelFake())
    with serve(index.folder) as server:
        where = server.url
        assert bare("install", "tiny", "--index", where, "--yes").code == 0
        assert bare("uninstall", "tiny").code == 0
    gone = bare("install", "tiny", "--index", where, "--yes")
    assert gone.code == 5
    ran = bare("install", "tiny", "--index", where, "--offline", "--yes")
    assert ran.code == 0, ran.err
    assert "installed tiny 1.0" in ran.err


def test_what_was_never_fetched_cannot_be_installed_offline(bare: Command, tmp_path: Path) -> None:
    index = write_signed_index(tmp_path / "index", tmp_path / "keys", SkillWheelFake(), SkillWheelFake("other"))
    with serve(index.folder) as server:
        assert bare("install", "tiny", "--index", server.url, "--yes").code == 0
        asked = len(server.asked)
        ran = bare("install", "other", "--index", server.url, "--offline", "--yes")
        assert ran.code == 5
        assert "is not kept on this machine" in ran.err
        assert len(server.asked) == asked


def test_a_pre_release_is_taken_when_it_is_asked_for(bare: Command, tmp_path: Path) -> None:
    index = write_signed_index(
        tmp_path / "index", tmp_path / "keys", SkillWheelFake(), SkillWheelFake(version="2.0rc1")
    )
    where = str(index.folder)
    assert "installed tiny 1.0:" in bare("install", "tiny", "--index", where, "--yes").err
    assert bare("uninstall", "tiny").code == 0
    assert "installed tiny 2.0rc1:" in bare("install", "tiny", "--index", where, "--pre", "--yes").err
