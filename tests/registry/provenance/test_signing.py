"""Signing wheels end to end: the unmodified client against services on loopback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pypi_attestations import Attestation

from fakes.sigstore_authority import Issuer
from fakes.sigstore_instance import ALICE, SigstoreInstance
from fakes.wheels import SkillWheelFake
from skillkernel.errors import UsageError
from skillkernel_registry.errors import AttestationRefused, SigningFailed, UnsafeWheel
from skillkernel_registry.index_format import PublisherPin
from skillkernel_registry.provenance.check import verify_file
from skillkernel_registry.provenance.provenance_object import provenance_object
from skillkernel_registry.provenance.signer import Signer
from skillkernel_registry.provenance.signing import attestation_place, sign_wheels


def test_what_is_signed_verifies(sigstore: SigstoreInstance, wheel: Path, alice: PublisherPin, trust: Path) -> None:
    (place,) = sign_wheels([wheel], identity_token=sigstore.token(), trust_config=trust)
    assert place == wheel.with_name(wheel.name + ".publish.attestation")
    assert verify_file(wheel, place, alice, trust).identity == ALICE
    assert {file.name for file in wheel.parent.iterdir()} == {wheel.name, place.name}


def test_several_wheels_are_signed_with_one_certificate(
    sigstore: SigstoreInstance, tmp_path: Path, alice: PublisherPin, trust: Path
) -> None:
    wheels = [SkillWheelFake(version=version).write(tmp_path / "dist") for version in ("1.0", "2.0", "3.0")]
    told: list[tuple[Path, Signer]] = []
    places = sign_wheels(
        wheels,
        identity_token=sigstore.token(),
        trust_config=trust,
        on_signed=lambda place, signer: told.append((place, signer)),
    )
    certificates = {json.loads(place.read_bytes())["verification_material"]["certificate"] for place in places}
    assert len(certificates) == 1
    assert [place for place, _ in told] == places
    assert {signer.holder for _, signer in told} == {f"{ALICE} (by {sigstore.url})"}
    assert [verify_file(wheel, place, alice, trust).pin for wheel, place in zip(wheels, places, strict=True)]
    assert len(sigstore.log.leaves) == 3


def test_the_stock_command_verifies_it(sigstore: SigstoreInstance, wheel: Path, trust: Path, tmp_path: Path) -> None:
    (place,) = sign_wheels([wheel], identity_token=sigstore.token(), trust_config=trust)
    bundle = tmp_path / "bundle.json"
    bundle.write_text(Attestation.model_validate_json(place.read_bytes()).to_bundle().to_json())

    def verify(identity: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "sigstore", "--trust-config", str(trust), "verify", "identity"]
        expected = ["--bundle", str(bundle), "--cert-identity", identity, "--cert-oidc-issuer", sigstore.url]
        return subprocess.run([*command, *expected, str(wheel)], capture_output=True, text=True, check=False)

    ran = verify(ALICE)
    assert (ran.returncode, ran.stderr) == (0, f"OK: {wheel}\n")
    assert verify("mallory@example.com").returncode == 1


def test_the_library_of_the_standard_reads_the_provenance_of_a_workflow(
    sigstore: SigstoreInstance, wheel: Path, trust: Path
) -> None:
    from pypi_attestations import GitHubPublisher, Provenance

    token = sigstore.issuer.github_token("someone/tiny", "release.yml")
    (place,) = sign_wheels([wheel], identity_token=token, trust_config=trust)
    pin = PublisherPin(kind="GitHub", repository="someone/tiny", workflow="release.yml")
    (group,) = Provenance.model_validate_json(provenance_object([place.read_bytes()], pin)).attestation_bundles
    assert group.publisher == GitHubPublisher(repository="someone/tiny", workflow="release.yml")
    assert group.attestations == [Attestation.model_validate_json(place.read_bytes())]


def test_a_ci_job_on_github_signs_with_its_own_identity(
    sigstore: SigstoreInstance, wheel: Path, trust: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", sigstore.job_secret)
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{sigstore.url}/job-token")
    (place,) = sign_wheels([wheel], trust_config=trust)
    pin = PublisherPin(kind="GitHub", repository="someone/tiny", workflow="release.yml", environment="publish")
    assert verify_file(wheel, place, pin, trust).words == (
        "GitHub someone/tiny, workflow release.yml, environment publish"
    )


def test_a_ci_job_that_may_not_have_an_identity_is_told_so(
    wheel: Path, trust: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    with pytest.raises(SigningFailed, match="gives this job no identity") as caught:
        sign_wheels([wheel], trust_config=trust)
    assert "id-token: write" in caught.value.hint


def test_a_ci_job_on_gitlab_signs_with_its_own_identity(
    sigstore: SigstoreInstance, wheel: Path, alice: PublisherPin, trust: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", sigstore.token())
    (place,) = sign_wheels([wheel], trust_config=trust)
    assert verify_file(wheel, place, alice, trust)


def test_without_an_identity_the_ways_to_one_are_named(wheel: Path, trust: Path) -> None:
    with pytest.raises(SigningFailed, match="nothing here says who signs") as caught:
        sign_wheels([wheel], trust_config=trust)
    for way in ("terminal", "--browser", "--identity-token", "CI job"):
        assert way in caught.value.hint


def test_a_wheel_that_nobody_could_install_is_not_signed(
    sigstore: SigstoreInstance, wheel: Path, trust: Path, tmp_path: Path
) -> None:
    unsafe = SkillWheelFake(name="evil", extra={"evil.pth": b"import os"}).write(tmp_path / "dist")
    with pytest.raises(UnsafeWheel):
        sign_wheels([wheel, unsafe], identity_token=sigstore.token(), trust_config=trust)
    assert sigstore.log.leaves == []
    assert not attestation_place(wheel).exists()


def test_signing_again_replaces_the_attestation_of_the_same_file(
    sigstore: SigstoreInstance, wheel: Path, trust: Path
) -> None:
    (place,) = sign_wheels([wheel], identity_token=sigstore.token(), trust_config=trust)
    before = place.read_bytes()
    sign_wheels([wheel], identity_token=sigstore.token(), trust_config=trust)
    assert place.read_bytes() != before


@pytest.mark.parametrize("there", [b"{}", b"not json", b'{"version": 1, "version": 1}', b"other file's"])
def test_an_attestation_of_something_else_is_replaced_only_by_force(
    sigstore: SigstoreInstance, wheel: Path, alice: PublisherPin, trust: Path, there: bytes
) -> None:
    place = attestation_place(wheel)
    other = SkillWheelFake(version="2.0").write(wheel.parent)
    place.write_bytes(sigstore.attest(other) if there == b"other file's" else there)
    with pytest.raises(UsageError, match="about another file") as caught:
        sign_wheels([wheel], identity_token=sigstore.token(), trust_config=trust)
    assert "--force" in caught.value.hint
    sign_wheels([wheel], identity_token=sigstore.token(), trust_config=trust, force=True)
    assert verify_file(wheel, place, alice, trust)


@pytest.mark.parametrize(
    ("service", "problem"),
    [("fulcio", "the certificate authority gave no certificate: "), ("rekor", "the log did not keep the signature: ")],
)
def test_a_service_that_does_not_answer_is_named(
    sigstore: SigstoreInstance, wheel: Path, trust: Path, service: str, problem: str
) -> None:
    sigstore.down.add(service)
    with pytest.raises(SigningFailed, match=problem):
        sign_wheels([wheel], identity_token=sigstore.token(), trust_config=trust)
    assert not attestation_place(wheel).exists()


def test_a_service_that_is_not_there_is_named(sigstore: SigstoreInstance, wheel: Path, tmp_path: Path) -> None:
    token, sigstore.url = sigstore.token(), "http://127.0.0.1:1"
    with pytest.raises(SigningFailed, match="the certificate authority gave no certificate"):
        sign_wheels([wheel], identity_token=token, trust_config=sigstore.write_trust_config(tmp_path))


@pytest.mark.parametrize(("token", "problem"), [("nonsense", "Not enough segments"), ("old", "expired")])
def test_a_token_that_cannot_be_used_is_refused(
    sigstore: SigstoreInstance, wheel: Path, trust: Path, token: str, problem: str
) -> None:
    given = sigstore.issuer.token(ALICE, expires_in=-60) if token == "old" else token  # noqa: S105 # its kind
    with pytest.raises(SigningFailed, match=f"the identity cannot be used: .*{problem}"):
        sign_wheels([wheel], identity_token=given, trust_config=trust)


def test_a_token_of_an_issuer_that_the_authority_does_not_know_is_refused_by_it(
    sigstore: SigstoreInstance, wheel: Path, trust: Path
) -> None:
    with pytest.raises(SigningFailed, match=r"gave no certificate: 401 .*the token is not good"):
        sign_wheels([wheel], identity_token=Issuer("https://other.example").token(ALICE), trust_config=trust)


def test_an_attestation_that_would_not_be_accepted_is_not_written(
    sigstore: SigstoreInstance, wheel: Path, trust: Path
) -> None:
    sigstore.log.ahead = 86_400
    with pytest.raises(AttestationRefused, match="the log has it at"):
        sign_wheels([wheel], identity_token=sigstore.token(), trust_config=trust)
    assert not attestation_place(wheel).exists()


def test_an_instance_whose_log_gives_no_times_cannot_be_used(
    sigstore: SigstoreInstance, wheel: Path, tmp_path: Path
) -> None:
    sigstore.log_version = 2
    with pytest.raises(UsageError, match=r"nothing can be signed with .*trust-config\.json") as caught:
        sign_wheels([wheel], identity_token=sigstore.token(), trust_config=sigstore.write_trust_config(tmp_path))
    assert "Rekor's version 1" in caught.value.hint
