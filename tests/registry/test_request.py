"""What can be asked to install: a name, a wheel, a skill's folder; anything else is told what it is."""

import os
from pathlib import Path

import pytest

from fakes.wheels import write_source
from skillkernel.errors import UsageError
from skillkernel_registry.location import parse_location
from skillkernel_registry.request import FileRequest, parse_request


@pytest.mark.parametrize("name", ["pipe", "pipe.whl"])
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(UsageError, match="neither a wheel nor a folder"):
        parse_request(str(tmp_path / name))


def test_a_folder_that_was_never_built_is_told_how(tmp_path: Path) -> None:
    folder = write_source(tmp_path / "tiny")
    (folder / "skill_tiny" / "skill.json").unlink(missing_ok=True)
    with pytest.raises(UsageError, match=r"no skill\.json yet") as refused:
        parse_request(str(folder))
    assert refused.value.hint == f"`skill build {folder}` derives it from the functions"


@pytest.mark.parametrize("package", ["skill_tiny", "src/skill_tiny"])
def test_a_built_folder_can_be_asked_for(tmp_path: Path, package: str) -> None:
    (tmp_path / package).mkdir(parents=True)
    (tmp_path / package / "skill.json").touch()
    (tmp_path / "pyproject.toml").touch()
    assert parse_request(str(tmp_path)) == FileRequest(tmp_path)


def test_a_folder_that_is_called_a_wheel_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tiny.whl").mkdir()
    with pytest.raises(UsageError, match="neither a wheel nor a folder"):
        parse_request(str(tmp_path / "tiny.whl"))


def test_a_version_of_more_digits_than_can_be_read_is_refused() -> None:
    with pytest.raises(UsageError, match="longer than 1000 characters"):
        parse_request("tiny>=" + "9" * 5_000)


@pytest.mark.parametrize("address", ["http://[::1", "https://example.org:99999/", "/a\x00b", "~nobody-of-that-name/x"])
def test_what_is_no_address_of_an_index_is_told(address: str) -> None:
    with pytest.raises(UsageError):
        parse_location(address)
