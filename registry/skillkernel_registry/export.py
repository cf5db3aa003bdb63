"""`skill export`: what is installed, as a CycloneDX 1.6 bill of materials.

A skill is a component of type application with a `pkg:generic` purl, since no public package index answers for its
name; its Python packages are components inside it, with `pkg:pypi` purls, and the hashes that its lock allows. The same
generation gives the same bytes.
"""

# pyright: reportCallIssue=false
# py-serializable decorates the classes of cyclonedx so that pyright no longer sees their constructors; mypy does.

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

import skillkernel
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Catalogue, Installed, Layout
from skillkernel.catalogue.verify import digest
from skillkernel.errors import UsageError
from skillkernel_registry.dependency_lock import read_lock
from skillkernel_registry.lock import LOCK_NAME, Pin
from skillkernel_registry.request import parse_named

_PREFIX = "skillkernel"
"""Of the names of properties."""


def export_cyclonedx(layout: Layout) -> str:
    """The bill of materials of the generation in force, as JSON text.

    Its time is SOURCE_DATE_EPOCH where that is set, else that of the generation.
    """
    catalogue = read_catalogue(layout)
    skills: dict[str, Any] = {str(skill.name): _skill(layout, skill) for skill in catalogue.skills}
    root: Any = Component(
        name="skillkernel", version=skillkernel.__version__, type=ComponentType.PLATFORM, bom_ref="skillkernel"
    )
    bom: Any = Bom(
        components=skills.values(),
        metadata=BomMetaData(component=root, timestamp=_time(catalogue)),
        serial_number=uuid5(NAMESPACE_URL, digest(repr(_content(catalogue)).encode())),
    )
    bom.register_dependency(root, [skills[str(skill.name)] for skill in catalogue.skills if skill.requested])
    for skill in catalogue.skills:
        required = [parse_named(text).name for text in skill.manifest.requires_skills]
        component = skills[str(skill.name)]
        bom.register_dependency(
            component, [*(skills[name] for name in required if name in skills), *component.components]
        )
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _skill(layout: Layout, skill: Installed) -> Any:
    lock = read_lock(layout.environment(skill.store) / skill.module / LOCK_NAME)
    reference = f"skill:{skill.name}@{skill.version}"
    return Component(
        name=skill.name,
        version=skill.version,
        type=ComponentType.APPLICATION,
        bom_ref=reference,
        description=skill.manifest.summary,
        publisher=skill.publisher or None,
        purl=PackageURL("generic", None, f"skill-{skill.name}", skill.version, _qualifiers(skill)),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=skill.wheel)] if skill.wheel else [],
        properties=[Property(name=f"{_PREFIX}:{name}", value=value) for name, value in _facts(skill)],
        components=[_package(reference, pin) for pin in lock.here()],
    )


def _qualifiers(skill: Installed) -> dict[str, str]:
    return {"checksum": f"sha256:{skill.wheel}"} if skill.wheel else {}


def _facts(skill: Installed) -> Iterator[tuple[str, str]]:
    yield "index", skill.index
    if skill.signer:
        yield "signer", skill.signer
    yield "store", skill.store
    yield "manifest_hash", skill.manifest_hash
    yield "ask_at_use", "true" if skill.ask_at_use else "false"
    granted = skill.granted.rows()
    for row in skill.manifest.permissions.rows():
        yield "permission", row
    for row in granted:
        yield "granted", row


def _package(owner: str, pin: Pin) -> Any:
    """One Python package of a skill's own environment; two skills may have the same one, each its own copy.

    Which of several wheels this machine took is not written down, so several hashes are what is allowed, not what is.
    """
    allowed = sorted(option.removeprefix("--hash=sha256:") for option in pin.hashes)
    return Component(
        name=pin.name,
        version=pin.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{owner}/{pin.name}@{pin.version}",
        purl=PackageURL("pypi", None, pin.name, pin.version),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in allowed] if len(allowed) == 1 else [],
        properties=[Property(name=f"{_PREFIX}:allowed-sha256", value=one) for one in allowed],
    )


def _content(catalogue: Catalogue) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(skill.name, skill.version, skill.store, skill.granted.rows()) for skill in catalogue.skills]


def _time(catalogue: Catalogue) -> datetime:
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return datetime.fromisoformat(catalogue.created) if catalogue.created else datetime.fromtimestamp(0, UTC)
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"SOURCE_DATE_EPOCH {text!r} is not a time", hint="it is seconds since 1970, or leave it out"
        ) from error
