"""A private Sigstore instance on loopback: real services, so that the unmodified client signs and verifies."""

import base64
import hashlib
import http.server
import json
import secrets
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from fakes.sigstore_authority import CertificateAuthority, Issuer, TokenRefused, key_id, public_der, read_request
from fakes.sigstore_log import SignatureLog

if TYPE_CHECKING:
    from sigstore.sign import Signer

ALICE = "alice@example.com"


@dataclass
class SigstoreInstance:
    """`down` are the services that answer 503: `issuer`, `fulcio`, `rekor`. `visitor` is whom a browser signs in as.

    `job_secret` gets the identity of a job at `/job-token`, as GitHub has it.
    """

    url: str = ""
    issuer: Issuer = field(default_factory=Issuer)
    authority: CertificateAuthority = field(default_factory=CertificateAuthority)
    log: SignatureLog = field(default_factory=SignatureLog)
    down: set[str] = field(default_factory=set[str])
    visitor: str = ALICE
    log_version: int = 1
    job_secret: str = field(default_factory=lambda: secrets.token_hex(8))

    def token(self, identity: str = ALICE) -> str:
        return self.issuer.token(identity)

    def trust_config(self) -> dict[str, Any]:
        """The ClientTrustConfig of this instance."""
        since = {"start": (datetime.now(UTC) - timedelta(days=1)).isoformat().replace("+00:00", "Z")}
        root = {"rawBytes": _b64(self.authority.certificate.public_bytes(Encoding.DER))}
        return {
            "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            "trustedRoot": {
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "tlogs": [_log(self.log.key, self.url, since)],
                "ctlogs": [_log(self.authority.log.key, self.url, since)],
                "certificateAuthorities": [
                    {
                        "subject": {"organization": self.authority.name, "commonName": self.authority.name},
                        "uri": self.url,
                        "certChain": {"certificates": [root]},
                        "validFor": since,
                    }
                ],
                "timestampAuthorities": [],
            },
            "signingConfig": {
                "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
                "caUrls": [self._service(since)],
                "oidcUrls": [self._service(since)],
                "rekorTlogUrls": [self._service(since) | {"majorApiVersion": self.log_version}],
                "tsaUrls": [],
                "rekorTlogConfig": {"selector": "ANY"},
                "tsaConfig": {"selector": "ANY"},
            },
        }

    def _service(self, since: dict[str, str]) -> dict[str, Any]:
        return {"url": self.url, "majorApiVersion": 1, "operator": "sigstore.test", "validFor": since}

    def write_trust_config(self, folder: Path) -> Path:
        file = folder / "trust-config.json"
        file.write_text(json.dumps(self.trust_config()), encoding="utf-8")
        return file

    def signer(self, token: str | None = None) -> "Signer":
        """The client's own signer, with a certificate."""
        from sigstore.models import ClientTrustConfig
        from sigstore.oidc import IdentityToken
        from sigstore.sign import Signer, SigningContext

        context = SigningContext.from_trust_config(ClientTrustConfig.from_json(json.dumps(self.trust_config())))
        return Signer(IdentityToken(token or self.token()), context)

    def attest(self, file: Path, token: str | None = None) -> bytes:
        """A PEP 740 attestation of a file, made by the client's own library and looked at by nobody."""
        from pypi_attestations import Attestation, Distribution

        return Attestation.sign(self.signer(token), Distribution.from_file(file)).model_dump_json().encode()

    def state(self, statement: dict[str, Any]) -> bytes:
        """An attestation that holds any statement."""
        from pypi_attestations import Attestation
        from sigstore.dsse import Statement

        bundle = self.signer().sign_dsse(Statement(json.dumps(statement).encode()))
        return Attestation.from_bundle(bundle).model_dump_json().encode()

    def state_of(self, file: Path, predicate_type: str) -> bytes:
        """An attestation of a file that states something of this type."""
        subject = {"name": file.name, "digest": {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()}}
        kind = "https://in-toto.io/Statement/v1"
        return self.state({"_type": kind, "subject": [subject], "predicateType": predicate_type, "predicate": {}})


@contextmanager
def sigstore_instance(
    authority: CertificateAuthority | None = None, log: SignatureLog | None = None, issuer: Issuer | None = None
) -> Generator[SigstoreInstance]:
    """Serve an instance on loopback; parts of another instance may be given, to have two that differ in one part."""
    instance = SigstoreInstance(
        issuer=issuer or Issuer(), authority=authority or CertificateAuthority(), log=log or SignatureLog()
    )
    with _Server(("127.0.0.1", 0), _handler(instance)) as server:
        instance.url = f"http://127.0.0.1:{server.server_address[1]}"
        instance.issuer.url = instance.issuer.url or instance.url
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield instance
        finally:
            server.shutdown()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


def _handler(instance: SigstoreInstance) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            split = urlsplit(self.path)
            if split.path == "/.well-known/openid-configuration":
                endpoints = {
                    "authorization_endpoint": f"{instance.url}/authorize",
                    "token_endpoint": f"{instance.url}/token",
                }
                self._answer(200, endpoints, "issuer")
            elif split.path == "/job-token" and self.headers["Authorization"] == f"bearer {instance.job_secret}":
                token = instance.issuer.github_token("someone/tiny", "release.yml", environment="publish")
                self._answer(200, {"value": token})
            elif split.path == "/authorize":
                query = {key: values[0] for key, values in parse_qs(split.query).items()}
                back = urlencode({"code": "a-code", "state": query["state"]})
                self.send_response(302)
                self.send_header("Location", f"{query['redirect_uri']}?{back}")
                self.end_headers()
            else:
                self._answer(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/token":
                self._answer(200, {"access_token": instance.token(instance.visitor)}, "issuer")
            elif self.path == "/api/v2/signingCert":
                self._certify(body)
            elif self.path == "/api/v1/log/entries":
                self._answer(201, instance.log.add(json.loads(body)), "rekor")
            else:
                self._answer(404, {})

        def _certify(self, body: bytes) -> None:
            try:
                claims = instance.issuer.claims(self.headers["Authorization"].removeprefix("Bearer "))
            except TokenRefused as error:
                self._answer(401, {"message": f"the token is not good: {error}"})
                return
            chain = (instance.authority.certify(read_request(body), claims), instance.authority.certificate)
            texts = [one.public_bytes(Encoding.PEM).decode() for one in chain]
            self._answer(200, {"signedCertificateEmbeddedSct": {"chain": {"certificates": texts}}}, "fulcio")

        def _answer(self, status: int, value: Any, service: str = "") -> None:
            down = service in instance.down
            data = json.dumps({"message": f"{service} is down"} if down else value).encode()
            self.send_response(503 if down else status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    return Handler


def _log(key: ec.EllipticCurvePrivateKey, url: str, since: dict[str, str]) -> dict[str, Any]:
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": _b64(public_der(key)),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": since,
        },
        "logId": {"keyId": _b64(key_id(key))},
    }


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
