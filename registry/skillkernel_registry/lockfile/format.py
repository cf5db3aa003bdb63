"""The values of skill.lock; docs/lock.md describes each field. An instance that was parsed went through `parse`."""

from typing import Any

import msgspec

LOCK_FILE_VERSION = 1
LOCK_FILE = "skill.lock"


class LockedIndex(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An index by a short `name` for the rest of the file.

    `address` is its identity: an address that ends in `/`, an absolute folder, or `first-party`. `root` is the SHA-256
    of the root.json that it is first trusted with, empty where nothing is signed.
    """

    name: str
    address: str
    root: str = ""


class LockedSkill(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One skill: its wheel by name, `length` in bytes and `sha256`, and what it may do.

    `index` is the name of a `LockedIndex`, or `local` for a wheel or folder of somebody's own. `dependencies` is the
    digest of the list of Python packages inside the wheel, `grants` are permission rows. `settings` are None unless
    they were to be written down.
    """

    name: str
    version: str
    index: str
    publisher: str = ""
    signer: str = ""
    wheel: str
    length: int
    sha256: str
    dependencies: str
    requires: tuple[str, ...] = ()
    requested: bool = True
    ask_at_use: bool = False
    grants: tuple[str, ...] = ()
    settings: dict[str, Any] | None = None


class LockFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file, skills and indexes in the order of names."""

    lock_version: int = LOCK_FILE_VERSION
    indexes: tuple[LockedIndex, ...] = msgspec.field(default=(), name="index")
    skills: tuple[LockedSkill, ...] = msgspec.field(default=(), name="skill")

    def skill(self, name: str) -> LockedSkill | None:
        """The locked skill of that name, or None."""
        return next((skill for skill in self.skills if skill.name == name), None)

    def address(self, index: str) -> str:
        """The address of the index of that name; `local` stands for itself."""
        return next((one.address for one in self.indexes if one.name == index), index)

    def root(self, address: str) -> str:
        """The root that the index at `address` is first trusted with, empty when the file has none."""
        return next((one.root for one in self.indexes if one.address == address), "")
