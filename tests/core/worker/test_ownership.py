"""Folders that belong to a skill, whatever it has put into them."""

import os
from pathlib import Path

import pytest

from skillkernel.worker.memory import resident_bytes
from skillkernel.worker.ownership import bytes_in, give, make_private, readable_by_all


def test_a_private_folder_is_made_with_its_parents_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    make_private(folder, None)
    make_private(folder, None)
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_giving_a_folder_away_follows_no_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("")
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "own").write_text("")
    (folder / "sub" / "link").symlink_to(outside / "file")
    (folder / "to-folder").symlink_to(outside)
    give(folder, 1_900_000_001)
    assert (folder / "sub" / "own").stat().st_uid == 1_900_000_001
    assert (folder / "to-folder").lstat().st_uid == 1_900_000_001
    assert outside.stat().st_uid == (outside / "file").stat().st_uid == 0


def test_what_a_folder_takes_is_counted_without_following_links(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "file").write_bytes(b"x" * 1_000_000)
    (tmp_path / "loop").symlink_to(tmp_path)
    size = bytes_in(tmp_path, most_entries=10)
    assert size is not None
    assert 1_000_000 <= size < 1_100_000


def test_more_entries_than_allowed_cannot_be_counted(tmp_path: Path) -> None:
    for number in range(11):
        (tmp_path / str(number)).touch()
    assert bytes_in(tmp_path, most_entries=10) is None


def test_a_folder_that_is_gone_takes_nothing(tmp_path: Path) -> None:
    assert bytes_in(tmp_path / "gone", most_entries=10) == 0


def test_readable_by_all_means_list_and_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert readable_by_all(tmp_path)
    tmp_path.chmod(0o750)
    assert not readable_by_all(tmp_path)


def test_resident_memory_takes_in_this_process_and_none_that_is_gone() -> None:
    assert resident_bytes(os.getpid()) > 1_000_000
    assert resident_bytes(2**22 + 1) == 0
