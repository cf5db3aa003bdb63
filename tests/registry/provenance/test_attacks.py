"""What somebody may put beside a wheel to have it taken for its publisher's: each is refused, with what was wrong."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.sigstore_authority import CertificateAuthority, CertificateLog, public_der
from fakes.sigstore_instance import ALICE, SigstoreInstance, sigstore_instance
from fakes.wheels import SkillWheelFake
from skillkernel_registry.errors import AttestationRefused
from skillkernel_registry.index_format import PublisherPin
from skillkernel_registry.provenance.check import check_evidence
from skillkernel_registry.provenance.provenance_object import provenance_object

MALLORY = "mallory@example.com"


@pytest.fixture
def refused(wheel: Path, alice: PublisherPin, trust: Path) -> Callable[..., str]:
    """Checks something as alice's attestation of the wheel, and returns why it is refused."""

    def why(data: bytes, of: Path = wheel, pin: PublisherPin = alice) -> str:
        with pytest.raises(AttestationRefused) as caught:
            check_evidence(of, data, (pin,), trust)
        assert caught.value.message.startswith(f"{of.name}: the attestation is refused: ")
        assert caught.value.hint
        return caught.value.problem

    return why


def changed(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    value = json.loads(data)
    change(value)
    return json.dumps(value).encode()


def restated(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The attestation with another statement under the same signature."""

    def restate(value: dict[str, Any]) -> None:
        statement = changed(base64.b64decode(value["envelope"]["statement"]), change)
        value["envelope"]["statement"] = base64.b64encode(statement).decode()

    return changed(data, restate)


def log_entry(value: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = value["verification_material"]["transparency_entries"][0]
    return entry


def test_alices_own_attestation_is_taken(
    sigstore: SigstoreInstance, wheel: Path, alice: PublisherPin, trust: Path
) -> None:
    signer = check_evidence(wheel, sigstore.attest(wheel), (alice,), trust)
    assert (signer.identity, signer.issuer, signer.pin) == (ALICE, sigstore.url, alice)
    assert signer.words == f"{ALICE} (by {sigstore.url})"
    assert signer.logged is not None


def test_another_identity(sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]) -> None:
    attestation = sigstore.attest(wheel, sigstore.token(MALLORY))
    assert refused(attestation) == (
        f"its certificate is that of {MALLORY} (by {sigstore.url}), expected {ALICE} (by {sigstore.url})"
    )


def test_the_same_identity_of_another_issuer(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]
) -> None:
    attestation = sigstore.attest(wheel, sigstore.issuer.token(ALICE, issuer="https://id.example"))
    assert refused(attestation) == f"https://id.example vouched for {ALICE}, and it has to be {sigstore.url}"


def test_the_attestation_of_another_file(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str], tmp_path: Path
) -> None:
    other = SkillWheelFake(version="2.0").write(tmp_path / "dist")
    assert refused(sigstore.attest(other)) == f"it is the attestation of another file, {other.name}"


def test_other_bytes_under_the_name_that_was_signed(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]
) -> None:
    attestation = sigstore.attest(wheel)
    SkillWheelFake(requires_kernel=">=0").write(wheel.parent)
    assert refused(attestation) == "it is the attestation of another file of that name: the sha256 differs"


def test_a_statement_that_was_changed(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str], tmp_path: Path
) -> None:
    other = SkillWheelFake(version="2.0").write(tmp_path / "dist")
    moved = restated(sigstore.attest(wheel), lambda statement: statement["subject"][0].update(name=other.name))
    assert refused(moved, other) == "its statement was changed after it was signed"


def test_a_signature_that_was_changed(sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]) -> None:
    def unsign(value: dict[str, Any]) -> None:
        value["envelope"]["signature"] = json.loads(sigstore.attest(wheel))["envelope"]["signature"]

    assert refused(changed(sigstore.attest(wheel), unsign)) == "its statement was changed after it was signed"


def test_a_certificate_that_was_over_when_the_log_saw_it(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]
) -> None:
    sigstore.log.ahead = 86_400
    problem = refused(sigstore.attest(wheel))
    assert problem.startswith("its certificate was valid from ")
    assert " UTC, and the log has it at " in problem


def test_a_certificate_that_was_not_valid_yet(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]
) -> None:
    sigstore.authority.ahead = timedelta(hours=2)
    assert refused(sigstore.attest(wheel)).startswith("its certificate was valid from ")


def test_no_log_entry(sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]) -> None:
    def forget(value: dict[str, Any]) -> None:
        value["verification_material"]["transparency_entries"] = []

    assert refused(changed(sigstore.attest(wheel), forget)) == "it has no log entry"


def test_two_log_entries_of_which_one_would_be_looked_at(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]
) -> None:
    def twice(value: dict[str, Any]) -> None:
        value["verification_material"]["transparency_entries"] *= 2

    assert refused(changed(sigstore.attest(wheel), twice)) == "it has 2 log entries instead of one"


def test_the_log_entry_of_another_attestation(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str], tmp_path: Path
) -> None:
    other = json.loads(sigstore.attest(SkillWheelFake(version="2.0").write(tmp_path / "dist")))

    def swap(value: dict[str, Any]) -> None:
        value["verification_material"]["transparency_entries"] = other["verification_material"]["transparency_entries"]

    assert refused(changed(sigstore.attest(wheel), swap)) == "its log entry is about another statement"


def test_the_log_entry_of_the_same_statement_signed_by_somebody_else(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]
) -> None:
    other = json.loads(sigstore.attest(wheel, sigstore.token(MALLORY)))

    def swap(value: dict[str, Any]) -> None:
        value["verification_material"]["transparency_entries"] = other["verification_material"]["transparency_entries"]

    assert refused(changed(sigstore.attest(wheel), swap)) == "its log entry is about another signature"


def test_a_log_that_nobody_knows(sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]) -> None:
    with sigstore_instance(authority=sigstore.authority, issuer=sigstore.issuer) as other:
        attestation = other.attest(wheel)
    assert refused(attestation) == "its log entry is of a log that the trust root does not name, or was changed"


def test_a_log_that_nobody_knows_under_a_known_ones_number(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]
) -> None:
    known = log_entry(json.loads(sigstore.attest(wheel)))["logId"]
    with sigstore_instance(authority=sigstore.authority, issuer=sigstore.issuer) as other:
        attestation = changed(other.attest(wheel), lambda value: log_entry(value).update(logId=known))
    assert "of a log that the trust root does not name" in refused(attestation)


def test_a_proof_that_does_not_lead_to_the_root(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]
) -> None:
    sigstore.attest(wheel)

    def misprove(value: dict[str, Any]) -> None:
        log_entry(value)["inclusionProof"]["hashes"] = [base64.b64encode(b"\0" * 32).decode()]

    assert refused(changed(sigstore.attest(wheel), misprove)) == "its log entry was changed, or is not in the log"


def test_a_time_that_the_log_did_not_sign(sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]) -> None:
    def earlier(value: dict[str, Any]) -> None:
        log_entry(value)["integratedTime"] = str(int(log_entry(value)["integratedTime"]) - 1)

    assert "or was changed" in refused(changed(sigstore.attest(wheel), earlier))


def test_two_times_of_which_the_log_signed_one(
    sigstore: SigstoreInstance, wheel: Path, alice: PublisherPin, trust: Path
) -> None:
    """The reader of log entries takes both spellings of a field."""
    attestation = changed(sigstore.attest(wheel), lambda value: log_entry(value).update(integrated_time="1"))
    signed = int(log_entry(json.loads(attestation))["integratedTime"])
    try:
        logged = check_evidence(wheel, attestation, (alice,), trust).logged
    except AttestationRefused:
        return
    assert logged is not None
    assert logged.timestamp() == signed


def test_a_log_entry_without_the_logs_promise_of_its_time(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]
) -> None:
    attestation = changed(sigstore.attest(wheel), lambda value: log_entry(value).pop("inclusionPromise"))
    assert refused(attestation) == "its log entry does not say when it was made"


def test_an_authority_that_nobody_knows(sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]) -> None:
    """One of the same name, whose certificates are in the same logs."""
    authority = CertificateAuthority(log=sigstore.authority.log)
    with sigstore_instance(authority=authority, log=sigstore.log, issuer=sigstore.issuer) as other:
        attestation = other.attest(wheel)
    assert refused(attestation) == "its certificate is of no authority that the trust root names"


def test_a_certificate_that_is_in_no_certificate_log(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str], trust: Path
) -> None:
    assert trust.exists(), "written before the authority turns to another log"
    sigstore.authority.log = CertificateLog()
    attestation = sigstore.attest(wheel)
    assert refused(attestation) == "its certificate is in no certificate log that the trust root names"


def test_a_certificate_that_signed_itself(sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]) -> None:
    own = CertificateAuthority().certificate.public_bytes(Encoding.DER)

    def certify(value: dict[str, Any]) -> None:
        value["verification_material"]["certificate"] = base64.b64encode(own).decode()

    assert refused(changed(sigstore.attest(wheel), certify)) == "its certificate is not in the form of Sigstore's"


def test_a_bare_key_in_place_of_a_certificate(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]
) -> None:
    key = base64.b64encode(public_der(sigstore.log.key)).decode()

    def bare(value: dict[str, Any]) -> None:
        del value["verification_material"]["certificate"]
        value["verification_material"]["publicKey"] = {"hint": key}

    def hidden(value: dict[str, Any]) -> None:
        value["verification_material"]["certificate"] = key

    attestation = sigstore.attest(wheel)
    assert refused(changed(attestation, bare)) == "it has no certificate: a bare key says nothing of who holds it"
    assert refused(changed(attestation, hidden)) == "invalid X.509 certificate"


@pytest.mark.parametrize(
    ("holders", "problem"),
    [
        ([], "its certificate is not in the form of Sigstore's"),
        ([x509.RFC822Name(ALICE), x509.RFC822Name(MALLORY)], "its certificate names 2 holders instead of one"),
        ([x509.DNSName("example.com")], "its certificate names its holder by no address"),
    ],
)
def test_a_certificate_that_does_not_name_one_holder(
    sigstore: SigstoreInstance,
    wheel: Path,
    refused: Callable[..., str],
    holders: list[x509.GeneralName],
    problem: str,
) -> None:
    sigstore.authority.holders = holders
    assert refused(sigstore.attest(wheel)) == problem


def test_what_was_stated_of_two_files(sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]) -> None:
    from pypi_attestations import AttestationType

    attestation = sigstore.state(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [
                {"name": wheel.name, "digest": {"sha256": "0" * 64}},
                {"name": "other-1.0-py3-none-any.whl", "digest": {"sha256": "0" * 64}},
            ],
            "predicateType": AttestationType.PYPI_PUBLISH_V1.value,
            "predicate": None,
        }
    )
    assert refused(attestation) == "its statement is not about exactly one file"


def test_a_statement_of_an_unknown_kind(sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]) -> None:
    attestation = sigstore.state_of(wheel, "https://example.com/liked/v1")
    assert refused(attestation) == "it states something unknown: https://example.com/liked/v1"


def test_a_statement_of_how_it_was_built_alone_does_not_publish(
    sigstore: SigstoreInstance, wheel: Path, alice: PublisherPin, trust: Path, refused: Callable[..., str]
) -> None:
    built = sigstore.state_of(wheel, "https://slsa.dev/provenance/v1")
    assert refused(built) == "it says how the file was built, and not that it was published"
    both = provenance_object([built, sigstore.attest(wheel)], alice)
    assert check_evidence(wheel, both, (alice,), trust).identity == ALICE


def test_one_bad_attestation_among_good_ones_spoils_them_all(
    sigstore: SigstoreInstance, wheel: Path, alice: PublisherPin, refused: Callable[..., str]
) -> None:
    good, bad = sigstore.attest(wheel), sigstore.attest(wheel, sigstore.token(MALLORY))
    for order in ([good, bad], [bad, good]):
        assert MALLORY in refused(provenance_object(order, alice))


def test_a_provenance_object_of_another_kind_of_publisher(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]
) -> None:
    workflow = PublisherPin(kind="GitHub", repository="someone/tiny", workflow="release.yml")
    problem = refused(provenance_object([sigstore.attest(wheel)], workflow))
    assert problem == (f"it is said to be of GitHub, someone/tiny, release.yml, expected {ALICE} (by {sigstore.url})")


def test_a_provenance_object_that_claims_the_pinned_publisher_for_somebody_elses_signature(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]
) -> None:
    workflow = PublisherPin(kind="GitHub", repository="someone/tiny", workflow="release.yml")
    problem = refused(provenance_object([sigstore.attest(wheel)], workflow), pin=workflow)
    assert problem == (
        f"its certificate is that of {ALICE} (by {sigstore.url}), expected GitHub someone/tiny, workflow release.yml"
    )


@pytest.mark.parametrize(
    ("repository", "workflow", "environment", "taken"),
    [
        ("someone/tiny", "release.yml", "", True),
        ("someone/tiny", "release.yml", "publish", True),
        ("someone/tiny", "release.yml", "other", False),
        ("someone/tiny", "test.yml", "", False),
        ("someone/tiny-fork", "release.yml", "", False),
    ],
)
def test_a_workflow_is_taken_for_the_one_that_it_is(
    sigstore: SigstoreInstance,
    wheel: Path,
    trust: Path,
    refused: Callable[..., str],
    repository: str,
    workflow: str,
    environment: str,
    taken: bool,
) -> None:
    token = sigstore.issuer.github_token("someone/tiny", "release.yml", environment="publish")
    pin = PublisherPin(kind="GitHub", repository=repository, workflow=workflow, environment=environment)
    attestation = sigstore.attest(wheel, token)
    if taken:
        assert check_evidence(wheel, attestation, (pin,), trust).words.startswith("GitHub someone/tiny, workflow rel")
    else:
        assert "expected GitHub " in refused(attestation, pin=pin)


def test_a_workflow_without_the_environment_that_is_pinned(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]
) -> None:
    pin = PublisherPin(kind="GitHub", repository="someone/tiny", workflow="release.yml", environment="publish")
    attestation = sigstore.attest(wheel, sigstore.issuer.github_token("someone/tiny", "release.yml"))
    assert refused(attestation, pin=pin).endswith("workflow release.yml, environment publish")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "it cannot be read: the file is empty"),
        (b"\x00\xff garbage", "it cannot be read: line 1: the byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"[]", "it is not a JSON object"),
        (b"{}", "it is no attestation: version: Field required"),
        (b'{"version": 1, "version": 1}', "it cannot be read: the key 'version' appears twice in one object"),
        (b"[" * 100_000, "it cannot be read: brackets are nested deeper than 64"),
        (b" " * 2_000_001, "it is longer than 2,000,000 bytes"),
        (b'{"attestation_bundles": []}', "its version is not 1"),
        (b'{"version": 1, "attestation_bundles": []}', "it holds 0 attestations instead of 1 to 16"),
        (b'{"version": 1, "attestation_bundles": {}}', "attestation_bundles is not a list of objects"),
        (b'{"version": 1, "attestation_bundles": [{}]}', "it does not say whose attestations it holds"),
        (b'{"version": 1, "attestation_bundles": [{"publisher": {}}]}', "attestations is not a list of objects"),
    ],
)
def test_garbage(refused: Callable[..., str], data: bytes, problem: str) -> None:
    assert refused(data) == problem


def test_more_attestations_than_anybody_needs(
    sigstore: SigstoreInstance, wheel: Path, alice: PublisherPin, refused: Callable[..., str]
) -> None:
    many = provenance_object([sigstore.attest(wheel)] * 17, alice)
    assert refused(many) == "it holds 17 attestations instead of 1 to 16"


def test_a_pin_that_could_mean_anybody_matches_nobody(
    sigstore: SigstoreInstance, wheel: Path, refused: Callable[..., str]
) -> None:
    pin = PublisherPin(kind="Identity", identity=ALICE)
    problem = refused(sigstore.attest(wheel), pin=pin)
    assert problem == "the publisher who is expected (Identity) has no issuer"


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a JSON value that holds no object and no list."""
    if isinstance(value, dict):
        return [one for key, inner in value.items() for one in places(inner, (*path, key))]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] # JSON of any shape
    if isinstance(value, list):
        return [one for at, inner in enumerate(value) for one in places(inner, (*path, at))]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] # JSON of any shape
    return [path]


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.just([]), st.just({}),
    st.binary(max_size=80).map(lambda data: base64.b64encode(data).decode()), st.integers().map(str),
)  # fmt: skip


@pytest.fixture
def own(sigstore: SigstoreInstance, wheel: Path) -> bytes:
    """Alice's own attestation of the wheel."""
    return sigstore.attest(wheel)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.data())
def test_whatever_is_changed_it_is_refused_or_still_alices(
    own: bytes, wheel: Path, alice: PublisherPin, trust: Path, data: st.DataObject
) -> None:
    value = json.loads(own)
    *path, last = data.draw(st.sampled_from(places(value)))
    inner = value
    for step in path:
        inner = inner[step]
    inner[last] = data.draw(JUNK)
    try:
        signer = check_evidence(wheel, json.dumps(value).encode(), (alice,), trust)
    except AttestationRefused:
        return
    assert signer.identity == ALICE
