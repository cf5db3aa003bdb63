"""What tuf found wrong, in words: which file, what it says, and what was to be expected.

tuf's errors name a kind. The file that was fetched last and what is kept on this machine tell the rest; nothing is
decided here, everything was refused already.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)

from skillkernel.errors import SkillKernelError
from skillkernel_registry.errors import IndexExpired, IndexRolledBack, IndexTampered, IndexUnreachable
from skillkernel_registry.trust.tuf_fetch import Fetched

_TELL = "nothing of it was used; try again later, and tell whoever runs the index"
_GONE = "a mirror may be half-way through an update: try again later, and tell whoever runs the index"


class _Version(msgspec.Struct):
    version: int = 0


class _Signed(msgspec.Struct):
    version: int = 0
    expires: str = ""
    meta: dict[str, _Version] = {}
    keys: dict[str, Any] = {}


class _Signature(msgspec.Struct):
    keyid: str = ""


class _File(msgspec.Struct):
    signed: _Signed = msgspec.field(default_factory=_Signed)
    signatures: list[_Signature] = []


def explain(error: RepositoryError | DownloadError, fetched: Fetched, place: str, metadata: Path) -> SkillKernelError:
    """The error for a person: `fetched` came last, from `place`, and `metadata` is the folder that tuf keeps."""
    if isinstance(error, DownloadError):
        return _not_there(error, fetched, place)
    if isinstance(error, ExpiredMetadataError):
        return _expired(fetched, place, metadata)
    if isinstance(error, BadVersionNumberError):
        return _wrong_version(error, fetched, place, metadata)
    if isinstance(error, UnsignedMetadataError):
        return _unsigned(error, fetched, place, metadata)
    if isinstance(error, LengthOrHashMismatchError):
        return IndexTampered(f"{place} is not the {fetched.role} that the index signed: {error}", hint=_GONE)
    return _other(error, fetched, place, metadata)


def _not_there(error: DownloadError, fetched: Fetched, place: str) -> SkillKernelError:
    if isinstance(error.__cause__, IndexUnreachable):
        return error.__cause__
    if fetched.role == "timestamp":
        return IndexTampered(
            f"the index was signed before, and is not any more: {place} is not there",
            hint="ask whoever runs it; if that is meant, `skill index forget` it, then say --unsigned",
        )
    return IndexTampered(f"{place} is not there, though the index signed that it is", hint=_GONE)


def _expired(fetched: Fetched, place: str, metadata: Path) -> IndexExpired:
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    suspects = [
        (f"the root that {place} is checked by", _kept(metadata, "root").expires),
        (f"{place}, the {fetched.role},", _read(fetched.data).signed.expires),
        (f"the timestamp that {place} is checked by", _kept(metadata, "timestamp").expires),
    ]
    what, expires = next(((what, expires) for what, expires in suspects if "" < expires <= now), suspects[1])
    return IndexExpired(
        f"{what} expired on {expires}",
        hint="look at this machine's clock; otherwise whoever runs the index has to run `skill index refresh`",
    )


def _wrong_version(error: Exception, fetched: Fetched, place: str, metadata: Path) -> SkillKernelError:
    now, before = _read(fetched.data).signed, _kept(metadata, fetched.role)
    if fetched.role == "timestamp" and now.version < before.version:
        return _rolled_back(place, now.version, before.version)
    if fetched.role in {"timestamp", "snapshot"}:
        for name, seen in before.meta.items():
            found = now.meta.get(name, seen)
            if found.version < seen.version:
                return _rolled_back(f"{name} in {place}", found.version, seen.version)
    return IndexTampered(f"{place} does not belong to the other files of the index: {error}", hint=_GONE)


def _rolled_back(what: str, found: int, seen: int) -> IndexRolledBack:
    return IndexRolledBack(
        f"{what} is older than what was seen before (version {found}, seen {seen})",
        hint="an old copy is served, by mistake or on purpose: try again later, and tell whoever runs the index",
    )


def _unsigned(error: Exception, fetched: Fetched, place: str, metadata: Path) -> IndexTampered:
    signers = {signature.keyid for signature in _read(fetched.data).signatures}
    revoked = sorted(signers & _former_keys(metadata) - set(_kept(metadata, "root").keys))
    why = f"; key {revoked[0][:16]} was revoked" if revoked else ""
    return IndexTampered(f"{place} is not signed by those who may: {error}{why}", hint=_TELL)


def _other(error: Exception, fetched: Fetched, place: str, metadata: Path) -> SkillKernelError:
    now, before = _read(fetched.data).signed.meta, _kept(metadata, fetched.role).meta
    gone = sorted(set(before) - set(now))
    if fetched.role == "snapshot" and now and gone:
        return IndexRolledBack(f"{place} lacks {gone[0]}, which was seen before", hint=_TELL)
    return IndexTampered(f"{place} cannot be used: {error}", hint=_TELL)


def _former_keys(metadata: Path) -> set[str]:
    roots = (_read(file.read_bytes()).signed for file in (metadata / "root_history").glob("*.root.json"))
    return {key for root in roots for key in root.keys}


def _kept(metadata: Path, role: str) -> _Signed:
    try:
        return _read((metadata / f"{role}.json").read_bytes()).signed
    except OSError:
        return _Signed()


def _read(data: bytes) -> _File:
    try:
        return msgspec.json.decode(data, type=_File)
    except (msgspec.DecodeError, RecursionError):
        return _File()
