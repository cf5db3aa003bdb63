"""A signed index in a folder, made with tuf's own classes, that can be wrong in each way that a test chooses.

The roles are plain objects: a test changes them and writes what it wants of them. `publish` does what a good keeper
does; the other methods do one step each, and nothing stops a test from leaving one out.
"""

# The classes are documented to be in modules that only import them.
# pyright: reportPrivateImportUsage=false

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from securesystemslib.signer import CryptoSigner, Key
from tuf.api.metadata import (
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    SuccinctRoles,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

from fakes.wheels import SkillWheelFake
from skillkernel_registry.index_format import IndexFile, Record, Releases, SearchFile, SearchLine
from skillkernel_registry.publish import publish

Role = Root | Timestamp | Snapshot | Targets
TOP = ("root", "timestamp", "snapshot", "targets")
DAY = timedelta(days=1)
_COMPACT = JSONSerializer(compact=True)


def in_days(days: float) -> datetime:
    """A time from now on, without microseconds."""
    return datetime.now(UTC).replace(microsecond=0) + days * DAY


class TufRepository:
    """The index in `folder`. `signers` are the keys that sign a role, `bins` the hashed bins by their name."""

    def __init__(self, folder: Path, *, bits: int = 3, threshold: int = 1, policy: Any = "none") -> None:
        self.folder = folder
        self.signers = {role: [CryptoSigner.generate_ed25519() for _ in range(threshold)] for role in (*TOP, "skills")}
        self.root = Root(expires=in_days(365), unrecognized_fields={"x-skillkernel": {"attestations": policy}})
        self.root.version = 0
        self.timestamp = Timestamp(expires=in_days(1))
        self.snapshot = Snapshot(expires=in_days(7))
        self.targets = Targets(expires=in_days(90))
        for role in TOP:
            self._allow(role)
        succinct = SuccinctRoles([key.public_key.keyid for key in self.signers["skills"]], threshold, bits, "skills")
        keys: dict[str, Key] = {key.public_key.keyid: key.public_key for key in self.signers["skills"]}
        self.targets.delegations = Delegations(keys, succinct_roles=succinct)
        self.bins = {name: Targets(expires=in_days(90)) for name in succinct.get_roles()}
        everything: list[Role] = [self.timestamp, self.snapshot, self.targets, *self.bins.values()]
        for unwritten in everything:
            unwritten.version = 0
        self.file = IndexFile(index_version=1, name="test", releases=Releases(metadata="metadata/"))
        self.write_root()
        self.write_index()
        self.publish()

    def add(self, *fakes: SkillWheelFake) -> None:
        """Put the releases of these wheels into the index, and publish."""
        work = self.folder.with_name(f"{self.folder.name}-work")
        shutil.rmtree(work, ignore_errors=True)
        publish([fake.write(work / "built") for fake in fakes], work / "index", name="test", publisher="somebody")
        for wheel in (work / "index/wheels").iterdir():
            self.put(f"wheels/{wheel.name}", wheel.read_bytes())
        for record in (work / "index/skills").iterdir():
            self.target(f"skills/{record.name}", record.read_bytes())
        self.target("search.json", self._search(work / "index/search.json"))
        self.publish()

    def publish(self) -> None:
        """Write every role that changed, each with the next version, and what points to it after it."""
        for name, bin_ in self.bins.items():
            if self._changed(name, bin_):
                self.write_targets(name)
        if self._changed("targets", self.targets):
            self.write_targets("targets")
        self.write_snapshot()
        self.write_timestamp()

    def write_root(self, signers: Iterable[CryptoSigner] | None = None) -> None:
        """Write the next root, signed by the keys of the root now, and by these beside them."""
        self.root.version += 1
        self.put(f"metadata/{self.root.version}.root.json", self.signed(self.root, "root", signers))

    def write_targets(self, name: str) -> None:
        """Write the next version of the targets or of a bin."""
        role = self.targets if name == "targets" else self.bins[name]
        role.version += 1
        self.put(f"metadata/{role.version}.{name}.json", self.signed(role, name))

    def write_snapshot(self) -> None:
        """Write the next snapshot, of the versions that the roles have now."""
        self.snapshot.version += 1
        roles = {"targets": self.targets, **self.bins}
        self.snapshot.meta = {f"{name}.json": MetaFile(role.version) for name, role in roles.items()}
        self.put(f"metadata/{self.snapshot.version}.snapshot.json", self.signed(self.snapshot, "snapshot"))

    def write_timestamp(self) -> None:
        """Write the next timestamp, of the snapshot as it is now."""
        self.timestamp.version += 1
        data = self.signed(self.snapshot, "snapshot")
        digest = {"sha256": hashlib.sha256(data).hexdigest()}
        self.timestamp.snapshot_meta = MetaFile(self.snapshot.version, len(data), digest)
        self.put("metadata/timestamp.json", self.signed(self.timestamp, "timestamp"))

    def write_index(self) -> None:
        """Make index.json, for everybody and as a target."""
        data = msgspec.json.encode(self.file)
        self.put("index.json", data)
        self.target("index.json", data)

    def target(self, path: str, data: bytes) -> None:
        """Write a file under its hash, and have its role vouch for it."""
        digest = hashlib.sha256(data).hexdigest()
        folder, slash, name = path.rpartition("/")
        self.put(f"{folder}{slash}{digest}.{name}", data)
        self.role_of(path).targets[path] = TargetFile(len(data), {"sha256": digest}, path)

    def role_of(self, path: str) -> Targets:
        """The role that vouches for a path."""
        return self.targets if path == "index.json" else self.bins[self.bin_of(path)]

    def bin_of(self, path: str) -> str:
        """The name of the bin that a path is in."""
        delegations = self.targets.delegations
        if delegations is None or delegations.succinct_roles is None:
            raise LookupError(path)
        return delegations.succinct_roles.get_role_for_target(path)

    def record(self, name: str) -> Record:
        """The record of a skill, as it is published."""
        path = f"skills/{name}.json"
        digest = self.role_of(path).targets[path].hashes["sha256"]
        return msgspec.json.decode((self.folder / f"skills/{digest}.{name}.json").read_bytes(), type=Record)

    def rotate(self, role: str, keys: int = 1) -> None:
        """Revoke the keys of a role, give it new ones, and write the root that says so, signed by old and new."""
        before = self.signers["root"]
        for key in self.signers[role]:
            self.root.revoke_key(key.public_key.keyid, role)
        self.signers[role] = [CryptoSigner.generate_ed25519() for _ in range(keys)]
        self._allow(role)
        self.write_root([*before, *self.signers["root"]])

    def put(self, path: str, data: bytes) -> None:
        """Write a file of the index."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def signed(self, role: Role, name: str, signers: Iterable[CryptoSigner] | None = None) -> bytes:
        """A role as it is written, with the signatures of its keys or of these."""
        metadata = Metadata[Any](role)
        for signer in signers or self.signers["skills" if name.startswith("skills-") else name]:
            metadata.sign(signer, append=True)
        return metadata.to_bytes(_COMPACT)

    def state(self) -> Mapping[str, bytes]:
        """Every file of the index, to be put back by `restore`."""
        files = (file for file in self.folder.rglob("*") if file.is_file())
        return {str(file.relative_to(self.folder)): file.read_bytes() for file in files}

    def restore(self, state: Mapping[str, bytes]) -> None:
        """Make the folder what it was."""
        shutil.rmtree(self.folder)
        for path, data in state.items():
            self.put(path, data)

    def _allow(self, role: str) -> None:
        for key in self.signers[role]:
            self.root.add_key(key.public_key, role)
        self.root.roles[role].threshold = len(self.signers[role])

    def _changed(self, name: str, role: Targets) -> bool:
        file = self.folder / f"metadata/{role.version}.{name}.json"
        return not file.is_file() or file.read_bytes() != self.signed(role, name)

    def _search(self, new: Path) -> bytes:
        known = self.role_of("search.json").targets.get("search.json")
        lines: list[SearchLine] = []
        if known is not None:
            old = self.folder / f"{known.hashes['sha256']}.search.json"
            lines += msgspec.json.decode(old.read_bytes(), type=SearchFile).skills
        found = msgspec.json.decode(new.read_bytes(), type=SearchFile).skills
        names = {line.name for line in found}
        return msgspec.json.encode(SearchFile(skills=(*(line for line in lines if line.name not in names), *found)))
