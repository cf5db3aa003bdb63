"""A new index: empty, and signed unless it is for development alone."""

# tuf.api.metadata is where its manual says to import from; it only lacks __all__.
# pyright: reportPrivateImportUsage=false

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skillkernel.errors import UsageError
from skillkernel_registry.index_files import IndexFiles
from skillkernel_registry.index_format import INDEX_VERSION, IndexFile, Releases
from skillkernel_registry.keeper.keys import ROLES, Keys
from skillkernel_registry.keeper.shape import wanted_bits
from skillkernel_registry.keeper.shelf import INDEX, METADATA
from skillkernel_registry.keeper.state import encoded

if TYPE_CHECKING:
    from tuf.api.metadata import Key, Metadata, Root

DEFAULT_DAYS = {"root": 730, "targets": 365, "bins": 365, "snapshot": 90, "timestamp": 30}
"""For how many days the metadata of a role is good, unless its keeper says otherwise."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
Attestations = str | Sequence[str]
"""`none`, `all`, or the names and patterns of the skills whose releases need one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new index is to be; `days` replaces some of `DEFAULT_DAYS`, `passphrase` encrypts its keys."""

    name: str
    publisher: str = ""
    root_keys: int = 1
    threshold: int = 1
    attestations: Attestations = "none"
    days: Mapping[str, int] = field(default_factory=dict[str, int])
    passphrase: str = ""


def found_unsigned(files: IndexFiles, name: str, publisher: str = "") -> None:
    """Make an empty index that nobody signs."""
    check_name(name)
    with files.exclusive():
        _refuse_second(files)
        file = IndexFile(index_version=INDEX_VERSION, name=name, publisher=publisher, releases=Releases())
        files.write(INDEX, encoded(file))
        files.commit(f"Found the index {name}")


def found_signed(files: IndexFiles, keys: Keys, plan: Plan, now: datetime) -> str:
    """Make an empty signed index and its keys, and return the SHA-256 of its root.json.

    Raises `UsageError` when one is there or the plan cannot be.
    """
    check_name(plan.name)
    _check_plan(plan)
    refuse_keys_inside(files, keys.folders)
    with files.exclusive():
        _refuse_second(files)
        made = {role: [keys.make(role, plan.passphrase) for _ in range(_count(plan, role))] for role in ROLES}
        public = {role: [signer.public_key for signer in signers] for role, signers in made.items()}
        fingerprint = _write_root(files, keys, _root(plan, public, now))
        form = Releases(metadata=METADATA)
        file = IndexFile(index_version=INDEX_VERSION, name=plan.name, publisher=plan.publisher, releases=form)
        _first_state(files, keys, plan, public["bins"], encoded(file), now)
        files.write(INDEX, encoded(file))
        files.commit(f"Found the index {plan.name}")
    return fingerprint


def refuse_keys_inside(files: IndexFiles, folders: Sequence[Path]) -> None:
    """Raise `UsageError` when a folder of keys is served together with the index."""
    where = files.place("")
    for folder in folders:
        if where.startswith("/") and folder.resolve().is_relative_to(Path(where).resolve()):
            raise UsageError(
                f"{folder} is inside the index: its private keys would be served with it",
                hint="name a folder outside it with --keys",
            )


def policy_field(attestations: Attestations) -> dict[str, Any]:
    """The signed field of the root that says which releases need an attestation."""
    return {"attestations": attestations if isinstance(attestations, str) else sorted(set(attestations))}


def check_days(days: Mapping[str, int]) -> None:
    """Raise `UsageError` for a time that metadata cannot be good for."""
    for role, count in days.items():
        if role not in DEFAULT_DAYS or not 1 <= count <= 3650:
            raise UsageError(f"{count} days is no time for the role {role}", hint="give 1 to 3650 days")


def check_name(name: str) -> None:
    """Raise `UsageError` for what cannot name an index, and the folder of its keys."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is not a name for an index", hint="use lower-case letters, digits, dots, hyphens, underscores"
        )


def _check_plan(plan: Plan) -> None:
    if not 1 <= plan.threshold <= plan.root_keys <= 16:
        raise UsageError(
            f"{plan.threshold} of {plan.root_keys} root keys cannot be asked for", hint="give 1 to 16 keys, and no more"
        )
    check_days(plan.days)


def _refuse_second(files: IndexFiles) -> None:
    if files.read(INDEX) is not None or files.read(f"{METADATA}timestamp.json") is not None:
        raise UsageError(f"{files.place('')} is an index already", hint="`skill index add` puts a skill into it")


def _count(plan: Plan, role: str) -> int:
    return plan.root_keys if role == "root" else 1


def _days(plan: Plan, role: str) -> int:
    return plan.days.get(role, DEFAULT_DAYS[role])


def _root(plan: Plan, public: "Mapping[str, Sequence[Key]]", now: datetime) -> "Metadata[Root]":
    from tuf.api.metadata import Metadata, Root

    from skillkernel_registry.keeper.ledger import DAYS, NOTES

    root = Root(expires=now + timedelta(days=_days(plan, "root")))
    for role in root.roles:
        root.roles[role].unrecognized_fields[DAYS] = _days(plan, role)
        for key in public[role]:
            root.add_key(key, role)
    root.roles["root"].threshold = plan.threshold
    root.unrecognized_fields[NOTES] = policy_field(plan.attestations)
    return Metadata(root)


def _write_root(files: IndexFiles, keys: Keys, root: "Metadata[Root]") -> str:
    role = root.signed.roles["root"]
    for signer in keys.signers("root", role.keyids, role.threshold):
        root.sign(signer, append=True)
    data = root.to_bytes()
    files.write(f"{METADATA}1.root.json", data)
    return hashlib.sha256(data).hexdigest()


def _first_state(
    files: IndexFiles, keys: Keys, plan: Plan, bin_keys: "Sequence[Key]", index: bytes, now: datetime
) -> None:
    from tuf.api.metadata import Delegations, SuccinctRoles, Targets

    from skillkernel_registry.keeper.ledger import BIN_PREFIX, DAYS, Ledger

    roles = SuccinctRoles([key.keyid for key in bin_keys], 1, wanted_bits(0), BIN_PREFIX, {DAYS: _days(plan, "bins")})
    targets = Targets(delegations=Delegations({key.keyid: key for key in bin_keys}, succinct_roles=roles))
    Ledger.found(files, METADATA, now, targets, index).save(keys, skills=0)
