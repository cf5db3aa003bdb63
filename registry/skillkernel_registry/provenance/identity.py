"""Who signs: a token that was given, the one that a CI service holds ready, or a person who signs in with a browser."""

import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from skillkernel_registry.errors import SigningFailed

if TYPE_CHECKING:
    from sigstore.models import ClientTrustConfig
    from sigstore.oidc import IdentityToken

WAYS = (
    "run it on a terminal to sign in with a browser, or with --browser; pass a token with --identity-token; "
    "or run it in a CI job that may ask for one (docs/provenance.md)"
)


def ready_identity(token: str | None) -> "IdentityToken | None":
    """The identity of a token, or of the CI job that this is, None when there is neither.

    Raises `SigningFailed` for one that cannot be used.
    """
    from sigstore.oidc import IdentityError, IdentityToken, detect_credential

    try:
        found = token or detect_credential()
        return IdentityToken(found) if found else None
    except IdentityError as error:
        raise _unusable(error) from error


def ask_identity(trust: "ClientTrustConfig") -> "IdentityToken":
    """The identity of a person who signs in with a browser, here or on another machine; raise `SigningFailed`."""
    from sigstore.errors import Error
    from sigstore.oidc import IdentityError, Issuer, IssuerError

    try:
        with redirect_stdout(sys.stderr):  # where the library asks for a code
            return Issuer(trust.signing_config.get_oidc_url()).identity_token()
    except IdentityError as error:
        raise _unusable(error) from error
    except (Error, IssuerError) as error:
        reason = str(error) or str(error.__cause__) or type(error).__name__
        raise SigningFailed(
            f"nobody could be asked who you are: {reason}", hint="try again, or pass --identity-token"
        ) from error
    except EOFError as error:
        raise SigningFailed("no browser opened here, and nobody typed the code of another", hint=WAYS) from error


def _unusable(error: Exception) -> SigningFailed:
    cause = error.__cause__
    if "permission" in f"{cause} {error}".lower():
        return SigningFailed(
            "the CI service gives this job no identity", hint="it needs the permission id-token: write"
        )
    reason = str(cause or "") or str(error)
    return SigningFailed(
        f"the identity cannot be used: {reason.strip().splitlines()[0].strip()}",
        hint="it has to be a fresh OpenID Connect token for the audience sigstore",
    )
