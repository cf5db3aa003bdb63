"""Wheels by their hash, under SKILL_HOME/cache/wheels."""

import hashlib
import shutil
from pathlib import Path

from skillkernel.catalogue.types import Layout
from skillkernel.names import Sha256
from skillkernel_registry.scratch import scratch


def wheel_place(layout: Layout, sha256: str, filename: str) -> Path:
    """Where the wheel of that hash is kept, whether it is there or not."""
    return layout.cache / "wheels" / sha256 / filename


def is_kept(place: Path, sha256: str) -> bool:
    """Whether the wheel is there and still has its hash."""
    try:
        return hash_file(place) == sha256
    except OSError:
        return False


def keep_wheel(layout: Layout, path: Path) -> Path:
    """Copy a wheel of somebody else's folder to its place here, which nobody else writes to."""
    with scratch(layout, "wheel") as work:
        copy = work / path.name
        shutil.copyfile(path, copy)
        return settle_wheel(copy, wheel_place(layout, hash_file(copy), path.name))


def settle_wheel(made: Path, place: Path) -> Path:
    """Move a whole wheel to its place."""
    place.parent.mkdir(parents=True, exist_ok=True)
    return made.replace(place)


def hash_file(path: Path) -> Sha256:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return Sha256(hashlib.file_digest(file, "sha256").hexdigest())
