"""New keys for old ones, and a new policy: changes of the root.

A role other than root changes its key in three steps, each of which is a whole index: a root that takes both keys,
everything of the role signed by the new one, a root that takes the new one alone. So a lost key can be replaced as well,
and a command that was killed goes on where it was.
"""

# tuf.api.metadata is where its manual says to import from; it only lacks __all__.
# pyright: reportPrivateImportUsage=false

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skillkernel.errors import UsageError
from skillkernel_registry.keeper.founding import Attestations, check_days, policy_field
from skillkernel_registry.keeper.keys import ROLES, Keys
from skillkernel_registry.keeper.ledger import DAYS, NOTES, Ledger
from skillkernel_registry.keeper.outcome import Outcome
from skillkernel_registry.keeper.state import State

if TYPE_CHECKING:
    from tuf.api.metadata import Root


@dataclass(frozen=True, slots=True)
class Policy:
    """What a root says: which releases need an attestation, and for how many days what each role signs is good."""

    attestations: Attestations
    days: Mapping[str, int]


def policy(state: State) -> Policy:
    """The policy in force."""
    ledger = _signed(state)
    field: dict[str, Any] = ledger.root.signed.unrecognized_fields.get(NOTES, {})
    return Policy(field.get("attestations", "none"), {role: ledger.days(role) for role in ROLES})


def rotate(state: State, keys: Keys, role: str, old: str, passphrase: str) -> Outcome:
    """Replace the key of `role`; raise `UsageError` for no role, `KeyMissing`."""
    ledger = _signed(state)
    if role not in ROLES:
        raise UsageError(f"{role!r} is not a role", hint=f"there are: {', '.join(ROLES)}")
    if role == "root":
        retired = _rotate_root(ledger, keys, old, passphrase)
    elif role == "bins":
        retired = _rotate_bins(state, ledger, keys, passphrase)
    else:
        retired = _rotate_role(state, ledger, keys, role, passphrase)
    for keyid in retired:
        keys.retire(role, keyid)
    state.files.commit(f"Rotate the key of the role {role}")
    ids = ", ".join(keyid[:16] for keyid in retired)
    return Outcome((f"the role {role} has a new key; {ids} signs no more, its file is named .revoked",))


def set_policy(state: State, keys: Keys, attestations: Attestations | None, days: Mapping[str, int]) -> Outcome:
    """Write a root with another policy, and other times for what is signed from now on."""
    ledger = _signed(state)
    check_days(days)

    def change(root: "Root") -> None:
        if attestations is not None:
            root.unrecognized_fields[NOTES] = {**root.unrecognized_fields.get(NOTES, {}), **policy_field(attestations)}
        for role in root.roles:
            if role in days:
                root.roles[role].unrecognized_fields[DAYS] = days[role]

    ledger.require(keys, *(["targets", "bins", "snapshot", "timestamp"] if "bins" in days else []))
    ledger.save_root(keys, change)
    if "bins" in days:
        ledger.bins.unrecognized_fields[DAYS] = days["bins"]
        ledger.touch("targets")
        ledger.save(keys, skills=state.skills)
    state.files.commit("Change the policy")
    return Outcome((f"the root has version {ledger.root.signed.version}",))


def _signed(state: State) -> Ledger:
    if state.ledger is None:
        raise UsageError(
            f"{state.files.place('index.json')} is not signed", hint="`skill index init` makes one that is"
        )
    return state.ledger


def _rotate_root(ledger: Ledger, keys: Keys, old: str, passphrase: str) -> list[str]:
    role = ledger.root.signed.roles["root"]
    retired = [keyid for keyid in role.keyids if keyid.startswith(old)]
    if not retired:
        raise UsageError(
            f"no root key begins with {old!r}", hint=f"there are: {', '.join(k[:16] for k in role.keyids)}"
        )
    ledger.require(keys, "root")
    new = [keys.make("root", passphrase).public_key for _ in retired]

    def change(root: "Root") -> None:
        for key in new:
            root.add_key(key, "root")
        for keyid in retired:
            root.revoke_key(keyid, "root")

    ledger.save_root(keys, change)
    return retired


def _rotate_role(state: State, ledger: Ledger, keys: Keys, role: str, passphrase: str) -> list[str]:
    ledger.require(keys, "root", *({"targets", "snapshot", "timestamp", "bins"} - {role}))
    if len(ledger.root.signed.roles[role].keyids) == 1:
        new: Any = keys.make(role, passphrase).public_key
        ledger.save_root(keys, lambda root: root.add_key(new, role))
    retired = ledger.root.signed.roles[role].keyids[:-1]
    ledger.sign_alone(role, ledger.root.signed.roles[role].keyids[-1])
    if role == "targets":
        ledger.touch("targets")
    ledger.save(keys, skills=state.skills)

    def change(root: "Root") -> None:
        for keyid in retired:
            root.revoke_key(keyid, role)

    ledger.save_root(keys, change)
    return retired


def _rotate_bins(state: State, ledger: Ledger, keys: Keys, passphrase: str) -> list[str]:
    """All bins and what delegates to them count from one timestamp on: there is no moment in between."""
    ledger.require(keys, "targets", "snapshot", "timestamp")
    retired = list(ledger.bins.keyids)
    for name in ledger.all_bins():
        ledger.touch(name)
    ledger.targets.signed.add_key(keys.make("bins", passphrase).public_key)
    for keyid in retired:
        ledger.targets.signed.revoke_key(keyid)
    ledger.touch("targets")
    ledger.save(keys, skills=state.skills)
    return retired
