"""What `skill sync` is about to do, for a person to agree to: pure.

Threat: a lock from somebody's repository grants, downgrades or removes what nobody here agreed to. Whatever it asks for
beyond what this machine's user said yes to before needs a yes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from packaging.version import Version

from skillkernel.catalogue.types import Catalogue, Installed
from skillkernel.manifest.types import Manifest, Permissions
from skillkernel.permissions.rows import holds, meet, permissions_of
from skillkernel_registry.lockfile.format import LockedSkill, LockFile
from skillkernel_registry.plan import PlannedSkill
from skillkernel_registry.settings import carried_settings

Finding = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SyncedSkill:
    """One skill that is not yet as the lock says.

    `planned` is what is to be installed, None when its files are there already. `granted`, `settings`, `requested` and
    `ask_at_use` are what it has afterwards; `new_rows` and `lost_rows` the grants that differ, `withheld` what it asks for
    and the lock does not grant, `new_settings` the names of those that differ.
    """

    name: str
    before: Installed | None
    planned: PlannedSkill | None
    granted: Permissions
    settings: dict[str, Any]
    requested: bool
    ask_at_use: bool
    new_rows: tuple[str, ...]
    lost_rows: tuple[str, ...]
    withheld: tuple[str, ...]
    new_settings: tuple[str, ...]

    @property
    def goes_back(self) -> bool:
        """Whether an older version is to replace a newer one."""
        if self.planned is None or self.before is None:
            return False
        return Version(self.planned.version) < Version(self.before.version)

    @property
    def needs_consent(self) -> bool:
        """Whether there is anything that its user did not agree to before."""
        installs = self.planned is not None and self.planned.needs_consent
        return installs or self.goes_back or bool(self.new_rows) or bool(self.new_settings)


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """Everything that differs from the lock: `repaired` are skills whose files in the store have to be made anew."""

    skills: tuple[SyncedSkill, ...]
    removed: tuple[Installed, ...]
    repaired: tuple[PlannedSkill, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether this machine is as the lock says."""
        return not (self.skills or self.removed or self.repaired)

    @property
    def needs_consent(self) -> bool:
        """Whether there is anything that its user did not agree to before; taking a skill away is."""
        return bool(self.removed) or any(skill.needs_consent for skill in self.skills)


def is_here(skill: Installed | None, locked: LockedSkill, address: str) -> bool:
    """Whether the installed skill is the locked one, to the byte and by its origin."""
    return skill is not None and (skill.version, skill.index, skill.publisher, skill.wheel, skill.signer) == (
        locked.version,
        address,
        locked.publisher,
        locked.sha256,
        locked.signer,
    )


def contradictions(locked: LockedSkill, planned: PlannedSkill) -> list[Finding]:
    """What the lock says of a wheel and the wheel does not."""
    wheel, place = planned.candidate.wheel, f"skill {locked.name}"
    found: list[Finding] = []
    if wheel.manifest.requires_skills != locked.requires:
        found.append((f"{place}: requires", "is not what its wheel says"))
    if wheel.lock.sha256() != locked.dependencies:
        found.append((f"{place}: dependencies", "is not the digest of the list in its wheel"))
    return found + unfit_grants(locked, wheel.manifest)


def unfit_grants(locked: LockedSkill, manifest: Manifest) -> list[Finding]:
    """Grants that the skill never asked for, and settings that do not fit its schema."""
    asked, place = manifest.permissions.rows(), f"skill {locked.name}"
    found = [
        (f"{place}: grants: {row}", "the skill does not ask for it")
        for row in locked.grants
        if not any(holds(wider, row) for wider in asked)
    ]
    if locked.settings is not None and carried_settings(locked.settings, manifest) != locked.settings:
        found.append((f"{place}: settings", "do not fit the skill's schema"))
    return found


def plan_sync(lock: LockFile, before: Catalogue, planned: Mapping[str, PlannedSkill]) -> SyncPlan:
    """Compare the lock with what is installed; `planned` holds the skills whose wheels differ or have to be unpacked anew."""
    skills: list[SyncedSkill] = []
    repaired: list[PlannedSkill] = []
    for locked in lock.skills:
        installed, one = before.skill(locked.name), planned.get(locked.name)
        same = is_here(installed, locked, lock.address(locked.index))
        step = _step(locked, installed, None if same else one)
        if not same or _differs(step):
            skills.append(step)
        if same and one is not None:
            repaired.append(one)
    names = {locked.name for locked in lock.skills}
    return SyncPlan(tuple(skills), tuple(skill for skill in before.skills if skill.name not in names), tuple(repaired))


def _step(locked: LockedSkill, installed: Installed | None, planned: PlannedSkill | None) -> SyncedSkill:
    mine = None if planned is not None and planned.stranger else installed
    manifest = planned.manifest if planned is not None else _manifest(installed)
    granted = permissions_of(meet(manifest.permissions.rows(), locked.grants))
    old = mine.granted.rows() if mine else ()
    kept = carried_settings(mine.settings, manifest) if mine else {}
    settings = kept if locked.settings is None else locked.settings
    return SyncedSkill(
        name=locked.name,
        before=installed,
        planned=planned,
        granted=granted,
        settings=settings,
        requested=locked.requested,
        ask_at_use=locked.ask_at_use,
        new_rows=tuple(row for row in granted.rows() if not any(holds(one, row) for one in old)),
        lost_rows=tuple(row for row in old if row not in granted.rows()),
        withheld=tuple(
            row for row in manifest.permissions.rows() if not any(holds(one, row) for one in granted.rows())
        ),
        new_settings=tuple(sorted(name for name in {*kept, *settings} if _other(name, kept, settings))),
    )


def _manifest(installed: Installed | None) -> Manifest:
    if installed is None:
        raise ValueError("a skill that is neither installed nor planned")
    return installed.manifest


def _other(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return (name in before) != (name in after) or before.get(name) != after.get(name)


def _differs(step: SyncedSkill) -> bool:
    """Whether a skill whose wheel is there differs in what was decided about it."""
    return step.before is None or as_synced(step, step.before) != step.before


def as_synced(step: SyncedSkill, base: Installed) -> Installed:
    """The catalogue's row with what the lock says; a skill that is as locked follows no source folder."""
    return msgspec.structs.replace(
        base,
        granted=step.granted,
        settings=step.settings,
        requested=step.requested,
        ask_at_use=step.ask_at_use,
        editable="",
        source="",
    )
