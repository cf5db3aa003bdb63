"""What whoever keeps an index does with it: add, remove, yank, refresh, rotate keys, change the policy.

Each is one change, all or nothing: it looks the whole of what it is to write through first, and a command that was
killed in the midst of it can be run again.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace as with_fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from skillkernel.errors import Refused, UsageError
from skillkernel.names import skill_name
from skillkernel_registry.errors import SkillNotFound
from skillkernel_registry.index_files import IndexFiles
from skillkernel_registry.index_format import FileRef, PublisherPin, Record, Release
from skillkernel_registry.keeper import changes
from skillkernel_registry.keeper.attesting import Attested, Check, provenance_of, sigstore_check
from skillkernel_registry.keeper.founding import Attestations, refuse_keys_inside
from skillkernel_registry.keeper.intake import Arrival, arrive
from skillkernel_registry.keeper.keys import Keys, Passphrase, from_environment
from skillkernel_registry.keeper.outcome import Outcome
from skillkernel_registry.keeper.publication import Publication
from skillkernel_registry.keeper.state import State, open_state
from skillkernel_registry.keeper.superseded import GRACE
from skillkernel_registry.provenance.signer import lacking

if TYPE_CHECKING:
    from skillkernel_registry.keeper.rotation import Policy


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


class Keeper:
    """Changes the index in `files` with `keys`.

    `now` tells the time that expiry and upload times are counted from, `check` whether an attestation holds.
    """

    def __init__(
        self,
        files: IndexFiles,
        keys: Keys,
        now: Callable[[], datetime] = utc_now,
        check: Check | None = None,
    ) -> None:
        refuse_keys_inside(files, keys.folders)
        self.files = files
        self.keys = keys
        self._now = now
        self._check = check or sigstore_check()

    @classmethod
    def open(
        cls,
        files: IndexFiles,
        keys: Path | Sequence[Path],
        *,
        passphrase: Passphrase = from_environment,
        now: Callable[[], datetime] = utc_now,
        check: Check | None = None,
    ) -> "Keeper":
        """Keep an index that is there, with the keys of one or several folders.

        Attestations are checked against the public Sigstore instance, unless `check` does it otherwise.
        """
        return cls(files, Keys([keys] if isinstance(keys, Path) else keys, passphrase), now, check)

    def state(self) -> State:
        """The index as it is now; raise `UsageError` where there is none, `IndexTampered` where it was edited."""
        return open_state(self.files, self._now())

    def add(
        self,
        wheels: Sequence[Path],
        *,
        publisher: str = "",
        pins: Sequence[PublisherPin] = (),
        attestations: Mapping[str, bytes] | None = None,
        new_publisher: bool = False,
    ) -> Outcome:
        """Publish wheels; `attestations` are PEP 740 attestations by the name of their wheel.

        What lies beside a wheel as `FILE.publish.attestation` is taken along. Publishing the same bytes again changes
        nothing but what was left undone. Raises `UnsafeWheel`, `UsageError` for a version that is there with other
        bytes, `Refused` for a name that belongs to somebody else or a release that lacks an attestation,
        `AttestationRefused` for one that those who install it would refuse, `KeyMissing`, `IndexBusy`.
        """
        _refuse_half_pins(pins)
        given = dict(attestations or {})
        uploaded = self._now().isoformat(timespec="seconds")
        arrivals = [arrive(wheel, given.pop(wheel.name, None), uploaded) for wheel in wheels]
        if given:
            raise UsageError(
                f"the attestation of {min(given)} belongs to none of the wheels", hint="name its wheel too"
            )
        with self.files.exclusive():
            publication = Publication(self.state(), self._now())
            warnings: list[str] = []
            for arrival in arrivals:
                record, said = self._owned(publication, arrival, publisher, pins, new_publisher=new_publisher)
                warnings += [*said, *_take(publication, arrival, record, self._check)]
            titles = [f"{one.name} {one.release.version}" for one in arrivals]
            publication.publish(self.keys, f"Publish {', '.join(titles)}")
        return Outcome(tuple(f"{title} is published" for title in titles), (*warnings, *publication.warnings))

    def remove(self, name: str, version: str = "") -> Outcome:
        """Take one release away, or the whole skill; raise `SkillNotFound`, `UsageError`, `KeyMissing`, `IndexBusy`."""
        with self.files.exclusive():
            publication = Publication(self.state(), self._now())
            publication.set(skill_name(name), changes.without(self._record(publication, name), version))
            title = f"{name} {version}".strip()
            publication.publish(self.keys, f"Remove {title}")
        return Outcome((f"{title} is removed",), tuple(publication.warnings))

    def yank(self, name: str, version: str, *, reason: str = "", undo: bool = False) -> Outcome:
        """Offer a release to nobody but who pinned it, or again to all; raises as `remove`."""
        with self.files.exclusive():
            publication = Publication(self.state(), self._now())
            record = changes.yanked(self._record(publication, name), version, False if undo else reason or True)
            publication.set(skill_name(name), record)
            publication.publish(self.keys, f"{'Offer' if undo else 'Yank'} {name} {version}")
        done = "is offered again" if undo else "is yanked"
        return Outcome((f"{name} {version} {done}",), tuple(publication.warnings))

    def refresh(self, *, grace: timedelta = GRACE, orphans: bool = False, rebuild_search: bool = False) -> Outcome:
        """Sign anew what runs out, cut up anew what was outgrown, and delete what nothing names since `grace`.

        `orphans` looks the whole index over for files that a crash left, which go after the same time.
        `rebuild_search` writes all search files anew from the records.
        """
        from skillkernel_registry.keeper.upkeep import note_orphans, refresh

        with self.files.exclusive():
            noted = note_orphans(self.files, self._now()) if orphans else 0
            outcome = refresh(self.state(), self.keys, self._now(), grace, rebuild_search=rebuild_search)
        return with_fields(outcome, done=(*outcome.done, f"{noted} orphans are noted")) if noted else outcome

    def rotate_key(self, role: str, *, old: str = "", passphrase: str = "") -> Outcome:
        """Have a new key sign for `role`, and the old one no more; `old` picks one root key of several by its id."""
        from skillkernel_registry.keeper.rotation import rotate

        with self.files.exclusive():
            return rotate(self.state(), self.keys, role, old, passphrase)

    def set_policy(self, attestations: Attestations | None = None, days: Mapping[str, int] | None = None) -> Outcome:
        """Change which releases need an attestation, and for how many days metadata is good: a new root."""
        from skillkernel_registry.keeper.rotation import set_policy

        with self.files.exclusive():
            return set_policy(self.state(), self.keys, attestations, days or {})

    def policy(self) -> "Policy":
        """What the root says now; raise `UsageError` where nothing is signed."""
        from skillkernel_registry.keeper.rotation import policy

        return policy(self.state())

    def _record(self, publication: Publication, name: str) -> Record:
        record = publication.record(skill_name(name))
        if record is None:
            raise SkillNotFound(name, self.files.place("").rstrip("/"))
        return record

    def _owned(
        self,
        publication: Publication,
        arrival: Arrival,
        publisher: str,
        pins: Iterable[PublisherPin],
        *,
        new_publisher: bool,
    ) -> tuple[Record, list[str]]:
        record = publication.record(arrival.name)
        added = changes.added(record, arrival.name, arrival.release)
        default = publication.state.file.publisher
        before = record or replace(added, releases=())
        owned, said = changes.owned(before, publisher, tuple(pins), default, new_publisher=new_publisher)
        if record is None:
            said += _lookalikes(publication, arrival)
        return replace(added, publisher=owned.publisher, publishers=owned.publishers), said


def _refuse_half_pins(pins: Sequence[PublisherPin]) -> None:
    for pin in pins:
        if field := lacking(pin):
            raise UsageError(f"a publisher of kind {pin.kind} has no {field}", hint="say all of whose it may be")


def _take(publication: Publication, arrival: Arrival, record: Record, check: Check) -> list[str]:
    """Put an arrival's files and its record into the change, and return what is to be known.

    Raises `Refused` when it lacks an attestation, `AttestationRefused` for one that nobody would take.
    """
    state, name, release = publication.state, arrival.name, changes.found(record, arrival.release.version)
    warnings: list[str] = []
    if arrival.attestation is not None:
        attested = Attested(arrival.release.wheel, arrival.release.sha256, arrival.attestation)
        data, warning = provenance_of(attested, record.publishers, check)
        warnings += [warning] if warning else []
        file = _file_ref(publication, f"{arrival.release.wheel}.provenance", data)
        publication.file(state.form.provenance + file.path, data)
        release = replace(release, provenance=file)
    if state.must_attest(name):
        _refuse_unattested(record, release)
    publication.file(state.form.wheels + release.wheel, arrival.data)
    publication.set(name, changes.with_release(record, release))
    return warnings


def _refuse_unattested(record: Record, release: Release) -> None:
    title = f"{record.name} {release.version}"
    if release.provenance is None:
        raise Refused(
            f"{title} has no attestation, and the index asks for one",
            hint="make it with `skill sign`, then run the command again",
        )
    if not record.publishers:
        raise Refused(
            f"the index asks for an attestation of {title}, and nobody is pinned whose it may be",
            hint="say whose with --pin-identity and --pin-issuer, or --pin-github and --workflow",
        )


def _file_ref(publication: Publication, path: str, data: bytes) -> FileRef:
    """The provenance under its plain name, or beside it where that name is taken by other bytes that a record pins."""
    digest = hashlib.sha256(data).hexdigest()
    there = publication.state.files.read(publication.state.form.provenance + path)
    if there is not None and there != data:
        path = f"{digest[:16]}.{path}"
    return FileRef(path=path, length=len(data), sha256=digest)


def _lookalikes(publication: Publication, arrival: Arrival) -> list[str]:
    """Sentences about skills whose names look like a new one's, among those that are listed where it is."""
    from skillkernel_registry.indexes.lookalikes import lookalikes

    known = [line.name for line in publication.known_lines(arrival.name, arrival.release.summary)]
    return [
        f"{arrival.name} looks like {other}, which is here too: {why}" for other, why in lookalikes(arrival.name, known)
    ]
