"""Indexes as values: skills, their releases and what these require, with no file behind them."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace
from packaging.specifiers import SpecifierSet

from fakes.skills import installed
from skillkernel.catalogue.types import Catalogue, Installed
from skillkernel.names import SkillName, skill_name
from skillkernel_registry.index_format import Record, Release
from skillkernel_registry.request import parse_named
from skillkernel_registry.resolution.choice import Choice, Offered, Problem
from skillkernel_registry.resolution.explain import choose_all
from skillkernel_registry.resolution.versions import Host

HOST = Host(kernel="0.1.0", python="3.11.7")
INDEX = "an index"
Graph = Mapping[str, Mapping[str, Sequence[str]]]
"""For each skill its versions, for each version what it requires."""


def release(version: str, *requires: str, **more: Any) -> Release:
    """A release of any skill."""
    return Release(version=version, wheel="x.whl", length=1, sha256="0" * 64, requires_skills=requires, **more)


class FakeIndex:
    """Looks names up in values; `asked` are the names that were looked up."""

    def __init__(self, graph: Graph, **others: Sequence[Release]) -> None:
        self.releases = {
            name: [release(version, *requires) for version, requires in versions.items()]
            for name, versions in graph.items()
        } | {name.replace("_", "-"): list(releases) for name, releases in others.items()}
        self.asked: list[str] = []

    def __call__(self, name: SkillName) -> Offered | None:
        self.asked.append(name)
        if name not in self.releases:
            return None
        return Offered(INDEX, Record(record_version=1, name=name, releases=tuple(self.releases[name])))


def here(name: str, version: str, *requires: str, index: str = INDEX) -> Installed:
    """An installed skill."""
    skill = installed(name)
    manifest = replace(skill.manifest, version=version, requires_skills=requires)
    return replace(skill, version=version, manifest=manifest, index=index)


def problem(*asked: str, there: Sequence[Installed] = (), newest: Sequence[str] = (), **more: Any) -> Problem:
    """What a person asks for, and what is installed."""
    return Problem(
        asked=tuple(parse_named(text) for text in (*asked, *newest)),
        fixed={},
        installed=Catalogue(skills=tuple(there)),
        host=HOST,
        newest=frozenset(map(skill_name, newest)),
        **more,
    )


def solved(index: FakeIndex, *asked: str, **more: Any) -> dict[str, str]:
    """The version that is chosen for each name."""
    return versions(choose_all(problem(*asked, **more), index))


def versions(choices: Sequence[Choice]) -> dict[str, str]:
    return {choice.name: str(choice.version) for choice in choices}


def admits(specifier: str, version: str) -> bool:
    """Whether a version satisfies a specifier, as packaging says."""
    return SpecifierSet(specifier).contains(version, prereleases=True)
