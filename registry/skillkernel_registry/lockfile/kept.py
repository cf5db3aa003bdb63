"""Wheels that this machine has already, and where each of them is known to have come from.

Threat: a lock file says of some wheel that it is a publisher's, so that it gets that publisher's data and grants. Only
an index says whose a wheel is; what it said is remembered here, so that the same wheel can be used without it later.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from skillkernel.catalogue.read import decode_catalogue
from skillkernel.catalogue.types import Layout
from skillkernel.errors import IntegrityError
from skillkernel_registry.resolution.candidate import Candidate
from skillkernel_registry.wheel_cache import is_kept, wheel_place


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """An index that a wheel came from, who publishes it there, and whose attestation was found good for it."""

    index: str
    publisher: str
    signer: str = ""


def find_wheel(layout: Layout, filename: str, sha256: str) -> Path | None:
    """The wheel of that name and hash among those that were fetched or built here before, None when it is not."""
    places = [wheel_place(layout, sha256, filename), *(layout.cache / "built").glob(f"*/{filename}")]
    return next((place for place in places if is_kept(place, sha256)), None)


def wheel_of(layout: Layout, sha256: str) -> Path | None:
    """The same, whatever its name."""
    places = [*(layout.cache / "wheels" / sha256).glob("*.whl"), *(layout.cache / "built").glob("*/*.whl")]
    return next((place for place in places if is_kept(place, sha256)), None)


def remember_origin(layout: Layout, candidate: Candidate) -> None:
    """Keep where a wheel came from, as its index said it on this machine."""
    sha256 = candidate.wheel.sha256
    origin = Origin(index=candidate.index, publisher=candidate.publisher, signer=candidate.signer)
    known = _remembered(layout, sha256)
    if origin in known:
        return
    place = _place(layout, sha256)
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode((*known, origin)))
    fresh.replace(place)


def origins(layout: Layout, sha256: str) -> set[Origin]:
    """Every index that gave this wheel to this machine, as remembered or as a generation names it."""
    return {*_remembered(layout, sha256), *_of_generations(layout, sha256)}


def _place(layout: Layout, sha256: str) -> Path:
    return layout.cache / "origins" / f"{sha256}.json"


def _remembered(layout: Layout, sha256: str) -> tuple[Origin, ...]:
    try:
        return msgspec.json.decode(_place(layout, sha256).read_bytes(), type=tuple[Origin, ...])
    except (OSError, msgspec.DecodeError):
        return ()


def _of_generations(layout: Layout, sha256: str) -> Iterator[Origin]:
    for file in layout.generations.glob("[0-9]*/catalogue.json"):
        try:
            catalogue = decode_catalogue(file.read_bytes(), source=str(file))
        except (OSError, IntegrityError):
            continue
        for skill in catalogue.skills:
            if skill.wheel == sha256:
                yield Origin(index=skill.index, publisher=skill.publisher, signer=skill.signer)
