"""Private keys: for their owner alone, encrypted where that is wanted, found by their role and id."""

import stat
from pathlib import Path

import pytest

from skillkernel.errors import UsageError
from skillkernel_registry.errors import KeyMissing
from skillkernel_registry.keeper.keys import Keys


def made(folder: Path, passphrase: str = "") -> tuple[Path, str]:
    signer = Keys([folder]).make("timestamp", passphrase)
    (file,) = folder.glob("timestamp-*.pem")
    return file, signer.public_key.keyid


def test_a_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    file, keyid = made(tmp_path / "keys")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert file.name == f"timestamp-{keyid[:16]}.pem"


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    file, keyid = made(tmp_path / "keys")
    file.chmod(0o640)
    with pytest.raises(UsageError, match="is open to others"):
        Keys([file.parent]).signers("timestamp", [keyid], 1)


def test_a_passphrase_opens_what_it_closed_and_no_other_does(tmp_path: Path) -> None:
    file, keyid = made(tmp_path / "keys", "open sesame")
    assert b"ENCRYPTED" in file.read_bytes()
    (signer,) = Keys([file.parent], lambda _: "open sesame").signers("timestamp", [keyid], 1)
    assert signer.public_key.keyid == keyid
    with pytest.raises(UsageError, match="does not open with that passphrase"):
        Keys([file.parent], lambda _: "open barley").signers("timestamp", [keyid], 1)
    with pytest.raises(UsageError, match="needs its passphrase"):
        Keys([file.parent], lambda _: "").signers("timestamp", [keyid], 1)


def test_a_new_key_is_encrypted_like_those_that_were_opened(tmp_path: Path) -> None:
    file, keyid = made(tmp_path / "keys", "open sesame")
    keys = Keys([file.parent], lambda _: "open sesame")
    keys.signers("timestamp", [keyid], 1)
    keys.make("bins")
    (new,) = file.parent.glob("bins-*.pem")
    assert b"ENCRYPTED" in new.read_bytes()


@pytest.mark.parametrize(
    ("pem", "problem"),
    [
        (b"", "is not a private key"),
        (b"-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n", "is not a private key"),
        (b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMC4=\n-----END ENCRYPTED PRIVATE KEY-----\n", "does not open"),
    ],
)
def test_what_is_no_key_is_named(tmp_path: Path, pem: bytes, problem: str) -> None:
    file, keyid = made(tmp_path / "keys")
    file.write_bytes(pem)
    with pytest.raises(UsageError, match=problem):
        Keys([file.parent], lambda _: "word").signers("timestamp", [keyid], 1)


def test_a_key_under_another_name_is_not_used(tmp_path: Path) -> None:
    first, keyid = made(tmp_path / "keys")
    second, _ = made(tmp_path / "others")
    first.write_bytes(second.read_bytes())
    with pytest.raises(UsageError, match="is another key than its name says"):
        Keys([first.parent]).signers("timestamp", [keyid], 1)


def test_a_key_that_is_missing_is_named_with_the_folders(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing) as caught:
        Keys([tmp_path / "a", tmp_path / "b"]).signers("root", ["ab" * 32], 1)
    assert caught.value.message == (
        f"the role root needs the key to sign: looked for root-{'ab' * 8}.pem in {tmp_path}/a, {tmp_path}/b"
    )
    assert "--keys" in caught.value.hint
