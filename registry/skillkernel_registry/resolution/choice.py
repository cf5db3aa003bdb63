"""The words of a resolution: what is demanded, what could be taken, and what there is to choose from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from skillkernel.catalogue.types import Catalogue, Installed
from skillkernel.names import SkillName
from skillkernel_registry.index_format import Record, Release
from skillkernel_registry.request import NamedRequest
from skillkernel_registry.resolution.versions import Host

if TYPE_CHECKING:  # looking a wheel through takes long to import, and most choices are of none in hand
    from skillkernel_registry.wheel import SkillWheel


@dataclass(frozen=True, slots=True)
class Offered:
    """The record of a skill, and the identity of the index that answers for it."""

    index: str
    record: Record


LookUp = Callable[[SkillName], Offered | None]
"""What the indexes have under a name, None for nothing; may block, and raises what fetching raises."""


class Why(Enum):
    """Who makes a demand: the person, a skill, or an installed skill that has to go on fitting."""

    ASKED = "asked"
    REQUIRED = "required"
    KEPT = "kept"


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """One requirement on one skill."""

    name: SkillName
    specifier: SpecifierSet
    why: Why

    def __str__(self) -> str:
        return f"{self.name}{self.specifier}"


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One version of a skill that could be taken; `source` is where it is: installed, a wheel in hand, or an index."""

    name: SkillName
    version: Version
    requires: tuple[Demand, ...]
    source: "Installed | SkillWheel | Release"

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Problem:
    """What a resolution begins with.

    `fixed` are wheels in hand, each the one choice for its name. Names in `newest` are taken as new as they can be, all
    others as they are installed where that fits; `pre` admits every pre-release. An installed skill that is asked for may
    come from another index than before if `moves` says so, one that is not asked for never.
    """

    asked: tuple[NamedRequest, ...]
    fixed: "Mapping[SkillName, SkillWheel]"
    installed: Catalogue
    host: Host
    newest: frozenset[SkillName] = frozenset()
    pre: bool = False
    moves: bool = True
