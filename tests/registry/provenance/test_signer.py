"""Pins against holders of certificates."""

import pytest

from skillkernel_registry.index_format import PublisherPin
from skillkernel_registry.provenance.provenance_object import is_of, publisher_object
from skillkernel_registry.provenance.signer import GITHUB, GITLAB, GOOGLE, Signer, lacking, matches, publisher_words

WORKFLOW = "https://github.com/o/r/.github/workflows/release.yml"
RUN = {"12": "https://github.com/o/r", "13": "5" * 40, "14": "refs/tags/v1", "18": f"{WORKFLOW}@refs/tags/v1"}
PIPELINE = {"12": "https://gitlab.com/g/p", "13": "5" * 40, "18": f"https://gitlab.com/g/p//ci.yml@{'5' * 40}"}
GITHUB_PIN = PublisherPin(kind="GitHub", repository="o/r", workflow="release.yml")
GITLAB_PIN = PublisherPin(kind="GitLab", repository="g/p", workflow="ci.yml")
GOOGLE_PIN = PublisherPin(kind="Google", email="a@b.c")
PERSON = PublisherPin(kind="Identity", identity="a@b.c", issuer="https://id.example")


@pytest.mark.parametrize(
    ("pin", "signer"),
    [
        (PERSON, Signer("a@b.c", "https://id.example")),
        (GOOGLE_PIN, Signer("a@b.c", GOOGLE)),
        (GITHUB_PIN, Signer(f"{WORKFLOW}@refs/tags/v1", GITHUB, RUN)),
        (GITHUB_PIN, Signer("reused", GITHUB, RUN | {"18": f"{WORKFLOW}@{'5' * 40}"})),
        (GITLAB_PIN, Signer("", GITLAB, PIPELINE)),
    ],
)
def test_the_publisher_itself(pin: PublisherPin, signer: Signer) -> None:
    assert matches(pin, signer)


@pytest.mark.parametrize(
    ("pin", "signer"),
    [
        (PERSON, Signer("a@b.c", "https://id.example/")),
        (PERSON, Signer("A@b.c", "https://id.example")),
        (GOOGLE_PIN, Signer("a@b.c", "https://id.example")),
        (GITHUB_PIN, Signer("", "https://id.example", RUN)),
        (GITHUB_PIN, Signer("", GITLAB, RUN)),
        (GITHUB_PIN, Signer("", GITHUB, {})),
        (GITHUB_PIN, Signer("", GITHUB, RUN | {"12": "https://github.com/o/fork"})),
        (GITHUB_PIN, Signer("", GITHUB, RUN | {"18": f"{WORKFLOW}@refs/tags/v2"})),
        (GITHUB_PIN, Signer("", GITHUB, RUN | {"18": f"{WORKFLOW}.evil@refs/tags/v1"})),
        (GITHUB_PIN, Signer("", GITHUB, {k: v for k, v in RUN.items() if k not in {"13", "14"}} | {"18": WORKFLOW})),
        (GITHUB_PIN, Signer("", GITHUB, RUN | {"14": "", "18": f"{WORKFLOW}@"})),
        (
            PublisherPin(kind="GitHub", repository="o/r", workflow="release.yml", environment="e"),
            Signer("", GITHUB, RUN),
        ),
        (GITLAB_PIN, Signer("", GITLAB, PIPELINE | {"18": "https://gitlab.com/g/p//other.yml@" + "5" * 40})),
    ],
)
def test_somebody_else(pin: PublisherPin, signer: Signer) -> None:
    assert not matches(pin, signer)


@pytest.mark.parametrize(
    ("pin", "field"),
    [
        (PublisherPin(kind="Identity", issuer="https://id.example"), "identity"),
        (PublisherPin(kind="Identity", identity="a@b.c"), "issuer"),
        (PublisherPin(kind="Google", identity="a@b.c"), "email"),
        (PublisherPin(kind="GitHub", workflow="x"), "repository"),
        (PublisherPin(kind="GitLab", repository="x"), "workflow"),
    ],
)
def test_a_pin_that_lacks_something_matches_not_even_what_lacks_it_too(pin: PublisherPin, field: str) -> None:
    assert lacking(pin) == field
    assert not matches(pin, Signer(pin.identity, pin.issuer))


@pytest.mark.parametrize("pin", [PERSON, GOOGLE_PIN, GITHUB_PIN, GITLAB_PIN])
def test_a_pin_is_the_publisher_that_is_made_of_it(pin: PublisherPin) -> None:
    assert lacking(pin) == ""
    assert is_of(pin, {**publisher_object(pin), "claims": None})
    others = [one for one in (PERSON, GOOGLE_PIN, GITHUB_PIN, GITLAB_PIN) if one != pin]
    assert not any(is_of(other, publisher_object(pin)) for other in others)


def test_a_pin_without_an_environment_takes_any_and_one_with_it_only_that() -> None:
    pin = PublisherPin(kind="GitHub", repository="o/r", workflow="release.yml", environment="publish")
    assert is_of(GITHUB_PIN, publisher_object(pin))
    assert is_of(pin, publisher_object(pin))
    assert not is_of(pin, publisher_object(GITHUB_PIN))


def test_a_signer_is_named_alike_for_every_release() -> None:
    first = Signer(f"{WORKFLOW}@refs/tags/v1", GITHUB, pin=GITHUB_PIN)
    second = Signer(f"{WORKFLOW}@refs/tags/v2", GITHUB, pin=GITHUB_PIN)
    assert first.words == second.words == publisher_words(GITHUB_PIN) == "GitHub o/r, workflow release.yml"
    assert Signer("a@b.c", "https://id.example").words == "a@b.c (by https://id.example)"
