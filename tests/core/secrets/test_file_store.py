"""Secrets in files, and the files that are refused."""

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from skillkernel.errors import SecretStoreUnusable
from skillkernel.secrets.file_store import FileStore

OWNER, OTHER = "mail-0123456789ab", "mail-ba9876543210"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "home" / "secrets")


def test_what_is_set_is_read_and_only_what_was_asked_for(store: FileStore) -> None:
    store.set(OWNER, "password", "hunter22")
    store.set(OWNER, "token", "t-12345")
    assert store.read(OWNER, ["password", "absent"]) == {"password": "hunter22"}
    store.set(OWNER, "password", "hunter23")
    assert FileStore(store.folder).read(OWNER, ["password", "token"]) == {"password": "hunter23", "token": "t-12345"}


def test_another_owner_starts_empty(store: FileStore) -> None:
    store.set(OWNER, "password", "hunter22")
    assert store.read(OTHER, ["password"]) == {}


def test_nothing_is_made_by_looking(store: FileStore) -> None:
    assert store.read(OWNER, ["password"]) == {}
    assert not store.remove(OWNER, "password")
    assert not store.purge(OWNER)
    assert not store.folder.exists()


def test_the_file_is_for_its_owner_alone_whatever_the_umask_says(store: FileStore) -> None:
    before = os.umask(0)
    try:
        where = store.set(OWNER, "password", "hunter22")
    finally:
        os.umask(before)
    file = store.folder / f"{OWNER}.json"
    assert str(file) in where
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700


def test_a_change_replaces_the_file_and_leaves_nothing_beside_it(store: FileStore) -> None:
    store.set(OWNER, "password", "hunter22")
    before = (store.folder / f"{OWNER}.json").stat().st_ino
    store.set(OWNER, "password", "hunter23")
    assert (store.folder / f"{OWNER}.json").stat().st_ino != before
    assert [path.name for path in store.folder.iterdir()] == [f"{OWNER}.json"]


def test_what_is_removed_or_purged_is_gone(store: FileStore) -> None:
    store.set(OWNER, "password", "hunter22")
    store.set(OWNER, "token", "t-12345")
    store.set(OTHER, "password", "of-another")
    assert store.remove(OWNER, "password")
    assert not store.remove(OWNER, "password")
    assert store.purge(OWNER)
    assert not store.purge(OWNER)
    assert store.read(OTHER, ["password"]) == {"password": "of-another"}


def test_of_changes_at_once_none_is_lost(store: FileStore) -> None:
    names = [f"k{n}" for n in range(8)]
    writers = [threading.Thread(target=store.set, args=(OWNER, name, f"value-{name}")) for name in names]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert store.read(OWNER, names) == {name: f"value-{name}" for name in names}


def _a_link(file: Path) -> None:
    file.rename(file.with_suffix(".real"))
    file.symlink_to(file.with_suffix(".real"))


def _a_linked_folder(file: Path) -> None:
    file.parent.rename(file.parent.with_name("elsewhere"))
    file.parent.symlink_to(file.parent.with_name("elsewhere"), target_is_directory=True)


def _readable(file: Path) -> None:
    file.chmod(0o644)


def _writable_by_the_group(file: Path) -> None:
    file.chmod(0o620)


def _an_open_folder(file: Path) -> None:
    file.parent.chmod(0o755)


def _a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file, 0o600)


def _somebody_elses(file: Path) -> None:
    if os.geteuid():
        pytest.skip("only root can give a file away")
    os.chown(file, 12_345, -1)


def _nonsense(file: Path) -> None:
    file.write_text('{"password": ["hunter22"]}')


def _a_flood(file: Path) -> None:
    os.truncate(file, 1 << 40)


@pytest.mark.parametrize(
    ("attack", "word"),
    [
        (_a_link, "link"),
        (_a_linked_folder, "link"),
        (_readable, "open to others (mode 644)"),
        (_writable_by_the_group, "open to others (mode 620)"),
        (_an_open_folder, "open to others (mode 755)"),
        (_a_pipe, "not a regular file"),
        (_somebody_elses, "another user"),
        (_nonsense, "does not hold"),
        (_a_flood, "does not hold"),
    ],
)
def test_a_file_that_others_could_have_got_at_is_refused_and_named(
    store: FileStore, attack: Callable[[Path], None], word: str
) -> None:
    store.set(OWNER, "password", "hunter22")
    attack(store.folder / f"{OWNER}.json")
    for use in (lambda: store.read(OWNER, ["password"]), lambda: store.set(OWNER, "password", "hunter23")):
        with pytest.raises(SecretStoreUnusable) as refused:
            use()
        assert word in refused.value.message
        assert str(store.folder) in refused.value.message
        assert refused.value.hint
        assert "hunter" not in f"{refused.value.message} {refused.value.hint} {refused.value.__cause__!r}"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SecretStoreUnusable, match="cannot be made"):
        FileStore(tmp_path / "file" / "secrets").set(OWNER, "password", "hunter22")
