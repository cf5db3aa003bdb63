"""`skill lock`: what is installed, or what would be, as the values of skill.lock."""

import difflib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from anyio import to_thread

from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Catalogue, Installed, Layout
from skillkernel.catalogue.verify import LOCAL
from skillkernel.errors import Missing, UsageError
from skillkernel.regular_file import read_regular_file
from skillkernel_registry.cache.in_use import using_cache
from skillkernel_registry.dependency_lock import read_lock
from skillkernel_registry.errors import LockDrift, LockInvalid
from skillkernel_registry.index import STRICT, IndexTerms
from skillkernel_registry.index_on_demand import index_on_demand
from skillkernel_registry.indexes.config import list_indexes
from skillkernel_registry.lock import LOCK_NAME
from skillkernel_registry.lockfile.format import LockedIndex, LockedSkill, LockFile
from skillkernel_registry.lockfile.kept import remember_origin, wheel_of
from skillkernel_registry.lockfile.parse import LOCK_BYTES, parse_lock_file
from skillkernel_registry.lockfile.render import render_lock_file
from skillkernel_registry.progress import OnProgress, silent
from skillkernel_registry.request import parse_request
from skillkernel_registry.resolution.candidate import Candidate
from skillkernel_registry.resolution.resolver import Resolver
from skillkernel_registry.trust.roots import known_root


async def lock_installed(layout: Layout, *, with_settings: bool = False) -> LockFile:
    """What is installed here; raise `Missing` when the wheel of a skill is no longer kept."""
    skills = read_catalogue(layout).skills
    locked = [await to_thread.run_sync(_installed, layout, skill, with_settings) for skill in skills]
    return _lock_file(layout, locked)


@using_cache
async def lock_requests(
    layout: Layout,
    requests: Sequence[str],
    *,
    index: str | None = None,
    terms: IndexTerms = STRICT,
    on_progress: OnProgress = silent,
) -> LockFile:
    """What installing these requests on a new machine would come to, with all that they ask for granted.

    Wheels are fetched, and nothing is installed. Raises what resolving raises.
    """
    nothing = Catalogue()
    async with index_on_demand(layout, index, terms, nothing, on_progress) as opening:
        resolver = Resolver(layout, nothing, opening, on_progress, terms)
        candidates = await resolver.resolve([parse_request(text) for text in requests])
    for candidate in candidates:
        await to_thread.run_sync(remember_origin, layout, candidate)
    return _lock_file(layout, [_candidate(one) for one in candidates])


def write_lock_file(lock: LockFile, file: Path, *, check: bool = False) -> bool:
    """Put the lock into `file` unless it is there; return whether it was written.

    With `check` nothing is written, and a file that differs raises `LockDrift`.
    """
    new = render_lock_file(lock)
    try:
        parse_lock_file(new, str(file))
    except LockInvalid as error:
        raise UsageError(f"what is here cannot be locked: {error.findings[0][0]}: {error.findings[0][1]}") from None
    old = file.read_bytes() if file.exists() else b""
    if old == new:
        return False
    if check:
        raise LockDrift(str(file), _diff(file.name, old, new))
    fresh = file.resolve().with_name(f".{file.name}.{os.getpid()}")
    try:
        fresh.write_bytes(new)
        fresh.replace(file.resolve())
    finally:
        fresh.unlink(missing_ok=True)
    return True


def read_lock_file(file: Path) -> LockFile:
    """The lock in a file; raise `UsageError` when there is none, and what `parse_lock_file` raises."""
    try:
        data = read_regular_file(file, LOCK_BYTES)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", hint="`skill lock` writes one") from None
    return parse_lock_file(data, str(file))


def _installed(layout: Layout, skill: Installed, with_settings: bool) -> LockedSkill:
    wheel = wheel_of(layout, skill.wheel) if skill.wheel else None
    if wheel is None:
        raise Missing(
            f"the wheel of {skill.name} {skill.version} is no longer kept here, so it cannot be locked",
            hint=f"`skill install {skill.name}=={skill.version}` fetches it again",
        )
    lock = read_lock(layout.environment(skill.store) / skill.module / LOCK_NAME)
    return LockedSkill(
        name=skill.name,
        version=skill.version,
        index=skill.index,
        publisher=skill.publisher,
        signer=skill.signer,
        wheel=wheel.name,
        length=wheel.stat().st_size,
        sha256=skill.wheel,
        dependencies=lock.sha256(),
        requires=skill.manifest.requires_skills,
        requested=skill.requested,
        ask_at_use=skill.ask_at_use,
        grants=skill.granted.rows(),
        settings=skill.settings if with_settings and skill.settings else None,
    )


def _candidate(candidate: Candidate) -> LockedSkill:
    wheel = candidate.wheel
    return LockedSkill(
        name=wheel.manifest.name,
        version=wheel.manifest.version,
        index=candidate.index,
        publisher=candidate.publisher,
        signer=candidate.signer,
        wheel=wheel.path.name,
        length=wheel.path.stat().st_size,
        sha256=wheel.sha256,
        dependencies=wheel.lock.sha256(),
        requires=wheel.manifest.requires_skills,
        requested=candidate.requested,
        grants=wheel.manifest.permissions.rows(),
    )


def _lock_file(layout: Layout, skills: Iterable[LockedSkill]) -> LockFile:
    """The file with a short name for each index, where the skills still have its address."""
    skills = sorted(skills, key=lambda skill: skill.name)
    addresses = sorted({skill.index for skill in skills} - {LOCAL})
    configured = {entry.identity: entry.name for entry in list_indexes(layout)}
    names = short_names(addresses, configured)
    indexes = [LockedIndex(name=names[one], address=one, root=_root(layout, one)) for one in addresses]
    return LockFile(
        indexes=tuple(sorted(indexes, key=lambda index: index.name)),
        skills=tuple(msgspec.structs.replace(one, index=names.get(one.index, LOCAL)) for one in skills),
    )


def short_names(addresses: Sequence[str], configured: Mapping[str, str]) -> dict[str, str]:
    """A name for each address: that of config.toml, else its host or its last folder, told apart by numbers."""
    names: dict[str, str] = {}
    for address in addresses:
        parts = urlsplit(address)
        said = configured.get(address) or parts.hostname or parts.path.rstrip("/").rpartition("/")[2]
        name = re.sub(r"[^a-z0-9._-]+", "-", said.lower()).strip("-._")[:50] or "index"
        taken = {*names.values(), LOCAL}
        names[address] = next(one for one in _numbered(name) if one not in taken)
    return names


def _numbered(name: str) -> Iterable[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


def _root(layout: Layout, address: str) -> str:
    root = known_root(layout, address)
    return "" if root is None else root.fingerprint


def _diff(name: str, old: bytes, new: bytes) -> str:
    lines: Any = difflib.unified_diff(
        old.decode("utf-8", "replace").splitlines(keepends=True),
        new.decode().splitlines(keepends=True),
        f"{name} as it is",
        f"{name} as it would be",
    )
    return "".join(lines)
