"""Reading who a Fulcio certificate was given to."""

from cryptography import x509
from cryptography.hazmat import asn1

from skillkernel_registry.provenance.signer import Signer

_FULCIO = "1.3.6.1.4.1.57264.1."
_ISSUER, _ISSUER_BEFORE_2023 = "8", "1"
_USER_NAME = x509.ObjectIdentifier(_FULCIO + "7")


class CertificateUnclear(Exception):
    """A certificate that does not name exactly one holder and who vouched for it."""


def read_signer(certificate: x509.Certificate) -> Signer:
    """Who holds the certificate; raise `CertificateUnclear`."""
    claims = _claims(certificate)
    issuer = claims.get(_ISSUER) or claims.get(_ISSUER_BEFORE_2023)
    if not issuer:
        raise CertificateUnclear("its certificate does not say who vouched for its holder")
    return Signer(_identity(certificate), issuer, claims)


def _identity(certificate: x509.Certificate) -> str:
    try:
        names = list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except x509.ExtensionNotFound:
        names = []
    if len(names) != 1:
        raise CertificateUnclear(f"its certificate names {len(names)} holders instead of one")
    name = names[0]
    if isinstance(name, x509.RFC822Name | x509.UniformResourceIdentifier):
        return name.value
    if isinstance(name, x509.OtherName) and name.type_id == _USER_NAME:
        return asn1.decode_der(str, name.value)
    raise CertificateUnclear("its certificate names its holder by no address")


def _claims(certificate: x509.Certificate) -> dict[str, str]:
    claims: dict[str, str] = {}
    for extension in certificate.extensions:
        number = extension.oid.dotted_string.removeprefix(_FULCIO)
        if not number.isdecimal() or not isinstance(extension.value, x509.UnrecognizedExtension):
            continue
        data = extension.value.value
        # The first seven are plain text; the others are DER (Fulcio's oid-info).
        claims[number] = data.decode() if int(number) < 7 else asn1.decode_der(str, data)
    return claims
