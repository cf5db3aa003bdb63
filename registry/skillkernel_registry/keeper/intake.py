"""A wheel on its way into an index: looked through, and told as the release that its record will hold."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from skillkernel.errors import UsageError
from skillkernel.names import SkillName
from skillkernel_registry.index_format import PROVENANCE_LIMIT, WHEEL_LIMIT, Release, ToolLine
from skillkernel_registry.wheel import inspect_wheel

ATTESTATION = ".publish.attestation"
"""What the name of a wheel's attestation ends in, as PEP 740 has it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A wheel that may be published: its release without provenance, its bytes, and its attestation if it has one."""

    name: SkillName
    release: Release
    data: bytes
    attestation: bytes | None


def arrive(wheel: Path, attestation: bytes | None, uploaded: str) -> Arrival:
    """Look a wheel through; an attestation beside it is taken along when none is given.

    Raises `UnsafeWheel` and `ManifestError` for one that nobody could install, `UsageError` for one that is not there.
    """
    data = _read(wheel, WHEEL_LIMIT)
    inspected = inspect_wheel(wheel)
    if hashlib.sha256(data).hexdigest() != inspected.sha256:
        raise UsageError(f"{wheel} changed while it was read", hint="run the command again")
    manifest = inspected.manifest
    beside = wheel.with_name(wheel.name + ATTESTATION)
    if attestation is None and beside.is_file():
        attestation = _read(beside, PROVENANCE_LIMIT)
    release = Release(
        version=manifest.version,
        wheel=wheel.name,
        length=len(data),
        sha256=inspected.sha256,
        requires_kernel=manifest.requires_kernel,
        requires_python=inspected.requires_python,
        requires_skills=manifest.requires_skills,
        uploaded=uploaded,
        summary=manifest.summary,
        permissions=manifest.permissions,
        tools=tuple(ToolLine(name=t.name, description=t.description, effect=t.effect) for t in manifest.tools),
    )
    return Arrival(manifest.name, release, data, attestation)


def _read(file: Path, most: int) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(most + 1)
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}", hint="name a wheel, as `skill build` makes it"
        ) from error
    if len(data) > most:
        raise UsageError(f"{file} is longer than {most} bytes", hint="an index takes no larger one")
    return data
