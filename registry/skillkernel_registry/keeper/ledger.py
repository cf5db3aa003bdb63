"""The signed state of an index: its TUF metadata, verified when it is read, changed in memory and signed anew.

Nothing is built upon metadata that the keys of the index do not vouch for: what somebody edited by hand is refused,
not signed. Expiry is no obstacle here: whoever holds the keys may renew what ran out.
"""

# tuf.api.metadata is where its manual says to import from; it only lacks __all__.
# pyright: reportPrivateImportUsage=false

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from tuf.api.exceptions import LengthOrHashMismatchError
from tuf.api.metadata import (
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Signed,
    Snapshot,
    SuccinctRoles,
    TargetFile,
    Targets,
    Timestamp,
)

from skillkernel_registry.errors import IndexBusy, IndexTampered
from skillkernel_registry.index_files import IndexFiles
from skillkernel_registry.keeper import superseded
from skillkernel_registry.keeper.keys import Keys
from skillkernel_registry.keeper.shelf import INDEX, Shelf
from skillkernel_registry.keeper.superseded import Left
from skillkernel_registry.keeper.verified import RESTORE, Verified

BIN_PREFIX = "skills"
DAYS = "x-skillkernel-days"
"""The signed field of a role that says for how many days its metadata is good."""
NOTES = "x-skillkernel"
"""The signed field of the root with the policy, and of the snapshot with what the keeper wants to know at a glance."""
ONLINE = ("bins", "snapshot", "timestamp")
"""The roles whose keys sign every publication."""


class Ledger(Shelf):
    """The metadata under `folder` of an index; `now` is the time that expiry is counted from."""

    def __init__(self, files: IndexFiles, folder: str, now: datetime, root: Metadata[Root]) -> None:
        self.files = files
        self.folder = folder
        self.now = now
        self.root = root
        self.timestamp = Metadata(Timestamp())
        self.snapshot = Metadata(Snapshot(meta={}))
        self.targets = Metadata(Targets())
        self._left: list[str] = []
        self._published: bytes | None = None
        self._bins: dict[str, Metadata[Targets]] = {}
        self._changed: set[str] = set()
        self._staged: dict[str, bytes] = {}
        self._alone: dict[str, str] = {}

    @classmethod
    def load(cls, files: IndexFiles, folder: str, now: datetime) -> "Ledger":
        """The newest published state; raise `IndexTampered` naming what the keys do not vouch for."""
        reader = Verified(files, folder)
        ledger = cls(files, folder, now, reader.newest_root())
        root = ledger.root.signed
        ledger._published = reader.read("timestamp.json")
        ledger.timestamp = reader.verified(ledger._published, "timestamp.json", Timestamp, "timestamp", root)
        promise = ledger.timestamp.signed.snapshot_meta
        ledger.snapshot = reader.role(f"{promise.version}.snapshot.json", Snapshot, "snapshot", root, promise)
        version = ledger.snapshot.signed.meta["targets.json"].version
        ledger.targets = reader.role(f"{version}.targets.json", Targets, "targets", root)
        return ledger

    @classmethod
    def found(cls, files: IndexFiles, folder: str, now: datetime, targets: Targets, index: bytes) -> "Ledger":
        """The first state of an index, of which the root alone is written."""
        ledger = cls(files, folder, now, Verified(files, folder).newest_root())
        ledger.targets = Metadata(targets)
        ledger.timestamp.signed.version = ledger.snapshot.signed.version = 0
        ledger._bins = {name: Metadata(Targets()) for name in ledger.bins.get_roles()}
        ledger._changed = {*ledger._bins, "targets"}
        ledger.put(INDEX, index)
        return ledger

    @property
    def bins(self) -> SuccinctRoles:
        """How targets are spread over bins."""
        delegations = self.targets.signed.delegations
        if delegations is None or delegations.succinct_roles is None:
            raise IndexTampered(f"{self.place('targets.json')} spreads nothing over bins", hint=RESTORE)
        return delegations.succinct_roles

    @property
    def notes(self) -> dict[str, Any]:
        """What the snapshot notes: `skills`, how many there are, and `oldest`, when the first bin runs out."""
        return dict(self.snapshot.signed.unrecognized_fields.get(NOTES, {}))

    def path_of(self, role: str) -> str:
        """The file with the metadata of a role as it is published."""
        if role == "timestamp":
            return f"{self.folder}timestamp.json"
        top = {"root": self.root.signed.version, "snapshot": self.snapshot.signed.version}
        return f"{self.folder}{top.get(role) or self._version(role)}.{role}.json"

    def place(self, name: str) -> str:
        return self.files.place(self.folder + name)

    def days(self, role: str) -> int:
        """For how many days metadata of the role is good from its signing on."""
        holder = self.bins if role == "bins" else self.root.signed.roles[role]
        return int(holder.unrecognized_fields[DAYS])

    def bin(self, name: str) -> Metadata[Targets]:
        """One bin, read when it is first asked for."""
        if name not in self._bins:
            file = self.path_of(name).removeprefix(self.folder)
            self._bins[name] = Verified(self.files, self.folder).role(file, Targets, name, self.targets.signed)
        return self._bins[name]

    def target(self, path: str) -> TargetFile | None:
        """What is signed of a target, None when there is none."""
        return self._holder(path)[1].targets.get(path)

    def read_target(self, path: str) -> bytes | None:
        """The bytes of a target as they are signed, or as they were put since."""
        target = self.target(path)
        if target is None:
            return None
        (prefixed,) = target.get_prefixed_paths()
        data = self._staged.get(prefixed) or self.files.read(prefixed)
        if data is None:
            raise IndexTampered(f"{self.files.place(prefixed)} is not there, though it is signed", hint=RESTORE)
        try:
            target.verify_length_and_hashes(data)
        except LengthOrHashMismatchError as error:
            raise IndexTampered(f"{self.files.place(prefixed)} is not what was signed", hint=RESTORE) from error
        return data

    def put(self, path: str, data: bytes) -> None:
        """Sign these bytes as the target `path` with the next save."""
        role, holder = self._holder(path)
        target, old = TargetFile.from_data(path, data), holder.targets.get(path)
        if old is not None and old.hashes == target.hashes:
            return
        (prefixed,) = target.get_prefixed_paths()
        self._staged[prefixed] = data
        holder.targets[path] = target
        self._leave(old, role)

    def drop(self, path: str) -> None:
        """Sign no such target any more with the next save."""
        role, holder = self._holder(path)
        if path in holder.targets:
            self._leave(holder.targets.pop(path), role)

    def all_bins(self) -> Iterator[str]:
        return self.bins.get_roles()

    def touch(self, role: str) -> None:
        """Sign `targets` or a bin anew with the next save, changed or not."""
        if role != "targets":
            self.bin(role)
        self._changed.add(role)

    def rebin(self, bits: int) -> None:
        """Spread all targets over 2^`bits` bins; an old bin's line stays in the snapshot, as TUF demands."""
        found = {path: target for name in self.all_bins() for path, target in self.bin(name).signed.targets.items()}
        old = self.bins
        self._left += [f"{self.folder}{self._version(name)}.{name}.json" for name in self.all_bins()]
        new = SuccinctRoles(old.keyids, old.threshold, bits, BIN_PREFIX, old.unrecognized_fields)
        delegations = self.targets.signed.delegations
        self.targets.signed.delegations = Delegations(delegations.keys if delegations else {}, succinct_roles=new)
        self._bins = {name: Metadata(Targets()) for name in new.get_roles()}
        for path, target in found.items():
            self._bins[new.get_role_for_target(path)].signed.targets[path] = target
        self._changed = {*self._bins, "targets"}

    def require(self, keys: Keys, *roles: str) -> None:
        """Raise `KeyMissing` before anything is written when a key of these roles is not here."""
        for role in roles:
            self._signers(keys, role)

    def has_keys(self, keys: Keys, role: str) -> bool:
        holder = self.bins if role == "bins" else self.root.signed.roles[role]
        return keys.has(role, holder.keyids, holder.threshold)

    def check_can_save(self, keys: Keys) -> None:
        """Raise `KeyMissing` or `IndexBusy` before anything is written."""
        self.require(keys, *ONLINE, *(["targets"] if "targets" in self._changed else []))
        self.refuse_if_moved()

    def save(self, keys: Keys, *, skills: int) -> None:
        """Sign and write what changed, what is named by its content or version first, the timestamp last."""
        bins = sorted(self._changed - {"targets"})
        self.check_can_save(keys)
        for path, data in self._staged.items():
            self.files.write(path, data)
        for name in bins:
            self._save(self._bins[name], name, "bins", keys)
        if "targets" in self._changed:
            self._save(self.targets, "targets", "targets", keys)
        self._save_snapshot(bins, skills, keys)
        self.refuse_if_moved()
        self._published = self._sign(self.timestamp, self.timestamp.signed.version + 1, "timestamp", keys)
        self.files.write(f"{self.folder}timestamp.json", self._published)
        self._staged.clear()
        self._changed.clear()
        since = self.now.isoformat(timespec="seconds")
        superseded.leave(self.files, [Left(path, since) for path in self._left])
        self._left.clear()

    def sign_alone(self, role: str, keyid: str) -> None:
        """Have one key of several sign for a role in this ledger: the new one, while the root still takes the old."""
        self._alone[role] = keyid

    def is_current(self, path: str) -> bool:
        """Whether metadata at `path` is of the state that is published."""
        version, _, role = path.removeprefix(self.folder).removesuffix(".json").partition(".")
        if role in {"", "root"} or not version.isdecimal():
            return True
        published = self.snapshot.signed.version if role == "snapshot" else self._version(role)
        return int(version) >= published and (role in {"snapshot", "targets"} or self.bins.is_delegated_role(role))

    def save_root(self, keys: Keys, change: Callable[[Root], None]) -> None:
        """Write the next root, signed as the old and as the new one demand."""
        old = self.root.signed.roles["root"]
        before = keys.signers("root", old.keyids, old.threshold)
        new = Metadata[Root].from_bytes(self.root.to_bytes())
        change(new.signed)
        role = new.signed.roles["root"]
        signers = {s.public_key.keyid: s for s in [*before, *keys.signers("root", role.keyids, role.threshold)]}
        new.signed.version += 1
        new.signed.expires = self.now + timedelta(days=int(role.unrecognized_fields[DAYS]))
        new.signatures.clear()
        for signer in signers.values():
            new.sign(signer, append=True)
        self.refuse_if_moved()
        self.files.write(f"{self.folder}{new.signed.version}.root.json", new.to_bytes())
        self.root = new

    def refuse_if_moved(self) -> None:
        """Raise `IndexBusy` when somebody else published since this state was read."""
        if self.files.read(f"{self.folder}timestamp.json") != self._published:
            raise IndexBusy(self.files.place(""), "somebody else published to it in the meantime")

    def _save_snapshot(self, bins: Sequence[str], skills: int, keys: Keys) -> None:
        snapshot = self.snapshot.signed
        if snapshot.version:
            self._left.append(f"{self.folder}{snapshot.version}.snapshot.json")
        for name in bins:
            snapshot.meta[f"{name}.json"] = MetaFile(self._bins[name].signed.version)
        snapshot.meta["targets.json"] = MetaFile(self.targets.signed.version)
        oldest = self.notes.get("oldest", "")
        if len(bins) == self.bins.number_of_bins or not oldest:
            oldest = min((self.bin(name).signed.expires for name in self.all_bins()), default=self.now).isoformat()
        snapshot.unrecognized_fields[NOTES] = {"skills": skills, "oldest": oldest}
        data = self._sign(self.snapshot, self._free_version("snapshot", snapshot.version + 1), "snapshot", keys)
        self.files.write(f"{self.folder}{snapshot.version}.snapshot.json", data)
        self.timestamp.signed.snapshot_meta = MetaFile.from_data(snapshot.version, data, ["sha256"])

    def _save(self, metadata: Metadata[Targets], name: str, role: str, keys: Keys) -> None:
        published = self._version(name)
        if published:
            self._left.append(f"{self.folder}{published}.{name}.json")
        version = self._free_version(name, published + 1)
        self.files.write(f"{self.folder}{version}.{name}.json", self._sign(metadata, version, role, keys))

    def _free_version(self, name: str, version: int) -> int:
        """The next version whose file is not there: one may have been left by a crash, or just be written by another."""
        while self.files.read(f"{self.folder}{version}.{name}.json") is not None:
            self._left.append(f"{self.folder}{version}.{name}.json")
            version += 1
        return version

    def _sign(self, metadata: Metadata[Any], version: int, role: str, keys: Keys) -> bytes:
        metadata.signed.version = version
        metadata.signed.expires = self.now + timedelta(days=self.days(role))
        metadata.signatures.clear()
        for signer in self._signers(keys, role):
            metadata.sign(signer, append=True)
        return metadata.to_bytes()

    def _signers(self, keys: Keys, role: str) -> Any:
        holder = self.bins if role == "bins" else self.root.signed.roles[role]
        keyids = [self._alone[role]] if role in self._alone else holder.keyids
        return keys.signers(role, keyids, holder.threshold)

    def _version(self, name: str) -> int:
        meta = self.snapshot.signed.meta.get(f"{name}.json")
        return 0 if meta is None else meta.version

    def _holder(self, path: str) -> tuple[str, Targets]:
        """index.json is signed by the top role, so that a first fetch finds it there; all else by its bin."""
        if path == INDEX:
            return "targets", self.targets.signed
        name = self.bins.get_role_for_target(path)
        return name, self.bin(name).signed

    def _leave(self, old: TargetFile | None, role: str) -> None:
        self._changed.add(role)
        if old is not None:
            (prefixed,) = old.get_prefixed_paths()
            if self._staged.pop(prefixed, None) is None:
                self._left.append(prefixed)


def near_expiry(signed: Signed, days: int, now: datetime) -> bool:
    """Whether less than a third of its time is left."""
    return signed.expires - now < timedelta(days=days) / 3
