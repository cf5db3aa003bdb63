"""Read and write one generation's catalogue; no jsonschema here, since every command starts with this."""

import os

import msgspec

from skillkernel.catalogue.types import CATALOGUE_VERSION, Catalogue, Layout
from skillkernel.errors import IntegrityError

_HINT = "`skill doctor` says what is wrong, `skill rollback` goes back to the generation before"


def read_catalogue(layout: Layout) -> Catalogue:
    """The catalogue of the generation in force, empty when nothing was ever installed; raise `IntegrityError`."""
    try:
        data = layout.catalogue.read_bytes()
    except FileNotFoundError:
        if layout.current.is_symlink() or layout.current.exists():
            raise IntegrityError(f"{layout.catalogue} is missing", hint=_HINT) from None
        if _generations(layout) > 1:  # the first install may have been killed before it made `current`
            raise IntegrityError(
                f"{layout.current}, which names the generation in force, is gone", hint=_HINT
            ) from None
        return Catalogue()
    except OSError as error:
        raise IntegrityError(f"{layout.catalogue} cannot be read: {error.strerror}", hint=_HINT) from error
    return decode_catalogue(data, source=str(layout.catalogue))


def _generations(layout: Layout) -> int:
    try:
        return sum(name.isdecimal() for name in os.listdir(layout.generations))  # noqa: PTH208 # every start does it
    except OSError:
        return 0


def generation_in_force(current: str) -> str:
    """What tells one generation from another, at the cost of reading the link `current`; empty when there is none."""
    try:
        return os.readlink(current)  # noqa: PTH115 # every call does it: pathlib costs three times as much
    except OSError:
        return ""


def decode_catalogue(data: bytes, *, source: str) -> Catalogue:
    """The catalogue in these bytes; raise `IntegrityError` when they are damaged or of another version."""
    try:
        catalogue = msgspec.json.decode(data, type=Catalogue)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise IntegrityError(f"{source} is damaged: {error}", hint=_HINT) from None
    if b'"catalogue_version"' not in data:
        raise IntegrityError(f"{source} is damaged: it does not say its catalogue_version", hint=_HINT)
    if catalogue.catalogue_version != CATALOGUE_VERSION:
        raise IntegrityError(
            f"{source} has catalogue_version {catalogue.catalogue_version}, this kernel knows {CATALOGUE_VERSION}",
            hint="install the skillkernel that wrote it, or `skill rollback`",
        )
    return catalogue


def encode_catalogue(catalogue: Catalogue) -> bytes:
    """The bytes of catalogue.json, the same for equal catalogues."""
    return msgspec.json.encode(catalogue) + b"\n"
