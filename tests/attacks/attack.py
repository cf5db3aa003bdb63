"""What an attack is: hostile code that a skill runs, or a test elsewhere that attacks what is not a worker's.

This module and those of the families are part of the hostile skill as well, so they need the standard library alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

Family = Literal["files", "processes", "network", "data", "resources", "install_and_start", "policy"]
FAMILIES: tuple[Family, ...] = get_args(Family)


class Outside(NamedTuple):
    """What there is to reach outside of the walls, all of it open to whoever is not walled in.

    `secret` is a 0600 file in `folder`; `diary` a file in the data folder of another skill, whose worker is the process
    `neighbour`; `victim` a process of the same user with `MARK` in its memory and environment. A TCP and a UDP port, an
    abstract name and a path listen. `granted` is a folder of the person that the skill may write, `data` its own.
    """

    secret: str
    folder: str
    diary: str
    neighbour: int
    victim: int
    victim_address: int
    kernel: int
    tcp: int
    udp: int
    abstract: str
    listening: str
    granted: str
    data: str
    environment: str
    tier: str


MARK = "FAKE_SECRET_123"
"""What must not be seen."""


def survivor_name(kernel: int) -> str:
    """What a process calls itself that means to outlive the worker of this kernel."""
    return f"survives{kernel}"[:15]


Hostile = Callable[[Outside], str | None]
"""Returns what it could do, or nothing; an `OSError` means that it was refused."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack of a worker.

    `off` is why it is not run without the wall, empty when it is. `bare` ones are run in a plain process for that, since
    what refuses them is the kernel's and holds for every worker. `aftermath` names what the kernel's side looks for
    after the call: `survivor`, a process that goes on.
    """

    name: str
    family: Family
    how: Hostile
    off: str = ""
    bare: bool = False
    aftermath: Literal["", "survivor"] = ""
    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Proof:
    """An attack on what is not a worker's, or on a worker in its own surroundings: a test that is elsewhere.

    `test` is `file::name`, `why` says what stands there instead of a wall that could be switched off.
    """

    name: str
    family: Family
    test: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Residual:
    """What is not refused, and why that stands."""

    name: str
    family: Family
    reason: str


Row = Attack | Proof | Residual


@dataclass
class Rows:
    """The rows of one family, in their order."""

    family: Family
    rows: list[Row] = field(default_factory=list[Row])

    def attack(
        self,
        name: str,
        *,
        off: str = "",
        bare: bool = False,
        aftermath: Literal["", "survivor"] = "",
        seconds: float = 10.0,
    ) -> Callable[[Hostile], Hostile]:
        """Make an attack of a function."""

        def add(how: Hostile) -> Hostile:
            self.rows.append(Attack(name, self.family, how, off, bare, aftermath, seconds))
            return how

        return add

    def proof(self, name: str, test: str, why: str = "") -> None:
        """Point at a test."""
        self.rows.append(Proof(name, self.family, test, why))

    def residual(self, name: str, reason: str) -> None:
        """Say what is not refused."""
        self.rows.append(Residual(name, self.family, reason))
