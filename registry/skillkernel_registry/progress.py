"""How a long piece of work says where it is: a callback of values, never a print."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """What is being done; each is announced before it begins."""

    INDEX = "index"
    RESOLVE = "resolve"
    DOWNLOAD = "download"
    BUILD = "build"
    LOCK = "lock"
    INSPECT = "inspect"
    CONSENT = "consent"
    WAIT = "wait"
    CLEAN = "clean"
    DEPENDENCIES = "dependencies"
    UNPACK = "unpack"
    BYTECODE = "bytecode"
    TREE = "tree"
    SYNC = "sync"
    STORE = "store"
    GENERATION = "generation"
    WRITTEN = "written"
    SWITCH = "switch"
    SWITCHED = "switched"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Progress:
    """One announcement: `subject` is what it is about, `done` of `total` bytes are there (0 of 0: cannot tell)."""

    stage: Stage
    subject: str = ""
    done: int = 0
    total: int = 0


OnProgress = Callable[[Progress], None]
"""Called from the event loop's thread; what it raises ends the work."""


def silent(progress: Progress) -> None:
    """Say nothing of it."""
