"""`skill sign`: an attestation beside a wheel, that says who published it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skillkernel_cli.options import TrustConfig

if TYPE_CHECKING:
    from skillkernel_registry.provenance.signer import Signer


def sign_command(
    wheels: Annotated[
        list[Path], typer.Argument(metavar="WHEEL...", help="Wheels of skills, as `skill build` makes them.")
    ],
    identity_token: Annotated[
        str | None,
        typer.Option(
            "--identity-token",
            metavar="TOKEN",
            envvar="SIGSTORE_IDENTITY_TOKEN",
            help="An OpenID Connect token for the audience sigstore.",
        ),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser", help="Sign in with a browser; without it, only where there is a terminal.")
    ] = False,
    trust_config: TrustConfig = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an attestation of another file.")] = False,
) -> None:
    """Sign wheels with Sigstore: FILE.whl.publish.attestation is written beside each.

    Who signs is in the token, in what the CI service says of the job, or asked with a browser.

    Example: skill sign dist/skill_weather-1.0-py3-none-any.whl
    """
    from skillkernel.home import open_home
    from skillkernel_cli.asking import can_ask
    from skillkernel_cli.output import data, note
    from skillkernel_registry.provenance.signing import sign_wheels
    from skillkernel_registry.provenance.trust_root import configured_trust

    trust = configured_trust(open_home(), trust_config)
    if trust is None:
        note("your identity (an e-mail address, or the workflow) will stand in Sigstore's public log for good")

    def signed(place: Path, signer: "Signer") -> None:
        note(f"signed as {signer.holder}")
        data(str(place))

    sign_wheels(
        wheels,
        identity_token=identity_token,
        trust_config=trust,
        browser=browser or can_ask(),
        force=force,
        on_signed=signed,
    )
