"""SKILL_HOME, config.toml, the time zone."""

import logging
import os
from pathlib import Path

import pytest

from skillkernel.errors import UsageError
from skillkernel.home import find_home, open_home, read_config
from skillkernel.zone import local_zone


def test_the_home_is_where_it_is_said(tmp_path: Path) -> None:
    assert find_home({"SKILL_HOME": str(tmp_path / "x")}) == tmp_path / "x"


def test_the_home_is_made_private(tmp_path: Path) -> None:
    assert open_home({"SKILL_HOME": str(tmp_path / "a" / "b")}).home.stat().st_mode & 0o777 == 0o700


def test_a_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="SKILL_HOME"):
        open_home({"SKILL_HOME": str(tmp_path / "file")})


@pytest.mark.parametrize("mode", [0o755, 0o777, 0o740, 0o704])
@pytest.mark.parametrize("holds", [None, "journal.sqlite", "generations"])
def test_a_home_that_is_open_to_others_is_made_private_and_that_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int, holds: str | None
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    if holds:
        (home / holds).touch()
    home.chmod(mode)
    for _ in range(2):
        assert open_home({"SKILL_HOME": str(home)}).home.stat().st_mode & 0o777 == 0o700
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert f"was open to others (mode {mode:o}); it is private now" in caplog.text


@pytest.mark.parametrize("mode", [0o755, 0o1777])
def test_a_shared_folder_is_neither_used_as_a_home_nor_closed_to_others(tmp_path: Path, mode: int) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "somebody's file").touch()
    (tmp_path / "shared").chmod(mode)
    with pytest.raises(UsageError, match="not a folder of skillkernel's own") as refused:
        open_home({"SKILL_HOME": str(tmp_path / "shared")})
    assert str(tmp_path / "shared" / "skillkernel") in refused.value.hint
    assert (tmp_path / "shared").stat().st_mode & 0o7777 == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_the_home_of_another_user_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o700)
    os.chown(tmp_path / "home", 65534, 65534)
    with pytest.raises(UsageError, match="belongs to another user"):
        open_home({"SKILL_HOME": str(tmp_path / "home")})


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[budgets]\ncalls = 1", "did you mean budget?"),
        ("driver = ['x']", "did you mean drivers?"),
        ("[weather]", "there are: drivers, model, budget"),
        ('"\\u001b[2J" = 1', "there are:"),
    ],
)
def test_a_setting_that_there_is_not_is_named_with_what_is_near(tmp_path: Path, text: str, hint: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(UsageError, match="is not a setting") as refused:
        read_config(tmp_path / "config.toml")
    assert refused.value.hint.startswith(hint.split(":")[0])
    assert "\x1b" not in refused.value.message


def test_settings_that_are_a_pipe_are_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.toml")
    with pytest.raises(UsageError, match="not a regular file"):
        read_config(tmp_path / "config.toml")


def test_settings_that_are_not_there_are_none(tmp_path: Path) -> None:
    assert read_config(tmp_path / "config.toml") == {}


@pytest.mark.parametrize("content", [b"[model", b"\xff\xfe", b"a = 1\na = 2"])
def test_settings_that_cannot_be_read_are_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "config.toml").write_bytes(content)
    with pytest.raises(UsageError, match=r"config\.toml"):
        read_config(tmp_path / "config.toml")


def test_the_zone_can_be_said() -> None:
    assert local_zone({"SKILL_TIME_ZONE": "Europe/Berlin"}) == "Europe/Berlin"


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "x" * 500])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="SKILL_TIME_ZONE"):
        local_zone({"SKILL_TIME_ZONE": name})
