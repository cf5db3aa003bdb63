"""What the kernel knows of the installed skills: one generation's catalogue."""

from pathlib import Path
from typing import Any

import msgspec

from skillkernel.manifest.types import Manifest, Permissions, Tool
from skillkernel.names import Sha256, SkillName, ToolId

CATALOGUE_VERSION = 1


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """A skill in the store, ready to be called, with what its user granted.

    `module` is the entry point's value, `store` the digest that names its folder under SKILL_HOME/store, `tree` the
    digest of that folder's tree.json, `manifest_hash` what consent was given to, `owner` the key of its data folder
    and secrets: another index or publisher has another owner. `ask_at_use`: what was not granted is asked for when a
    call needs it, instead of refused. `wheel` is the digest of the wheel, `signer` whose attestation it came with, in
    words, empty for none. `editable` is the source folder that it follows, whose digest was `source` when it was taken.
    """

    name: SkillName
    version: str
    manifest: Manifest
    manifest_hash: Sha256
    module: str
    store: Sha256
    tree: Sha256
    index: str
    publisher: str
    owner: str
    granted: Permissions
    settings: dict[str, Any] = {}
    requested: bool = True
    ask_at_use: bool = False
    wheel: str = ""
    signer: str = ""
    editable: str = ""
    source: str = ""


class Target(msgspec.Struct, frozen=True):
    """A tool that exists."""

    id: ToolId
    skill: Installed
    tool: Tool


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """A skill that is there and cannot be called; `problem` says why, `status` is `broken` or `found`."""

    name: str
    version: str
    status: str
    problem: str


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """One generation: what was installed, in the order of names."""

    catalogue_version: int = CATALOGUE_VERSION
    generation: int = 0
    created: str = ""
    skills: tuple[Installed, ...] = ()

    def skill(self, name: str) -> Installed | None:
        """The installed skill of that name, or None."""
        return next((skill for skill in self.skills if skill.name == name), None)


class Layout(msgspec.Struct, frozen=True):
    """Where things stand under SKILL_HOME."""

    home: Path

    @property
    def current(self) -> Path:
        """The link to the generation in force: generations/N, switched by one rename."""
        return self.home / "current"

    @property
    def catalogue(self) -> Path:
        """The catalogue of the generation in force."""
        return self.current / "catalogue.json"

    @property
    def generations(self) -> Path:
        return self.home / "generations"

    @property
    def store(self) -> Path:
        return self.home / "store"

    @property
    def models(self) -> Path:
        return self.home / "models"

    @property
    def journal(self) -> Path:
        return self.home / "journal.sqlite"

    @property
    def memory(self) -> Path:
        """What skills were told to remember."""
        return self.home / "memory.sqlite"

    @property
    def config(self) -> Path:
        return self.home / "config.toml"

    @property
    def replaced(self) -> Path:
        """What sessions that did not end well replaced of the person's files, a folder each."""
        return self.home / "replaced"

    @property
    def trust(self) -> Path:
        """What is known of signed indexes: a folder each, with its root and the newest metadata that was seen."""
        return self.home / "trust"

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    def environment(self, digest: Sha256) -> Path:
        """The folder that a worker puts on its path: the skill and its dependencies, laid out by `uv pip --target`."""
        return self.store / digest / "env"

    def tree(self, digest: Sha256) -> Path:
        """The list of every file of the environment with its hash."""
        return self.store / digest / "tree.json"

    @property
    def secrets(self) -> Path:
        """The folder of secrets that no keyring keeps: one file an owner."""
        return self.home / "secrets"

    def data(self, owner: str) -> Path:
        """The private data folder of a skill's owner key."""
        return self.home / "data" / owner
