"""The private keys of whoever keeps an index: a PEM file each, for its owner alone, outside the index.

A file is named ROLE-KEYID.pem by the first 16 digits of the key id, so that the folder tells what is in it.
"""

# securesystemslib.signer is where its manual says to import from; it only lacks __all__.
# pyright: reportPrivateImportUsage=false

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from skillkernel.errors import UsageError
from skillkernel_registry.errors import KeyMissing

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner

ROLES = ("root", "targets", "snapshot", "timestamp", "bins")
PASSPHRASE = "SKILL_KEY_PASSPHRASE"  # noqa: S105 # the name of a variable
Passphrase = Callable[[Path], str]
"""Returns the passphrase of a key file, empty for none."""


def from_environment(file: Path) -> str:
    """The passphrase that the environment has."""
    return os.environ.get(PASSPHRASE, "")


class Keys:
    """The keys in these folders; new ones go into the first."""

    def __init__(self, folders: Sequence[Path], passphrase: Passphrase = from_environment) -> None:
        self.folders = tuple(folder.expanduser().absolute() for folder in folders)
        self._passphrase = passphrase
        self._loaded: dict[str, CryptoSigner] = {}
        self._word = ""

    def make(self, role: str, passphrase: str = "") -> "CryptoSigner":
        """A new key for `role`, kept with mode 0600; encrypted by this passphrase, else by the one that opened others."""
        from securesystemslib.signer import CryptoSigner

        signer = CryptoSigner.generate_ed25519()
        self._keep(_named(role, signer.public_key.keyid), _pem(signer, passphrase or self._word))
        self._loaded[signer.public_key.keyid] = signer
        return signer

    def signers(self, role: str, keyids: Sequence[str], threshold: int) -> "list[CryptoSigner]":
        """The keys of `role` that are here; raise `KeyMissing` when they are fewer than `threshold`."""
        found = [signer for keyid in keyids if (signer := self._find(role, keyid)) is not None]
        if len(found) < threshold:
            raise KeyMissing(role, [_named(role, keyid) for keyid in keyids], threshold, self.folders)
        return found

    def has(self, role: str, keyids: Sequence[str], threshold: int) -> bool:
        """Whether as many keys of `role` are here as have to sign."""
        return sum(self._file(role, keyid) is not None for keyid in keyids) >= threshold

    def retire(self, role: str, keyid: str) -> None:
        """Put a revoked key's file out of use, where it is here."""
        if (file := self._file(role, keyid)) is not None:
            file.replace(file.with_name(f"{file.name}.revoked"))

    def _keep(self, name: str, pem: bytes) -> None:
        folder = self.folders[0]
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(descriptor)
        except OSError as error:
            raise UsageError(
                f"the key {folder / name} cannot be written: {error.strerror}",
                hint="name a folder that you can write to with --keys",
            ) from error

    def _file(self, role: str, keyid: str) -> Path | None:
        places = (folder / _named(role, keyid) for folder in self.folders)
        return next((place for place in places if place.is_file()), None)

    def _find(self, role: str, keyid: str) -> "CryptoSigner | None":
        if keyid in self._loaded:
            return self._loaded[keyid]
        file = self._file(role, keyid)
        if file is None:
            return None
        pem = _read(file)
        word = self._passphrase(file) if _is_encrypted(pem) else ""
        signer = _load(file, pem, word)
        self._word = word or self._word
        if signer.public_key.keyid != keyid:
            raise UsageError(f"{file} is another key than its name says", hint="put the key back that belongs there")
        self._loaded[keyid] = signer
        return signer


def _named(role: str, keyid: str) -> str:
    return f"{role}-{keyid[:16]}.pem"


def _pem(signer: "CryptoSigner", passphrase: str) -> bytes:
    if not passphrase:
        return signer.private_bytes
    from cryptography.hazmat.primitives import serialization

    return serialization.load_pem_private_key(signer.private_bytes, None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )


def _is_encrypted(pem: bytes) -> bool:
    return b"ENCRYPTED" in pem.partition(b"\n")[0]


def _load(file: Path, pem: bytes, word: str) -> "CryptoSigner":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.signer import CryptoSigner

    try:
        key = load_pem_private_key(pem, word.encode() or None)
    except TypeError as error:
        raise UsageError(
            f"the key {file} needs its passphrase", hint=f"type it when asked, or set {PASSPHRASE}"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        problem = "does not open with that passphrase" if _is_encrypted(pem) else "is not a private key"
        raise UsageError(f"the key {file} {problem}", hint="nothing was changed; try again") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"the key {file} is not an ed25519 key", hint="use the one that `skill index` made")
    return CryptoSigner(key)


def _read(file: Path) -> bytes:
    try:
        mode = file.stat().st_mode
        pem = file.read_bytes()
    except OSError as error:
        raise UsageError(f"the key {file} cannot be read: {error.strerror}", hint="mend its rights") from error
    if stat.S_IMODE(mode) & 0o077:
        raise UsageError(f"the key {file} is open to others", hint=f"run `chmod 600 {file}`")
    return pem
