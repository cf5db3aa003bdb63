"""What the sources of weights have in common: how they say how far they are, and how they say no."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash  # pyright: ignore[reportPrivateUsage] # hashlib exports no public name for it

BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class WeightsProgress:
    """How far a fetch is: `done` bytes of `total`, where they come from, and a sentence when there is news."""

    done: int
    total: int
    source: str = ""
    note: str = ""


Report = Callable[[WeightsProgress], None]


class SourceFailed(Exception):
    """This source cannot give the weights now; `reason` is shown after its name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class WrongBytes(SourceFailed):
    """This source gave other bytes than those that were promised; what it gave is deleted."""


def digest_of(path: Path) -> "tuple[_Hash, int]":
    """The SHA-256 state after the bytes of `path`, to be gone on with, and their number; none when it is not there."""
    digest, size = hashlib.sha256(), 0
    if path.exists():
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
                size += len(block)
    return digest, size
