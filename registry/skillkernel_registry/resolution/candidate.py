"""A wheel on this machine that was chosen to be installed."""

from dataclasses import dataclass

from skillkernel_registry.wheel import SkillWheel


@dataclass(frozen=True, slots=True)
class Candidate:
    """A wheel that would be installed, from where, by whom, and whether its name was asked for.

    `signer` is whose attestation it came with, in words, empty for none. `withdrawn` is why its publisher took the
    release back, empty for one that still stands.
    """

    wheel: SkillWheel
    index: str
    publisher: str
    requested: bool
    signer: str = ""
    withdrawn: str = ""
