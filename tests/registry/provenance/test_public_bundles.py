"""Attestations of the public Sigstore instance, verified without a network by the keys that the library brings."""

from pathlib import Path

import pytest

from fakes.sigstore_instance import SigstoreInstance
from skillkernel_registry.errors import AttestationRefused
from skillkernel_registry.index_format import PublisherPin
from skillkernel_registry.provenance.check import check_digest, check_evidence, verify_file
from skillkernel_registry.provenance.provenance_object import provenance_object
from skillkernel_registry.provenance.signer import Signer
from skillkernel_registry.provenance.trust_root import load_verifier

DATA = Path(__file__).parent.parent.parent / "data" / "provenance"
GITHUB = PublisherPin(kind="GitHub", repository="trailofbits/pypi-attestations", workflow="release.yml")
GITLAB = PublisherPin(kind="GitLab", repository="facutuesca/gitlab-oidc-project", workflow=".gitlab-ci.yml")
GOOGLE = PublisherPin(kind="Google", email="919436158236-compute@developer.gserviceaccount.com")
BY_GITHUB = "pypi_attestations-0.0.19.tar.gz"
BY_GITLAB = "gitlab_oidc_project-0.0.3.tar.gz"
BY_GOOGLE = "gcb_attestation_test-0.0.0.tar.gz"
BY_CIRCLECI = "circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl"
DIGESTS = {
    BY_GITHUB: "9bb1add04b1b4e182be6b0b80931593f7a291eb49d69b4fd728a5d4cbcdc4bd3",
    BY_GITLAB: "c1ca9b0d85df1606451098233018534497bf584362e10e4a8c21dfaea92c02a8",
    BY_GOOGLE: "461317362419124b6012e855423a9078d6de8aed3e74fa78cc74d669b23dc6cf",
    "rfc8785-0.1.2-py3-none-any.whl": "c4e92e9ecc828bef2aa7dba1de8ac983511f7532a0df11c770d39099a25cf201",
}


def check(file: str, kind: str, *pins: PublisherPin) -> Signer:
    data = (DATA / f"{file}.{kind}").read_bytes()
    return check_digest(file, DIGESTS[file], data, pins, load_verifier(None))


@pytest.mark.parametrize(
    ("file", "kind", "pin", "words"),
    [
        (BY_GITHUB, "provenance", GITHUB, "GitHub trailofbits/pypi-attestations, workflow release.yml"),
        (BY_GITLAB, "publish.attestation", GITLAB, "GitLab facutuesca/gitlab-oidc-project, workflow .gitlab-ci.yml"),
        (BY_GOOGLE, "provenance", GOOGLE, f"{GOOGLE.email} (by https://accounts.google.com)"),
    ],
)
def test_a_public_attestation_holds_without_a_network(file: str, kind: str, pin: PublisherPin, words: str) -> None:
    signer = check(file, kind, pin)
    assert signer.words == words
    assert signer.logged is not None


def test_it_says_when_it_was_logged_and_by_which_run() -> None:
    signer = check(BY_GITHUB, "provenance", GITHUB)
    assert signer.identity.endswith("/.github/workflows/release.yml@refs/tags/v0.0.19")
    assert f"{signer.logged:%Y-%m-%d}" == "2024-12-04"


def test_what_the_file_was_built_from_may_stand_beside() -> None:
    published = (DATA / f"{BY_GITHUB}.slsa.attestation").read_bytes()
    with pytest.raises(AttestationRefused, match="how the file was built, and not that it was published"):
        check_digest(BY_GITHUB, DIGESTS[BY_GITHUB], published, [GITHUB], load_verifier(None))


@pytest.mark.parametrize("pin", [GITLAB, GOOGLE])
def test_another_publisher_is_refused(pin: PublisherPin) -> None:
    with pytest.raises(AttestationRefused, match=r"said to be of GitHub, trailofbits/pypi-attestations, release\.yml"):
        check(BY_GITHUB, "provenance", pin)


def test_one_of_several_publishers_is_enough() -> None:
    assert check(BY_GITHUB, "provenance", GITLAB, GITHUB).pin == GITHUB


@pytest.mark.parametrize(
    ("pin", "expected"),
    [
        (PublisherPin(kind="GitHub", repository=GITHUB.repository, workflow="other.yml"), "expected GitHub"),
        (PublisherPin(kind="GitHub", repository="trailofbits/other", workflow="release.yml"), "expected GitHub"),
        (PublisherPin(kind="GitHub", repository=GITHUB.repository, workflow="release.yml", environment="x"), "ment x"),
    ],
)
def test_another_workflow_repository_or_environment_is_refused(pin: PublisherPin, expected: str) -> None:
    alone = (DATA / f"{BY_GITLAB}.publish.attestation").read_bytes()
    with pytest.raises(AttestationRefused, match=expected):
        check(BY_GITHUB, "provenance", pin)
    with pytest.raises(AttestationRefused, match=expected):
        check_digest(BY_GITLAB, DIGESTS[BY_GITLAB], alone, [pin], load_verifier(None))


def test_other_bytes_are_refused() -> None:
    data = (DATA / f"{BY_GITHUB}.provenance").read_bytes()
    with pytest.raises(AttestationRefused, match="the sha256 differs"):
        check_digest(BY_GITHUB, "0" * 64, data, [GITHUB], load_verifier(None))


def test_an_attestation_of_the_staging_instance_is_refused() -> None:
    pin = PublisherPin(kind="Identity", identity="someone@example.com", issuer="https://github.com/login/oauth")
    with pytest.raises(AttestationRefused, match="of no authority that the trust root names") as caught:
        check("rfc8785-0.1.2-py3-none-any.whl", "publish.attestation", pin)
    assert "--trust-config" in caught.value.hint


def test_a_private_instance_does_not_take_what_the_public_one_signed(sigstore: SigstoreInstance, trust: Path) -> None:
    data = (DATA / f"{BY_GITHUB}.provenance").read_bytes()
    with pytest.raises(AttestationRefused, match="of no authority"):
        check_digest(BY_GITHUB, DIGESTS[BY_GITHUB], data, [GITHUB], load_verifier(trust))


def test_a_service_that_no_pin_can_name_is_told_from_those_that_can() -> None:
    with pytest.raises(AttestationRefused, match="it is said to be of CircleCI, "):
        verify_file(DATA / BY_CIRCLECI, DATA / f"{BY_CIRCLECI}.provenance", GITHUB)


def test_a_service_that_no_pin_has_a_kind_for_can_be_named_by_its_identity() -> None:
    import json

    value = json.loads((DATA / f"{BY_CIRCLECI}.provenance").read_bytes())
    alone = json.dumps(value["attestation_bundles"][0]["attestations"][0]).encode()
    project = "https://circleci.com/api/v2/projects/fdd9283f-e619-46af-8f9c-851f7d3e8b2b"
    pin = PublisherPin(
        kind="Identity",
        identity=f"{project}/pipeline-definitions/8e4f8ab2-8d7c-4827-9f15-de076d6d647f",
        issuer="https://oidc.circleci.com",
    )
    assert check_evidence(DATA / BY_CIRCLECI, provenance_object([alone], pin), [pin]).pin == pin
