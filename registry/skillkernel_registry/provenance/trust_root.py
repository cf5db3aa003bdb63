"""Which Sigstore instance is trusted: the public one, or a private one by its ClientTrustConfig file.

The public instance's keys come with the sigstore library, or are those that it fetched when something was signed here;
checking never asks the network for them.
"""

import logging
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from skillkernel.catalogue.types import Layout
from skillkernel.errors import UsageError
from skillkernel.home import read_config
from skillkernel.regular_file import read_regular_file
from skillkernel.schema.kinds import is_object

if TYPE_CHECKING:
    from sigstore.models import ClientTrustConfig
    from sigstore.verify import Verifier

_LIMIT = 4_000_000
"""Bytes of a ClientTrustConfig."""


def configured_trust(layout: Layout, given: Path | None) -> Path | None:
    """The trust configuration to use: the one given, else that of config.toml, None for the public instance."""
    if given is not None:
        return given
    table = read_config(layout.config).get("sigstore", {})
    if not is_object(table) or not set(table) <= {"trust_config"} or not isinstance(table.get("trust_config", ""), str):
        raise UsageError(
            "config.toml: [sigstore] holds something else than a trust_config",
            hint='write [sigstore], then trust_config = "FILE"',
        )
    named: str = table.get("trust_config", "")
    try:
        return layout.home / Path(named).expanduser() if named else None
    except RuntimeError as error:
        raise UsageError(
            f"config.toml: [sigstore] trust_config = {named!r}: {error}", hint="write its whole path"
        ) from error


def load_trust(file: Path | None, *, online: bool = False) -> "ClientTrustConfig":
    """The trust configuration of a Sigstore instance; `online` looks for newer keys of the public one.

    Raises `UsageError` for a file that is none.
    """
    _quiet()
    from sigstore.models import ClientTrustConfig

    if file is None:
        return ClientTrustConfig.production(offline=not online)
    try:
        return ClientTrustConfig.from_json(read_regular_file(file, _LIMIT).decode())
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", hint="name a ClientTrustConfig file") from error
    except ValueError as error:
        raise _not_one(file, error) from error


def load_verifier(file: Path | None) -> "Verifier":
    """What checks signatures of a Sigstore instance; raise `UsageError` for a file that is no trust configuration."""
    if file is None:
        return _public_verifier()
    from sigstore.errors import Error
    from sigstore.verify import Verifier

    trust = load_trust(file)
    try:
        root = trust.trusted_root
        verifier = Verifier(trusted_root=root)
    except (Error, ValueError) as error:
        raise _not_one(file, error) from error
    return verifier


@lru_cache(maxsize=1)
def _public_verifier() -> "Verifier":
    _quiet()
    from sigstore.verify import Verifier

    return Verifier.production(offline=True)


def _quiet() -> None:
    """The library's warnings (that it is off line, for one) are no news to whoever asked for that."""
    for name in ("sigstore", "pypi_attestations"):
        logging.getLogger(name).addHandler(logging.NullHandler())


def _not_one(file: Path, error: Exception) -> UsageError:
    return UsageError(
        f"{file} is not a Sigstore trust configuration: {str(error).splitlines()[0]}",
        hint="it has to be the ClientTrustConfig (JSON) of an instance; docs/provenance.md has more",
    )
