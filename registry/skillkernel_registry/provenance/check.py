"""Provenance at install, and on demand: is this wheel signed by the publisher whom its record pins?

Importing this module is cheap; sigstore is imported when there is something to check.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import anyio.to_thread

from skillkernel.catalogue.types import Layout
from skillkernel.errors import UsageError
from skillkernel.names import skill_name
from skillkernel.regular_file import read_regular_file
from skillkernel.text import visible
from skillkernel_registry.errors import AttestationMissing, AttestationRefused
from skillkernel_registry.index import Index, IndexTerms
from skillkernel_registry.index_format import PROVENANCE_LIMIT, PublisherPin, Record, Release
from skillkernel_registry.provenance.provenance_object import is_of, read_evidence
from skillkernel_registry.provenance.signer import Signer, lacking, publisher_words
from skillkernel_registry.provenance.trust_root import configured_trust, load_verifier
from skillkernel_registry.wheel_cache import hash_file

if TYPE_CHECKING:
    from sigstore.verify import Verifier


async def check_provenance(
    layout: Layout, index: Index, record: Record, release: Release, wheel: Path, terms: IndexTerms
) -> str:
    """Whose attestation the wheel came with, in words; empty when there is none and none is needed.

    An attestation of a skill whose record pins nobody proves nothing: it is not looked at, and a warning of the index
    says so. Raises `AttestationMissing` where the index demands one, `AttestationRefused` for one that does not hold.
    """
    name = skill_name(record.name)
    demanded = index.must_attest(name)
    if not record.publishers:
        if demanded:
            raise AttestationMissing(
                f"the index demands attestations of {name}, and its record pins nobody who may sign",
                hint="tell whoever runs the index",
            )
        if release.provenance is not None:
            attested = f"{name} {release.version} comes with an attestation"
            warning = f"{attested}, and the index does not say whose it must be: it proves nothing"
            index.warnings = (*index.warnings, warning)
        return ""
    data = await index.provenance(name, release)
    if data is None and release.provenance is not None:
        raise AttestationMissing(
            f"{name} {release.version} is listed with an attestation, and the index does not hand it out",
            hint="tell whoever runs the index",
        )
    if data is None and demanded:
        raise AttestationMissing(
            f"the index demands an attestation of {name} {release.version}, and there is none",
            hint="its publisher has to sign it: docs/provenance.md says how",
        )
    if data is None:
        return ""
    trust = configured_trust(layout, terms.trust_config)
    signer = await anyio.to_thread.run_sync(check_evidence, wheel, data, record.publishers, trust)
    return signer.words


def verify_file(wheel: Path, evidence: Path, pin: PublisherPin, trust_config: Path | None = None) -> Signer:
    """Check a file on this machine against an attestation or a provenance object beside it.

    Raises `AttestationRefused`, and `UsageError` for a file that cannot be read or a bad trust configuration.
    """
    try:
        return check_evidence(wheel, read_regular_file(evidence, PROVENANCE_LIMIT), (pin,), trust_config)
    except OSError as error:
        raise UsageError(
            f"{error.filename} cannot be read: {error.strerror}", hint="name a wheel, and what was signed of it"
        ) from error


def check_evidence(wheel: Path, data: bytes, pins: Sequence[PublisherPin], trust_config: Path | None = None) -> Signer:
    """Check a wheel against an attestation or a provenance object: every attestation in it has to hold.

    All are of the pinned publishers, and one of them states that the file was published. Raises `AttestationRefused`.
    """
    return check_digest(wheel.name, hash_file(wheel), data, pins, load_verifier(trust_config))


def check_digest(file: str, digest: str, data: bytes, pins: Sequence[PublisherPin], verifier: "Verifier") -> Signer:
    """The same for a file of which the name and the SHA-256 are known."""
    from skillkernel_registry.provenance.verification import check_attestation

    for pin in pins:
        if field := lacking(pin):
            raise AttestationRefused(file, f"the publisher who is expected ({pin.kind}) has no {field}")
    published: list[Signer] = []
    for group in read_evidence(data, file):
        expected = [pin for pin in pins if is_of(pin, group.publisher)]
        if not expected:
            raise AttestationRefused(file, _of_another(group.publisher or {}, pins))
        for attestation in group.attestations:
            checked = check_attestation(attestation, file, digest, expected, verifier)
            if checked.publishes:
                published.append(checked.signer)
    if not published:
        raise AttestationRefused(file, "it says how the file was built, and not that it was published")
    return published[0]


def _of_another(publisher: dict[str, object], pins: Sequence[PublisherPin]) -> str:
    said = ", ".join(str(value) for name, value in publisher.items() if value and name != "claims")
    return (
        f"it is said to be of {visible(said, limit=200)}, expected {' or '.join(publisher_words(pin) for pin in pins)}"
    )
