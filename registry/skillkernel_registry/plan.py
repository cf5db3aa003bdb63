"""What an install is about to do, for a person to agree to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from skillkernel.catalogue.types import Catalogue, Installed, Layout
from skillkernel.manifest.hash import consent_hash
from skillkernel.manifest.types import Manifest, Memory, Permissions
from skillkernel.names import Sha256
from skillkernel.permissions.rows import holds
from skillkernel_registry.consent import carried_over, changes, owner_key, plain_words, row_in_words
from skillkernel_registry.lock import LOCK_NAME, Lock, parse_lock
from skillkernel_registry.resolution.candidate import Candidate


@dataclass(frozen=True, slots=True)
class PlannedSkill:
    """One skill of a plan.

    `asks` are its permissions in plain words, `new_asks` those that a yes grants for the first time, `withheld` those that
    were asked for before and not granted, and stay so; `kept` are the grants that carry over; `changes` says what else differs
    from the installed release that it replaces, if `replaces` is one of the same owner; `stranger` is true when the
    installed skill of that name came from elsewhere, so that its data and grants do not carry over; `other_signer` when it
    is the same owner's and somebody else attested it, so that its grants do not. `dependencies` are NAME==VERSION on this
    machine.
    """

    candidate: Candidate
    manifest_hash: Sha256
    owner: str
    asks: tuple[str, ...]
    new_asks: tuple[str, ...]
    withheld: tuple[str, ...]
    kept: Permissions
    dependencies: tuple[str, ...]
    replaces: Installed | None
    stranger: bool
    other_signer: bool
    changes: tuple[str, ...]

    @property
    def manifest(self) -> Manifest:
        return self.candidate.wheel.manifest

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def version(self) -> str:
        return self.manifest.version

    @property
    def index(self) -> str:
        return self.candidate.index

    @property
    def publisher(self) -> str:
        return self.candidate.publisher

    @property
    def summary(self) -> str:
        return self.manifest.summary

    @property
    def memory(self) -> Memory:
        return self.manifest.memory

    @property
    def needs_consent(self) -> bool:
        """Whether there is anything that its user did not agree to before."""
        return (
            self.replaces is None
            or self.stranger
            or self.other_signer
            or bool(self.new_asks)
            or self.manifest_hash != self.replaces.manifest_hash
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """All skills of one install, those that were asked for first.

    `kept` are installed skills that were asked for and stay as they are; `warnings` are sentences for a person; `links`
    are places of Python wheels that come with the index; `offline` takes them from caches alone.
    """

    skills: tuple[PlannedSkill, ...]
    kept: tuple[Installed, ...] = ()
    warnings: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    offline: bool = False

    @property
    def needs_consent(self) -> bool:
        return any(skill.needs_consent for skill in self.skills)


class Agreed(Enum):
    """A person's yes to an install: with all that is asked for, or with nothing, to be asked at first use."""

    GRANT = "grant"
    ASK = "ask"


Answer = Agreed | bool
Consent = Callable[[Plan], Answer | Awaitable[Answer]]
"""Shows a plan and returns the person's answer; True grants what is asked for."""


def make_plan(
    layout: Layout,
    candidates: tuple[Candidate, ...],
    installed: Catalogue,
    kept: tuple[Installed, ...] = (),
    warnings: tuple[str, ...] = (),
) -> Plan:
    """Compare what was chosen with what is installed."""
    return Plan(tuple(_planned(layout, candidate, installed) for candidate in candidates), kept, warnings)


def _planned(layout: Layout, candidate: Candidate, installed: Catalogue) -> PlannedSkill:
    wheel = candidate.wheel
    manifest = wheel.manifest
    owner = owner_key(candidate.index, manifest.name, candidate.publisher)
    before = installed.skill(manifest.name)
    stranger = before is not None and before.owner != owner
    mine = None if stranger else before
    other_signer = mine is not None and mine.signer != candidate.signer
    kept = carried_over(manifest.permissions, None if other_signer else mine)
    known = set(mine.manifest.permissions.rows()) if mine and not other_signer else set[str]()
    ungranted = [row for row in manifest.permissions.rows() if not any(holds(one, row) for one in kept.rows())]
    pins = pin_texts(wheel.lock)
    differing = (
        [] if before is None or stranger else changes(before.manifest, manifest, _pins_before(layout, before), pins)
    )
    return PlannedSkill(
        candidate=candidate,
        manifest_hash=consent_hash(manifest, pins),
        owner=owner,
        asks=tuple(plain_words(manifest.permissions)),
        new_asks=tuple(row_in_words(row) for row in ungranted if row not in known),
        withheld=tuple(row_in_words(row) for row in ungranted if row in known),
        kept=kept,
        dependencies=tuple(f"{pin.name}=={pin.version}" for pin in wheel.lock.here()),
        replaces=before,
        stranger=stranger,
        other_signer=other_signer,
        changes=tuple(differing),
    )


def pin_texts(lock: Lock) -> tuple[str, ...]:
    """Every pin of a lock as NAME==VERSION, for all platforms."""
    return tuple(f"{pin.name}=={pin.version}" for pin in lock.pins)


def _pins_before(layout: Layout, before: Installed) -> tuple[str, ...]:
    file = layout.environment(before.store) / before.module / LOCK_NAME
    try:
        return pin_texts(parse_lock(file.read_text(encoding="utf-8"), str(file)))
    except OSError:
        return ()
