"""Checking one attestation: what it says, who signed it, and that the log has it.

The attestation is hostile until the last line. In this order: its form; the chain of its certificate at the time of the
log; the promise of the certificate log; the pinned publisher; the proof and promise of the signature log; the signature;
the log entry against all of that (sigstore's `verify_dsse`); then what the signed statement is about.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cryptography.x509 import Certificate
from pydantic import ValidationError
from pypi_attestations import Attestation, AttestationType, ConversionError
from sigstore.errors import CertValidationError, Error
from sigstore.models import Bundle
from sigstore.verify import Verifier

from skillkernel.manifest.text import NotJson, read_json
from skillkernel.schema.kinds import is_list, is_object
from skillkernel.text import visible
from skillkernel_registry.errors import AttestationRefused
from skillkernel_registry.index_format import PublisherPin
from skillkernel_registry.provenance.certificate import CertificateUnclear, read_signer
from skillkernel_registry.provenance.signer import Signer, matches, publisher_words

_PAYLOAD = "application/vnd.in-toto+json"
_STATEMENT = "https://in-toto.io/Statement/v1"
_WHY = (
    ("DSSE: invalid signature", "its statement was changed after it was signed"),
    ("Signature not found for log ID", "its log entry is of a log that the trust root does not name"),
    ("checkpoint: invalid signature", "its log entry is of a log that the trust root does not name, or was changed"),
    ("SET: invalid", "its log entry is of a log that the trust root does not name, or was changed"),
    ("inclusion proof", "its log entry was changed, or is not in the log"),
    ("log entry payload hash does not match", "its log entry is about another statement"),
    ("log entry signatures do not match", "its log entry is about another signature"),
    ("failed to verify SCT", "its certificate is in no certificate log that the trust root names"),
    ("inclusion promise or signed timestamp", "its log entry does not say when it was made"),
    ("not enough sources of verified time", "its log entry does not say when it was made"),
)
"""What the library's words mean here."""
_OTHER_INSTANCE = (
    "if it was signed with another Sigstore instance, name that with --trust-config; else do not use the file"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """An attestation that holds: who signed it, and the type of what was stated."""

    signer: Signer
    predicate_type: str

    @property
    def publishes(self) -> bool:
        """Whether it states that the file was published, and not only how it was built."""
        return self.predicate_type == AttestationType.PYPI_PUBLISH_V1.value


@dataclass
class _Pinned:
    """sigstore's policy on a certificate: one of these publishers holds it, anybody when there are none."""

    file: str
    pins: Sequence[PublisherPin] | None
    signer: Signer | None = None

    def verify(self, cert: Certificate) -> None:
        try:
            signer = read_signer(cert)
        except CertificateUnclear as error:
            raise AttestationRefused(self.file, str(error)) from error
        pin = next((pin for pin in self.pins or () if matches(pin, signer)), None)
        if pin is None and self.pins is not None:
            raise AttestationRefused(self.file, _somebody_else(signer, self.pins))
        self.signer = replace(signer, pin=pin)


def check_attestation(
    value: dict[str, Any], file: str, digest: str, pins: Sequence[PublisherPin] | None, verifier: Verifier
) -> Checked:
    """Check an attestation of the file of that name and SHA-256; `pins` None takes whoever signed.

    Raises `AttestationRefused`.
    """
    bundle = _bundle(_read(value, file), file)
    pinned = _Pinned(file, pins)
    try:
        kind, payload = verifier.verify_dsse(bundle, pinned)
    except AttestationRefused:
        raise
    except CertValidationError as error:
        raise _certificate_refused(error, bundle, file) from error
    except Exception as error:  # whatever a library trips over in hostile data is a refusal
        raise _refused(error, file) from error
    if pinned.signer is None or kind != _PAYLOAD:
        raise AttestationRefused(file, f"it holds {kind} instead of a statement")
    predicate_type = _check_statement(payload, file, digest)
    return Checked(replace(pinned.signer, logged=_logged(bundle)), predicate_type)


def _somebody_else(signer: Signer, pins: Sequence[PublisherPin]) -> str:
    for pin in pins:
        if pin.kind == "Identity" and pin.identity == signer.identity:
            return f"{signer.issuer} vouched for {signer.identity}, and it has to be {pin.issuer}"
    return f"its certificate is that of {signer.holder}, expected {' or '.join(publisher_words(pin) for pin in pins)}"


def _read(value: dict[str, Any], file: str) -> Attestation:
    material = value.get("verification_material")
    if is_object(material) and not material.get("certificate"):
        raise AttestationRefused(file, "it has no certificate: a bare key says nothing of who holds it")
    if is_object(material) and not material.get("transparency_entries"):
        raise AttestationRefused(file, "it has no log entry")
    try:
        attestation = Attestation.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise AttestationRefused(file, f"it is no attestation: {place}: {first['msg']}") from error
    entries = attestation.verification_material.transparency_entries
    if len(entries) != 1:
        raise AttestationRefused(file, f"it has {len(entries)} log entries instead of one")
    return attestation


def _bundle(attestation: Attestation, file: str) -> Bundle:
    try:
        return attestation.to_bundle()
    except Exception as error:  # the same: the library reads the certificate and the log entry here
        raise _refused(error, file) from error


def _certificate_refused(error: Exception, bundle: Bundle, file: str) -> AttestationRefused:
    certificate, logged = bundle.signing_certificate, _logged(bundle)
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not since <= logged <= until:
        span = f"from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC"
        return AttestationRefused(
            file, f"its certificate was valid {span}, and the log has it at {logged:%Y-%m-%d %H:%M}"
        )
    if "candidates exhausted" not in str(error):
        return AttestationRefused(file, "its certificate is not in the form of Sigstore's")
    return AttestationRefused(
        file, "its certificate is of no authority that the trust root names", hint=_OTHER_INSTANCE
    )


def _logged(bundle: Bundle) -> datetime:
    """The time in the log entry; nobody has checked it before the bundle is verified."""
    entry = json.loads(bundle.to_json())["verificationMaterial"]["tlogEntries"][0]
    return datetime.fromtimestamp(int(entry["integratedTime"]), UTC)


def _refused(error: Exception, file: str) -> AttestationRefused:
    text = str(error)
    for words, problem in _WHY:
        if words in text:
            return AttestationRefused(file, problem, hint=_OTHER_INSTANCE if "trust root" in problem else "")
    first = visible(text.partition("\n")[0], limit=200)
    if isinstance(error, ConversionError | Error):
        return AttestationRefused(file, first)
    return AttestationRefused(file, f"it cannot be checked ({type(error).__name__}: {first})")


def _check_statement(payload: bytes, file: str, digest: str) -> str:
    try:
        statement = read_json(payload)
    except NotJson as error:
        raise AttestationRefused(file, f"its statement cannot be read: {error.problems[0]}") from error
    subjects = statement.get("subject") if is_object(statement) else None
    if not is_object(statement) or statement.get("_type") != _STATEMENT or not is_list(subjects) or len(subjects) != 1:
        raise AttestationRefused(file, "its statement is not about exactly one file")
    subject = subjects[0]
    name, digests = (subject.get("name"), subject.get("digest")) if is_object(subject) else (None, None)
    if name != file:
        raise AttestationRefused(file, f"it is the attestation of another file, {visible(str(name), limit=200)}")
    if not is_object(digests) or digests.get("sha256") != digest:
        raise AttestationRefused(file, "it is the attestation of another file of that name: the sha256 differs")
    predicate_type = str(statement.get("predicateType"))
    if predicate_type not in {one.value for one in AttestationType}:
        raise AttestationRefused(
            file,
            f"it states something unknown: {visible(predicate_type, limit=200)}",
            hint="a newer skillkernel may know it",
        )
    return predicate_type
