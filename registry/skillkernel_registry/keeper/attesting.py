"""Whether those who install a wheel will take its attestation: found out before it is published."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from skillkernel_registry.errors import AttestationRefused
from skillkernel_registry.index_format import PublisherPin
from skillkernel_registry.provenance.signer import Signer, publisher_words

if TYPE_CHECKING:
    from sigstore.verify import Verifier


@dataclass(frozen=True, slots=True)
class Attested:
    """A file by its name and SHA-256, and the PEP 740 attestation that it came with."""

    file: str
    sha256: str
    data: bytes


Check = Callable[[Attested, Sequence[PublisherPin]], Signer]
"""Who signed, with the pin that was met: one of those given, else the holder of the certificate.

Raises `AttestationRefused`.
"""


def sigstore_check(trust_config: Path | None = None) -> Check:
    """The check of a Sigstore instance, the public one unless said; its library is loaded by the first attestation."""

    def check(attested: Attested, pins: Sequence[PublisherPin]) -> Signer:
        from skillkernel_registry.provenance.check import check_digest
        from skillkernel_registry.provenance.trust_root import load_verifier

        verifier, (file, digest, data) = load_verifier(trust_config), (attested.file, attested.sha256, attested.data)
        return check_digest(file, digest, data, pins or [_holder(attested, verifier)], verifier)

    return check


def _holder(attested: Attested, verifier: "Verifier") -> PublisherPin:
    """Whoever holds the certificate of the attestation, as if they were pinned."""
    from skillkernel_registry.provenance.provenance_object import read_evidence
    from skillkernel_registry.provenance.verification import check_attestation

    (group, *_) = read_evidence(attested.data, attested.file)
    signer = check_attestation(group.attestations[0], attested.file, attested.sha256, None, verifier).signer
    return PublisherPin(kind="Identity", identity=signer.identity, issuer=signer.issuer)


def provenance_of(attested: Attested, pins: Sequence[PublisherPin], check: Check) -> tuple[bytes, str]:
    """The provenance object under the pin that was met, and a warning, empty where there is none to give.

    Where nobody is pinned it names the holder of the certificate. Raises `AttestationRefused`.
    """
    from skillkernel_registry.provenance.provenance_object import provenance_object

    pin = check(attested, pins).pin
    if pin is None:
        raise AttestationRefused(attested.file, "it does not say who signed")
    data = provenance_object([attested.data], pin)
    if pins:
        return data, ""
    return data, (
        f"{attested.file} is attested by {publisher_words(pin)}, and its skill is pinned to nobody: that proves nothing"
        f" until you add it again with --pin-identity {pin.identity} --pin-issuer {pin.issuer}, or another --pin-…"
    )
