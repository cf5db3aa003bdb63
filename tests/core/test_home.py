"""SKILL_HOME, config.toml, the time zone."""

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
