"""PEP 740's provenance object: the attestations of one file, in groups by who publishes them.

The publisher that it names is a claim of whoever wrote the object, and only used to find out what to compare with: who
signed is in the certificates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from skillkernel.manifest.text import NotJson, read_json
from skillkernel.schema.kinds import is_list, is_object
from skillkernel_registry.errors import AttestationRefused
from skillkernel_registry.index_format import PROVENANCE_LIMIT, PublisherPin

MOST_ATTESTATIONS = 16
"""Of one file: each costs a few milliseconds to check."""


@dataclass(frozen=True, slots=True)
class AttestationGroup:
    """Attestations as the JSON objects that they are, and the publisher that they are said to be of, None for no word."""

    publisher: dict[str, Any] | None
    attestations: tuple[dict[str, Any], ...]


def read_evidence(data: bytes, file: str) -> tuple[AttestationGroup, ...]:
    """The attestations in a provenance object, or in an attestation that stands alone.

    There is at least one, and at most `MOST_ATTESTATIONS`. Raises `AttestationRefused` naming `file`.
    """
    if len(data) > PROVENANCE_LIMIT:
        raise AttestationRefused(file, f"it is longer than {PROVENANCE_LIMIT:,} bytes")
    try:
        value = read_json(data)
    except NotJson as error:
        raise AttestationRefused(file, f"it cannot be read: {error.problems[0]}") from error
    if not is_object(value):
        raise AttestationRefused(file, "it is not a JSON object")
    groups = _groups(value, file) if "attestation_bundles" in value else (AttestationGroup(None, (value,)),)
    count = sum(len(group.attestations) for group in groups)
    if not 1 <= count <= MOST_ATTESTATIONS:
        raise AttestationRefused(file, f"it holds {count} attestations instead of 1 to {MOST_ATTESTATIONS}")
    return groups


def _groups(value: dict[str, Any], file: str) -> tuple[AttestationGroup, ...]:
    if value.get("version") != 1:
        raise AttestationRefused(file, "its version is not 1", hint="a newer skillkernel may know it")
    groups: list[AttestationGroup] = []
    for group in _list(value["attestation_bundles"], "attestation_bundles", file):
        publisher = group.get("publisher")
        if not is_object(publisher):
            raise AttestationRefused(file, "it does not say whose attestations it holds")
        attestations = _list(group.get("attestations"), "attestations", file)
        groups.append(AttestationGroup(publisher, tuple(attestations)))
    return tuple(groups)


def _list(value: Any, name: str, file: str) -> list[dict[str, Any]]:
    if not is_list(value) or not all(is_object(one) for one in value):
        raise AttestationRefused(file, f"{name} is not a list of objects")
    return value


def provenance_object(attestations: Sequence[bytes], pin: PublisherPin) -> bytes:
    """The provenance object of a file that `pin` attested; raise `AttestationRefused` for what is no attestation."""
    values: list[dict[str, Any]] = []
    for data in attestations:
        groups = read_evidence(data, "attestation")
        if groups[0].publisher is not None:
            raise AttestationRefused("attestation", "it is a provenance object already")
        values += groups[0].attestations
    group = {"publisher": publisher_object(pin), "attestations": values}
    return msgspec.json.encode({"version": 1, "attestation_bundles": [group]})


def publisher_object(pin: PublisherPin) -> dict[str, str | None]:
    """A pin as the publisher of a provenance object."""
    match pin.kind:
        case "Identity":
            return {"kind": "Identity", "identity": pin.identity, "issuer": pin.issuer}
        case "Google":
            return {"kind": "Google", "email": pin.email}
        case "GitHub" | "GitLab":
            workflow = "workflow" if pin.kind == "GitHub" else "workflow_filepath"
            shown = {"kind": pin.kind, "repository": pin.repository, workflow: pin.workflow}
            return {**shown, "environment": pin.environment or None}


def is_of(pin: PublisherPin, publisher: dict[str, Any] | None) -> bool:
    """Whether a group can be of the pinned publisher; a pin without an environment takes any."""
    if publisher is None:
        return True
    expected = publisher_object(pin)
    if not pin.environment:
        expected.pop("environment", None)
    return all(publisher.get(name) == value for name, value in expected.items())
