"""A folder as the place of an index."""

import stat
from functools import partial
from pathlib import Path

import pytest

from skillkernel.errors import IntegrityError
from skillkernel_registry.errors import IndexBusy, IndexUnreachable
from skillkernel_registry.keeper.folder_files import PARTS, FolderFiles


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    return FolderFiles(tmp_path / "index")


def test_what_is_written_is_read_listed_and_removed(files: FolderFiles) -> None:
    assert files.read("a/b.json") is None
    files.write("a/b.json", b"one")
    files.write("a/b.json", b"two")
    files.write("c.json", b"three")
    assert files.read("a/b.json") == b"two"
    assert list(files.paths("a/")) == ["a/b.json"]
    assert sorted(files.paths("")) == ["a/b.json", "c.json"]
    assert stat.S_IMODE((files.folder / "a/b.json").stat().st_mode) == 0o644
    files.remove("a/b.json")
    files.remove("a/b.json")
    files.remove("c.json/no")
    assert sorted(path.name for path in files.folder.iterdir() if path.name != PARTS) == ["c.json"]


@pytest.mark.parametrize("path", ["../out", "/etc/passwd", "a/../../out", "", "a\\b", "a%2f", "a:b", "a\nb"])
def test_a_path_out_of_the_folder_is_refused(files: FolderFiles, path: str) -> None:
    for act in (files.read, files.remove, partial(files.write, data=b"")):
        with pytest.raises(IntegrityError, match="out of the index"):
            act(path)


def test_a_link_out_of_the_folder_is_not_followed(files: FolderFiles, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_text("secret")
    files.write("index.json", b"")
    (files.folder / "wheels").symlink_to(tmp_path / "outside")
    (files.folder / "link.json").symlink_to(tmp_path / "outside/secret")
    for path in ("wheels/secret", "link.json"):
        for act in (files.read, files.remove, partial(files.write, data=b"changed")):
            with pytest.raises(IntegrityError, match="is a link out of the index"):
                act(path)
    assert (tmp_path / "outside/secret").read_text() == "secret"
    with pytest.raises(IntegrityError, match="is a link out of the index"):
        list(files.paths("wheels/"))


def test_what_cannot_be_written_is_named_and_the_old_stays(files: FolderFiles) -> None:
    files.write("a", b"old")
    with pytest.raises(IndexUnreachable, match="index/a/b cannot be written"):
        files.write("a/b", b"")
    assert files.read("a") == b"old"


def test_a_lock_is_held_for_a_block_and_what_was_half_written_goes(files: FolderFiles) -> None:
    with files.exclusive():
        with pytest.raises(IndexBusy), FolderFiles(files.folder).exclusive():
            pass
        (files.folder / PARTS).mkdir()
        (files.folder / PARTS / "half").write_text("half")
    assert not (files.folder / PARTS).exists()
    with files.exclusive():
        pass
