"""Which store keeps the secrets: the keyring where one is usable, else files; config.toml's [secrets] decides otherwise."""

from collections.abc import Collection, Mapping
from typing import Any, Literal

import msgspec

from skillkernel.catalogue.types import Layout
from skillkernel.errors import UsageError
from skillkernel.secrets.file_store import FileStore
from skillkernel.secrets.keyring_store import KeyringStore
from skillkernel.secrets.store import SecretStore


class SecretSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[secrets] of config.toml: `store` says where, `keyring` names another backend of keyring as `module.Class`."""

    store: Literal["file", "keyring"] | None = None
    keyring: str = ""


def open_store(layout: Layout, config: Mapping[str, Any]) -> SecretStore:
    """The store of one SKILL_HOME; nothing is read and no keyring loaded yet. Raise `UsageError` for a wrong setting."""
    try:
        settings = msgspec.convert(config.get("secrets", {}), SecretSettings)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"config.toml: [secrets]: {error}", hint='it may hold store = "file" or store = "keyring"'
        ) from None
    file = FileStore(layout.secrets)
    keyring = KeyringStore(str(layout.home), backend=settings.keyring)
    match settings.store:
        case "file":
            return file
        case "keyring":
            return keyring
        case None:
            return KeyringOrFile(keyring, file)


class KeyringOrFile:
    """New secrets go to the keyring where one is usable; those that a file holds are found as well.

    A session over ssh may have no keyring while the desktop has one: nothing that was set is lost between the two.
    """

    def __init__(self, keyring: KeyringStore, file: FileStore) -> None:
        self._keyring = keyring
        self._file = file

    def read(self, owner: str, names: Collection[str]) -> dict[str, str]:
        """Those of `names` that are set; a keyring is asked only for what no file has."""
        found = self._file.read(owner, names)
        rest = [name for name in names if name not in found]
        if rest and not self._keyring.problem():
            found |= self._keyring.read(owner, rest)
        return found

    def set(self, owner: str, name: str, value: str) -> str:
        """Keep a value in one place only."""
        if self._keyring.problem():
            return self._file.set(owner, name, value)
        where = self._keyring.set(owner, name, value)
        self._file.remove(owner, name)
        return where

    def remove(self, owner: str, name: str) -> bool:
        """Forget one, wherever it is."""
        there = self._file.remove(owner, name)
        return there if self._keyring.problem() else self._keyring.remove(owner, name) or there

    def purge(self, owner: str) -> bool:
        """Forget all of an owner's, wherever they are."""
        there = self._file.purge(owner)
        return there if self._keyring.problem() else self._keyring.purge(owner) or there
