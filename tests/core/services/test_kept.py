"""What a session replaces is kept until it has ended well."""

import asyncio
import os
from pathlib import Path

import pytest

from skillkernel.catalogue.types import Layout
from skillkernel.errors import PermissionRefused
from skillkernel.permissions.granted_path import GrantedPath
from skillkernel.services.files import kept as module
from skillkernel.services.files.kept import KeptFiles
from skillkernel.services.files.person_files import FilesConfig, PersonFiles


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder of the person."""
    folder = tmp_path / "notes"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "deep/b.txt").write_text("b")
    return folder


def grant(folder: Path, access: str = "write") -> GrantedPath:
    return GrantedPath(folder, folder, "denied" if access == "denied" else "write", folder=True)


def test_what_was_changed_or_deleted_is_kept_when_the_session_failed(tmp_path: Path, notes: Path) -> None:
    kept = KeptFiles(tmp_path / "kept")
    kept.keep_granted((grant(notes),))
    (notes / "a.txt").write_text("changed")
    (notes / "deep/b.txt").unlink()
    (notes / "new.txt").write_text("new")
    left = kept.end(well=False)
    assert {path.name: path.read_text() for path in left} == {"a.txt": "a", "b.txt": "b"}


def test_nothing_is_left_when_it_ended_well_or_nothing_changed(tmp_path: Path, notes: Path) -> None:
    for well in (True, False):
        kept = KeptFiles(tmp_path / "kept")
        kept.keep_granted((grant(notes),))
        assert (tmp_path / "kept" / str(notes).removeprefix("/") / "a.txt").read_text() == "a"
        if well:
            (notes / "deep/b.txt").write_text("changed")
        assert kept.end(well=well) == ()
        assert not (tmp_path / "kept").exists()


def test_a_change_that_sets_size_and_time_back_is_seen(tmp_path: Path, notes: Path) -> None:
    file = notes / "a.txt"
    before = file.stat()
    kept = KeptFiles(tmp_path / "kept")
    kept.keep_granted((grant(notes),))
    file.write_text("x")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert [path.read_text() for path in kept.end(well=False)] == ["a"]


def test_a_folder_that_is_too_large_to_keep_is_refused(
    tmp_path: Path, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1)
    with pytest.raises(PermissionRefused, match="could not be kept"):
        KeptFiles(tmp_path / "kept").keep_granted((grant(notes),))


def test_what_is_denied_and_what_a_link_leads_to_is_not_copied(tmp_path: Path, notes: Path) -> None:
    (tmp_path / "outside.txt").write_text("outside")
    (notes / "link").symlink_to(tmp_path / "outside.txt")
    kept = KeptFiles(tmp_path / "kept")
    kept.keep_granted((grant(notes), grant(notes / "deep", "denied")))
    copies = {path.name for path in (tmp_path / "kept").rglob("*") if path.is_file()}
    assert copies == {"a.txt"}


def test_a_single_file_that_is_too_large_to_keep_is_refused(
    tmp_path: Path, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 0)
    with pytest.raises(PermissionRefused, match=r"a\.txt holds more than"):
        KeptFiles(tmp_path / "kept").keep(notes / "a.txt")


def test_a_folder_that_could_not_be_kept_is_tried_again(
    tmp_path: Path, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = KeptFiles(tmp_path / "kept")
    with monkeypatch.context() as limited:
        limited.setattr(module, "MOST_BYTES", 1)
        with pytest.raises(PermissionRefused):
            kept.keep_granted((grant(notes),))
    assert not kept.has_all((grant(notes),))
    kept.keep_granted((grant(notes),))
    assert kept.has_all((grant(notes),))


async def test_calls_side_by_side_wait_until_all_is_kept(tmp_path: Path, notes: Path) -> None:
    for number in range(300):
        (notes / f"{number}.txt").write_text("before")
    files = PersonFiles(FilesConfig(), Layout(tmp_path / "home"), tmp_path)
    copies = tmp_path / "home/replaced/s" / str(notes).removeprefix("/")

    async def call() -> int:
        await files.keep_before("s", (grant(notes),))
        return len(list(copies.glob("*.txt")))

    assert await asyncio.gather(*(call() for _ in range(4))) == [301] * 4
