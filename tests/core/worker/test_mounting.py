"""What was checked is what is mounted."""

import os
from pathlib import Path

import pytest

from skillkernel.worker.mounting import Changed, open_checked


def test_a_file_that_was_exchanged_is_not_mounted(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("checked")
    checked = file.stat()
    os.close(open_checked(file, checked.st_dev, checked.st_ino))
    (tmp_path / "other").write_text("another")
    (tmp_path / "other").replace(file)
    with pytest.raises(Changed, match="exchanged"):
        open_checked(file, checked.st_dev, checked.st_ino)


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/file").write_text("x")
    found = (tmp_path / "folder/file").stat()
    (tmp_path / "link").symlink_to("folder")
    with pytest.raises(OSError, match="symbolic links"):
        open_checked(tmp_path / "link/file", found.st_dev, found.st_ino)
