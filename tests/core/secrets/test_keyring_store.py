"""Secrets in a keyring, and keyrings that do not answer; which of keyring and file is chosen."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.keyrings import CARELESS, CLEAR, HANGING, LOCKED, MEMORY, MemoryKeyring
from skillkernel.catalogue.types import Layout
from skillkernel.errors import SecretStoreUnusable, UsageError
from skillkernel.secrets.choose_store import open_store
from skillkernel.secrets.file_store import FileStore
from skillkernel.secrets.keyring_store import KeyringStore

OWNER, OTHER = "mail-0123456789ab", "mail-ba9876543210"


@pytest.fixture(autouse=True)
def empty_keyring() -> Iterator[None]:
    MemoryKeyring.forget()
    yield
    MemoryKeyring.forget()


def test_what_is_set_is_read_removed_and_purged() -> None:
    store = KeyringStore("/home/sam/skills", backend=MEMORY)
    assert store.set(OWNER, "password", "hunter22") == "the keyring (keyrings)"
    store.set(OWNER, "token", "t-12345")
    assert store.read(OWNER, ["password", "absent"]) == {"password": "hunter22"}
    assert store.read(OTHER, ["password"]) == {}
    assert store.remove(OWNER, "password")
    assert not store.remove(OWNER, "password")
    assert store.purge(OWNER)
    assert not store.purge(OWNER)
    assert MemoryKeyring.kept == {}


def test_each_home_has_its_own() -> None:
    KeyringStore("/home/sam/skills", backend=MEMORY).set(OWNER, "password", "hunter22")
    assert KeyringStore("/home/sam/others", backend=MEMORY).read(OWNER, ["password"]) == {}


def test_a_locked_keyring_is_named() -> None:
    with pytest.raises(SecretStoreUnusable, match=r"the keyring \(keyrings\) is locked") as refused:
        KeyringStore("/home", backend=LOCKED).read(OWNER, ["password"])
    assert 'store = "file"' in refused.value.hint


def test_a_hanging_keyring_is_waited_for_only_so_long() -> None:
    with pytest.raises(SecretStoreUnusable, match=r"the keyring \(keyrings\) gave no answer within 0.05 s"):
        KeyringStore("/home", backend=HANGING, seconds=0.05).read(OWNER, ["password"])


def test_a_desktop_bus_that_accepts_and_never_answers_is_waited_for_only_so_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(tmp_path / "bus"))
        bus.listen()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
        store = KeyringStore("/home", seconds=0.2)
        for use in (store.problem, lambda: store.read(OWNER, ["password"])):
            with pytest.raises(SecretStoreUnusable, match=r"gave no answer within 0.2 s"):
                use()


def test_without_a_desktop_there_is_no_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'absent'}")
    problem = KeyringStore("/home").problem()
    assert problem == "there is no keyring to use here: neither the Secret Service nor KWallet is there"


def test_the_error_of_a_backend_that_tells_the_value_does_not_go_on() -> None:
    with pytest.raises(SecretStoreUnusable) as refused:
        KeyringStore("/home", backend=CARELESS).set(OWNER, "password", "hunter22")
    error = refused.value
    assert "RuntimeError" in error.message
    assert "hunter22" not in f"{error.message}{error.hint}{error.__cause__!r}{error.__context__!r}"


def test_an_item_that_somebody_else_wrote_is_named_and_not_shown() -> None:
    store = KeyringStore("/home", backend=MEMORY)
    MemoryKeyring.kept["skillkernel /home", OWNER] = "hunter22"
    with pytest.raises(SecretStoreUnusable, match="does not hold what skill wrote") as refused:
        store.read(OWNER, ["password"])
    assert "hunter22" not in refused.value.message


@pytest.mark.parametrize(
    "backend",
    [
        CLEAR,
        "keyring.backends.fail.Keyring",
        "keyring.backends.null.Keyring",
        "no_such_module.Keyring",
        "nonsense",
    ],
)
def test_a_backend_that_keeps_nothing_or_in_the_clear_is_no_keyring(backend: str) -> None:
    store = KeyringStore("/home", backend=backend)
    assert backend in store.problem()
    with pytest.raises(SecretStoreUnusable, match="no keyring to use"):
        store.set(OWNER, "password", "hunter22")


def test_a_keyring_is_preferred_and_the_value_is_in_one_place_only(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    FileStore(layout.secrets).set(OWNER, "password", "older-one")
    store = open_store(layout, {"secrets": {"keyring": MEMORY}})
    assert store.read(OWNER, ["password"]) == {"password": "older-one"}
    assert "keyring" in store.set(OWNER, "password", "hunter22")
    assert FileStore(layout.secrets).read(OWNER, ["password"]) == {}
    assert store.read(OWNER, ["password"]) == {"password": "hunter22"}
    assert store.remove(OWNER, "password")
    assert store.read(OWNER, ["password"]) == {}


def test_without_a_keyring_a_file_is_used(tmp_path: Path) -> None:
    store = open_store(Layout(tmp_path), {"secrets": {"keyring": "keyring.backends.fail.Keyring"}})
    assert "the file" in store.set(OWNER, "password", "hunter22")
    assert store.read(OWNER, ["password", "absent"]) == {"password": "hunter22"}
    assert store.purge(OWNER)
    assert not store.remove(OWNER, "password")


def test_purging_looks_in_both_places(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    store = open_store(layout, {"secrets": {"keyring": MEMORY}})
    store.set(OWNER, "password", "hunter22")
    FileStore(layout.secrets).set(OWNER, "token", "t-12345")
    assert store.purge(OWNER)
    assert store.read(OWNER, ["password", "token"]) == {}


def test_the_configuration_decides(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert "the file" in open_store(layout, {"secrets": {"store": "file", "keyring": MEMORY}}).set(OWNER, "a", "b" * 8)
    only_keyring = open_store(layout, {"secrets": {"store": "keyring", "keyring": "keyring.backends.fail.Keyring"}})
    with pytest.raises(SecretStoreUnusable):
        only_keyring.read(OWNER, ["a"])


@pytest.mark.parametrize("wrong", [{"store": "cloud"}, {"stroe": "file"}, "file"])
def test_a_wrong_setting_is_named(tmp_path: Path, wrong: object) -> None:
    with pytest.raises(UsageError, match=r"config.toml: \[secrets\]"):
        open_store(Layout(tmp_path), {"secrets": wrong})
