"""What a change of an index came to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change did, a line each for a person, and what that person should know."""

    done: tuple[str, ...]
    warnings: tuple[str, ...] = ()
