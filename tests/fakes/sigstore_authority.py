"""The authorities of a private Sigstore instance: who vouches for identities, who certifies keys, who logs certificates.

The issuer signs tokens (OpenID Connect), the certificate authority answers them with certificates that live for minutes
(Fulcio), and each certificate carries the promise of a certificate log (RFC 6962).
"""

import base64
import hashlib
import json
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

GITHUB = "https://token.actions.githubusercontent.com"
_FULCIO = "1.3.6.1.4.1.57264.1."
_SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public_der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_id(key: ec.EllipticCurvePrivateKey) -> bytes:
    """What a log is named by: the digest of its key."""
    return hashlib.sha256(public_der(key)).digest()


def sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    return key.sign(data, ec.ECDSA(SHA256()))


class TokenRefused(Exception):
    """A token that the issuer did not sign, or whose time is over."""


@dataclass
class Issuer:
    """Vouches for whoever a test says; `url` is what its tokens are from, where a test names no other issuer."""

    url: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)

    def token(
        self, identity: str, *, issuer: str = "", expires_in: int = 600, claims: Mapping[str, str] | None = None
    ) -> str:
        now = int(time.time())
        body = {"iss": issuer or self.url, "sub": identity, "aud": "sigstore", "iat": now, "exp": now + expires_in}
        return jwt.encode(body | dict(claims or {}), self.key, algorithm="ES256")

    def github_token(self, repository: str, workflow: str, *, environment: str = "") -> str:
        """What a run of a workflow on the tag v1 is given."""
        claims = {
            "repository": repository,
            "workflow_ref": f"{repository}/.github/workflows/{workflow}@refs/tags/v1",
            "sha": "5" * 40,
            "ref": "refs/tags/v1",
        }
        claims |= {"environment": environment} if environment else {}
        return self.token(f"repo:{repository}:ref:refs/tags/v1", issuer=GITHUB, claims=claims)

    def claims(self, token: str) -> dict[str, Any]:
        """What a token says; raise `TokenRefused`."""
        try:
            found: dict[str, Any] = jwt.decode(token, self.key.public_key(), algorithms=["ES256"], audience="sigstore")
        except jwt.InvalidTokenError as error:
            raise TokenRefused(str(error)) from error
        return found


@dataclass
class CertificateLog:
    """Promises that a certificate is in a public log."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)

    def promise(self, tbs: bytes, authority: ec.EllipticCurvePrivateKey) -> bytes:
        """The signed certificate timestamps of a certificate that has none yet, as TLS writes a list of one."""
        now = int(time.time()) * 1000
        entry = key_id(authority) + len(tbs).to_bytes(3, "big") + tbs
        signature = sign(self.key, struct.pack("!BBQH", 0, 0, now, 1) + entry + b"\0\0")
        promise = b"\0" + key_id(self.key) + struct.pack("!QH", now, 0) + b"\x04\x03" + _sized(signature)
        return _sized(_sized(promise))


def _sized(data: bytes) -> bytes:
    return struct.pack("!H", len(data)) + data


@dataclass
class CertificateAuthority:
    """Certifies a key for whoever a token names; `ahead` moves the time that certificates are issued at.

    `holders` are named by every certificate in place of whom the token names.
    """

    name: str = "sigstore.test"
    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)
    log: CertificateLog = field(default_factory=CertificateLog)
    ahead: timedelta = timedelta()
    holders: Sequence[x509.GeneralName] | None = None
    certificate: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        now = datetime.now(UTC)
        public = self.key.public_key()
        self.certificate = (
            x509.CertificateBuilder(self._name, self._name, public, x509.random_serial_number())
            .not_valid_before(now - timedelta(days=2))
            .not_valid_after(now + timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(ca=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
            .sign(self.key, SHA256())
        )

    @property
    def _name(self) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.name),
                x509.NameAttribute(NameOID.COMMON_NAME, self.name),
            ]
        )

    def certify(self, request: x509.CertificateSigningRequest, claims: Mapping[str, Any]) -> x509.Certificate:
        """A certificate for the key of `request` and whom the claims name, with the certificate log's promise in it."""
        public = request.public_key()
        assert request.is_signature_valid
        assert isinstance(public, ec.EllipticCurvePublicKey)
        now = datetime.now(UTC) + self.ahead
        builder = (
            x509.CertificateBuilder(self._name, x509.Name([]), public, x509.random_serial_number())
            .not_valid_before(now - timedelta(seconds=30))
            .not_valid_after(now + timedelta(minutes=10))
            .add_extension(_usage(ca=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        holders = [_who(claims)] if self.holders is None else self.holders
        if holders:
            builder = builder.add_extension(x509.SubjectAlternativeName(holders), critical=True)
        for number, value in _extensions(claims).items():
            extension = x509.UnrecognizedExtension(x509.ObjectIdentifier(_FULCIO + number), value)
            builder = builder.add_extension(extension, critical=False)
        promise = self.log.promise(builder.sign(self.key, SHA256()).tbs_certificate_bytes, self.key)
        value = asn1.encode_der(promise)
        return builder.add_extension(x509.UnrecognizedExtension(_SCT_LIST, value), critical=False).sign(
            self.key, SHA256()
        )


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _who(claims: Mapping[str, Any]) -> x509.GeneralName:
    if "workflow_ref" in claims:
        return x509.UniformResourceIdentifier(f"https://github.com/{claims['workflow_ref']}")
    return x509.RFC822Name(claims["sub"])


def _extensions(claims: Mapping[str, Any]) -> dict[str, bytes]:
    """Fulcio's numbered extensions; the first is written plainly, the others as UTF8String."""
    texts = {"8": claims["iss"]}
    if "workflow_ref" in claims:
        workflow = f"https://github.com/{claims['workflow_ref']}"
        texts |= {"9": workflow, "12": f"https://github.com/{claims['repository']}", "13": claims["sha"]}
        texts |= {"14": claims["ref"], "18": workflow}
    if "environment" in claims:
        texts |= {"23": claims["environment"]}
    return {"1": claims["iss"].encode()} | {number: asn1.encode_der(text) for number, text in texts.items()}


def read_request(body: bytes) -> x509.CertificateSigningRequest:
    """The request in what a client posts to Fulcio."""
    return x509.load_pem_x509_csr(base64.b64decode(json.loads(body)["certificateSigningRequest"]))
