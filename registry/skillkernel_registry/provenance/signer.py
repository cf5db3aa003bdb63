"""Who signed, as a certificate says it, and whether that is the publisher whom a record pins.

Only what a certificate authority vouched for counts: a pin that leaves out what tells its publisher from others matches
nobody, and one that asks for an environment is not met by a certificate that names none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from skillkernel_registry.index_format import PublisherPin

GITHUB = "https://token.actions.githubusercontent.com"
GITLAB = "https://gitlab.com"
GOOGLE = "https://accounts.google.com"
SOURCE, DIGEST, REF, BUILD, ENVIRONMENT = "12", "13", "14", "18", "23"
"""Fulcio's numbers of the claims that are looked at: 1.3.6.1.4.1.57264.1.N (its oid-info)."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who holds a certificate: an e-mail address or URI, and who vouched for it; `claims` are Fulcio's, by number.

    `pin` is the publisher that was expected and met, None when anybody would do; `logged` is when the log saw it.
    """

    identity: str
    issuer: str
    claims: Mapping[str, str] = field(default_factory=dict[str, str])
    pin: PublisherPin | None = None
    logged: datetime | None = None

    @property
    def words(self) -> str:
        """The publisher as it stays from one release to the next: a workflow without the tag that it ran on."""
        return publisher_words(self.pin) if self.pin is not None else self.holder

    @property
    def holder(self) -> str:
        """Whom the certificate names."""
        return f"{self.identity} (by {self.issuer})"


def publisher_words(pin: PublisherPin) -> str:
    """A publisher for a person, in one line."""
    match pin.kind:
        case "Identity":
            return f"{pin.identity} (by {pin.issuer})"
        case "Google":
            return f"{pin.email} (by {GOOGLE})"
        case "GitHub" | "GitLab":
            environment = f", environment {pin.environment}" if pin.environment else ""
            return f"{pin.kind} {pin.repository}, workflow {pin.workflow}{environment}"


def lacking(pin: PublisherPin) -> str:
    """The field without which a pin of its kind means nobody, empty when it is whole."""
    needed = {"Identity": ("identity", "issuer"), "Google": ("email",)}.get(pin.kind, ("repository", "workflow"))
    return next((name for name in needed if not getattr(pin, name)), "")


def matches(pin: PublisherPin, signer: Signer) -> bool:
    """Whether the holder of a certificate is the pinned publisher."""
    if lacking(pin):
        return False
    match pin.kind:
        case "Identity":
            return (signer.identity, signer.issuer) == (pin.identity, pin.issuer)
        case "Google":
            return (signer.identity, signer.issuer) == (pin.email, GOOGLE)
        case "GitHub":
            return _is_run_of(pin, signer, GITHUB, f"https://github.com/{pin.repository}", "/.github/workflows/")
        case "GitLab":
            return _is_run_of(pin, signer, GITLAB, f"https://gitlab.com/{pin.repository}", "//")


def _is_run_of(pin: PublisherPin, signer: Signer, issuer: str, source: str, folder: str) -> bool:
    """Whether a run of the workflow itself signed, at whatever commit, branch or tag the certificate says it ran."""
    if signer.issuer != issuer or signer.claims.get(SOURCE) != source:
        return False
    if pin.environment and signer.claims.get(ENVIRONMENT) != pin.environment:
        return False
    ran_at = {signer.claims[number] for number in (DIGEST, REF) if signer.claims.get(number)}
    return signer.claims.get(BUILD) in {f"{source}{folder}{pin.workflow}@{at}" for at in ran_at}
