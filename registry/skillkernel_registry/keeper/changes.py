"""What a change makes of a skill's record: pure decisions."""

from collections.abc import Sequence

from msgspec.structs import replace
from packaging.version import Version

from skillkernel.errors import Refused, UsageError
from skillkernel_registry.index_format import RECORD_VERSION, PublisherPin, Record, Release, SearchLine
from skillkernel_registry.provenance.signer import publisher_words


def added(record: Record | None, name: str, release: Release) -> Record:
    """The record with one more release; with the same one, what was said of it before stays.

    Raises `UsageError` when its version is there with other bytes.
    """
    record = record or Record(record_version=RECORD_VERSION, name=name)
    old = find(record, release.version)
    if old is None:
        return _ordered(record, [*record.releases, release])
    if old.sha256 != release.sha256:
        raise UsageError(
            f"{name} {release.version} is published already, with other bytes (sha256 {old.sha256[:12]}…)",
            hint="a version never changes: publish another one, or yank the old one",
        )
    kept = replace(
        release,
        uploaded=old.uploaded,
        yanked=old.yanked,
        wheel=old.wheel,
        provenance=release.provenance or old.provenance,
    )
    return with_release(record, kept)


def owned(
    record: Record, publisher: str, pins: Sequence[PublisherPin], default: str, *, new_publisher: bool
) -> tuple[Record, list[str]]:
    """The record with who may publish it from now on, and in words what that changes.

    Raises `Refused` when it belongs to somebody else and `new_publisher` does not say that this is meant.
    """
    is_new = not record.releases
    before = record.publisher or default
    other_name = bool(publisher) and not is_new and publisher != before
    other_pins = bool(pins) and bool(record.publishers) and set(pins) != set(record.publishers)
    if (other_name or other_pins) and not new_publisher:
        whose = f"is published by {before!r}" if other_name else f"is pinned to {_words(record.publishers)}"
        raise Refused(
            f"{record.name} {whose}, not by {publisher if other_name else _words(pins)!r}",
            hint="if the skill changed hands, say so with --new-publisher: those who have it will be asked",
        )
    keeps = tuple(pins) or (() if new_publisher else record.publishers)
    changed = replace(record, publisher=publisher or record.publisher, publishers=keeps)
    words: list[str] = []
    if other_name:
        words.append(f"{record.name} was published by {before!r}, from now on by {publisher!r}")
    if record.publishers != keeps and not is_new:
        words.append(f"{record.name} was pinned to {_words(record.publishers)}, from now on to {_words(keeps)}")
    return changed, words


def without(record: Record, version: str) -> Record | None:
    """The record without one release, or without any when `version` is empty; None when nothing is left of it."""
    if version:
        found(record, version)
    left = [release for release in record.releases if version and release.version != version]
    return replace(record, releases=tuple(left)) if left else None


def yanked(record: Record, version: str, yank: bool | str) -> Record:
    """The record with a release yanked (true, or the reason) or no more (false)."""
    return with_release(record, replace(found(record, version), yanked=yank))


def found(record: Record, version: str) -> Release:
    """The release of that version; raise `UsageError`."""
    release = find(record, version)
    if release is None:
        there = ", ".join(release.version for release in record.releases[-8:])
        raise UsageError(f"{record.name} has no release {version!r}", hint=f"there are: {there}")
    return release


def find(record: Record, version: str) -> Release | None:
    """The release of that version, or None."""
    return next((release for release in record.releases if release.version == version), None)


def search_line(record: Record | None, *, with_version: bool) -> SearchLine | None:
    """How the search list shows a skill: by the newest release that a plain install would take."""
    if record is None or not record.releases:
        return None
    offered = [release for release in record.releases if release.yanked is False] or list(record.releases)
    stable = [release for release in offered if not Version(release.version).is_prerelease]
    newest = (stable or offered)[-1]
    return SearchLine(name=record.name, version=newest.version if with_version else "", summary=newest.summary)


def with_release(record: Record, release: Release) -> Record:
    """The record with this in place of the release of its version."""
    return replace(
        record, releases=tuple(release if old.version == release.version else old for old in record.releases)
    )


def _ordered(record: Record, releases: Sequence[Release]) -> Record:
    return replace(record, releases=tuple(sorted(releases, key=lambda release: Version(release.version))))


def _words(pins: Sequence[PublisherPin]) -> str:
    return ", ".join(publisher_words(pin) for pin in pins) or "nobody"
