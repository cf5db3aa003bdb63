"""What rows of files come to: real paths, with what is denied covered."""

from pathlib import Path
from typing import Any

import pytest

from skillkernel.errors import PermissionRefused
from skillkernel.permissions.granted_path import GrantedPath
from skillkernel.permissions.paths import granted_paths


@pytest.fixture
def person(tmp_path: Path) -> Path:
    """A person's home with a few things in it."""
    for folder in ("Music/live", ".ssh", "skills-home", "notes"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "todo.txt").write_text("buy milk")
    return tmp_path


def paths(
    person: Path, *rows: str, settings: dict[str, Any] | None = None, denied: tuple[str, ...] = ()
) -> tuple[GrantedPath, ...]:
    return granted_paths(rows, settings or {}, person=person, kernel_home=person / "skills-home", denied=denied)


def test_a_folder_and_a_file_at_their_own_places(person: Path) -> None:
    assert paths(person, "files.read:~/Music", "files.write:~/todo.txt", "network:example.org:443") == (
        GrantedPath(person / "Music", person / "Music", "read", folder=True),
        GrantedPath(person / "todo.txt", person / "todo.txt", "write", folder=False),
    )


def test_write_is_more_than_read(person: Path) -> None:
    (found,) = paths(person, "files.write:~/notes", "files.read:~/notes")
    assert found.access == "write"


def test_a_link_is_followed_once_and_seen_where_it_is_named(person: Path) -> None:
    (person / "tunes").symlink_to(person / "Music")
    (found,) = paths(person, "files.read:~/tunes")
    assert (found.path, found.at) == (person / "Music", person / "tunes")


def test_a_setting_stands_for_what_the_person_said(person: Path) -> None:
    (found,) = paths(person, "files.read:{folder}/live", settings={"folder": "~/Music"})
    assert found.path == person / "Music" / "live"


def test_an_unset_setting_and_a_missing_path_grant_nothing(person: Path) -> None:
    assert paths(person, "files.read:{folder}", "files.read:~/nowhere") == ()


@pytest.mark.parametrize("value", ["relative", "~/Music/../.ssh", "/srv/\0", "", "~other/x"])
def test_a_setting_that_is_no_path_is_refused(person: Path, value: str) -> None:
    with pytest.raises(PermissionRefused, match="no path that can be granted"):
        paths(person, "files.read:{folder}", settings={"folder": value})


def test_a_setting_cannot_lead_out_of_the_home_folder_that_its_row_names(person: Path) -> None:
    with pytest.raises(PermissionRefused, match="no path that can be granted"):
        paths(person, "files.read:~/{sub}", settings={"sub": "/etc"})


def test_keys_and_the_kernel_s_own_home_are_covered_within_a_grant(person: Path) -> None:
    covered = {found.at for found in paths(person, "files.read:~") if found.access == "denied"}
    assert covered == {person / ".ssh", person / "skills-home"}


def test_what_config_denies_is_covered(person: Path) -> None:
    found = paths(person, "files.write:~/Music", denied=("~/Music/live",))
    assert found[-1] == GrantedPath(person / "Music/live", person / "Music/live", "denied", folder=True)


@pytest.mark.parametrize("value", ["~/skills-home", "~/Music/live", "~/Music/live/deeper"])
def test_a_grant_inside_what_is_denied_is_refused(person: Path, value: str) -> None:
    (person / "Music/live/deeper").mkdir()
    with pytest.raises(PermissionRefused, match="denied"):
        paths(person, f"files.read:{value}", denied=("~/Music/live",))


def test_a_link_into_the_kernel_s_home_is_refused(person: Path) -> None:
    (person / "harmless").symlink_to(person / "skills-home")
    with pytest.raises(PermissionRefused, match="denied"):
        paths(person, "files.read:~/harmless")


def test_keys_that_are_named_themselves_are_granted(person: Path) -> None:
    (found,) = paths(person, "files.read:~/.ssh")
    assert found.path == person / ".ssh"


def test_data_is_not_data2(person: Path) -> None:
    (person / "Music2").mkdir()
    assert paths(person, "files.read:~/Music2", denied=("~/Music",))[0].path == person / "Music2"


@pytest.mark.parametrize("value", ["/", "/proc", "/proc/self", "/dev/null", "/data", "/run/user/1000"])
def test_the_machine_s_own_places_are_refused(person: Path, value: str) -> None:
    with pytest.raises(PermissionRefused, match="of the machine"):
        paths(person, f"files.read:{value}")


def test_a_link_to_the_machine_s_own_places_is_refused(person: Path) -> None:
    (person / "harmless").symlink_to("/proc")
    with pytest.raises(PermissionRefused, match="of the machine"):
        paths(person, "files.read:~/harmless")
