"""`skill sign`: a PEP 740 attestation beside each wheel, made with Sigstore.

A short-lived key signs; the certificate authority binds it to the identity, and the log keeps the signature. Nothing is
written that this machine would not accept itself.
"""

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from skillkernel.errors import SkillKernelError, UsageError
from skillkernel.manifest.text import NotJson, read_json
from skillkernel_registry.errors import SigningFailed
from skillkernel_registry.provenance.identity import WAYS, ask_identity, ready_identity
from skillkernel_registry.provenance.signer import Signer
from skillkernel_registry.provenance.trust_root import load_trust
from skillkernel_registry.wheel import SkillWheel, inspect_wheel

if TYPE_CHECKING:
    from sigstore.models import ClientTrustConfig
    from sigstore.oidc import IdentityToken
    from sigstore.sign import Signer as LibrarySigner

SUFFIX = ".publish.attestation"
OnSigned = Callable[[Path, Signer], None]


def attestation_place(wheel: Path) -> Path:
    """Where a wheel's attestation is kept: beside it."""
    return wheel.with_name(wheel.name + SUFFIX)


def sign_wheels(
    wheels: Sequence[Path],
    *,
    identity_token: str | None = None,
    trust_config: Path | None = None,
    browser: bool = False,
    force: bool = False,
    on_signed: OnSigned = lambda place, signer: None,
) -> list[Path]:
    """Sign skills' wheels and write an attestation beside each; every wheel is looked through before the first is signed.

    Raises `UnsafeWheel` or `ManifestError` for a wheel that nobody could install, `UsageError` for an attestation there
    that is about another file, unless `force`, and `SigningFailed`.
    """
    inspected = [inspect_wheel(wheel) for wheel in wheels]
    for wheel in inspected:
        _check_replaceable(wheel, force=force)
    identity = ready_identity(identity_token)
    if identity is None and not browser:
        raise SigningFailed("nothing here says who signs", hint=WAYS)
    with _asking("the keys of the Sigstore instance could not be brought up to date"):
        trust = load_trust(trust_config, online=True)
    signer = _signer(trust, trust_config, identity or ask_identity(trust))
    places: list[Path] = []
    for wheel in inspected:
        data, signed_by = _attest(signer, wheel, trust)
        place = attestation_place(wheel.path)
        _write(place, data)
        on_signed(place, signed_by)
        places.append(place)
    return places


def _signer(trust: "ClientTrustConfig", file: Path | None, identity: "IdentityToken") -> "LibrarySigner":
    """A fresh key with a certificate for the identity."""
    from sigstore.errors import Error
    from sigstore.sign import Signer as LibrarySigner
    from sigstore.sign import SigningContext

    # An entry of Rekor 2 has no time of its own, and PEP 740 has no field for a time stamp.
    trust.force_tlog_version = 1
    try:
        context = SigningContext.from_trust_config(trust)
    except (Error, ValueError) as error:
        raise UsageError(
            f"nothing can be signed with {file or 'the public Sigstore instance'}: {error}",
            hint="an attestation needs a certificate authority (Fulcio) and a log of Rekor's version 1",
        ) from error
    with _asking("the certificate authority gave no certificate"):
        return LibrarySigner(identity, context)


def _attest(signer: "LibrarySigner", wheel: SkillWheel, trust: "ClientTrustConfig") -> tuple[bytes, Signer]:
    from pypi_attestations import Attestation, Distribution
    from sigstore.verify import Verifier

    from skillkernel_registry.provenance.verification import check_attestation

    with _asking("the log did not keep the signature"):
        attestation = Attestation.sign(signer, Distribution(name=wheel.path.name, digest=wheel.sha256))
    data = attestation.model_dump_json().encode()
    verifier = Verifier(trusted_root=trust.trusted_root)
    return data, check_attestation(read_json(data), wheel.path.name, wheel.sha256, None, verifier).signer


@contextmanager
def _asking(problem: str) -> Generator[None]:
    try:
        yield
    except SkillKernelError:
        raise
    except Exception as error:  # the client's errors are private, and a service may answer anything
        raise SigningFailed(
            f"{problem}: {_reason(error)}", hint="sign again when it answers; what was signed before it is written"
        ) from error


def _reason(error: BaseException) -> str:
    said = [str(one) for one in (error, error.__cause__) if one is not None and str(one)] or [type(error).__name__]
    answer = getattr(error.__cause__, "response", None)
    if answer is not None:
        said.append(answer.text[:200])
    return " ".join(": ".join(dict.fromkeys(said)).split())


def _check_replaceable(wheel: SkillWheel, *, force: bool) -> None:
    place = attestation_place(wheel.path)
    if force or not place.exists() or _subject(place) == (wheel.path.name, wheel.sha256):
        return
    raise UsageError(f"{place} is there, and about another file", hint="--force replaces it")


def _subject(place: Path) -> tuple[str, str] | None:
    """What an attestation says that it is about; nobody has checked it."""
    from pypi_attestations import Attestation

    try:
        subject = Attestation.model_validate(read_json(place.read_bytes())).statement["subject"][0]
        return subject["name"], subject["digest"]["sha256"]
    except (NotJson, ValueError, LookupError, TypeError):
        return None


def _write(place: Path, data: bytes) -> None:
    fresh = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        fresh.write_bytes(data)
        fresh.replace(place)
    finally:
        fresh.unlink(missing_ok=True)
