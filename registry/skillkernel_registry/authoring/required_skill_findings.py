"""Skills that a skill requires and that no index in use has: a name that anybody may take."""

from collections.abc import Iterator, Sequence

from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Layout
from skillkernel.errors import SkillKernelError
from skillkernel.manifest.types import Manifest
from skillkernel_registry.authoring.finding import Finding, note, warning
from skillkernel_registry.errors import SkillNotFound
from skillkernel_registry.index import STRICT
from skillkernel_registry.index_on_demand import index_on_demand
from skillkernel_registry.progress import silent
from skillkernel_registry.request import NamedRequest, parse_named


async def required_skill_findings(
    layout: Layout, manifest: Manifest, place: str, *, offline: bool
) -> tuple[Finding, ...]:
    """What the configured indexes say of `requires_skills`; with `offline` nobody is asked, and a note says so."""
    installed = read_catalogue(layout)
    wanted = [one for one in _named(manifest) if installed.skill(one.name) is None]
    if not wanted:
        return ()
    if offline:
        return (_not_looked_up(wanted, place, "--offline"),)
    found: list[Finding] = []
    async with index_on_demand(layout, None, STRICT, installed, silent) as opening:
        for one in wanted:
            try:
                await (await opening()).record(one.name)
            except SkillNotFound as problem:
                what = f"{problem.message}, and whoever publishes it first decides what runs"
                found.append(warning("phantom-skill", place, what, problem.hint))
            except SkillKernelError as problem:
                found.append(_not_looked_up([one], place, problem.message))
    return tuple(found)


def _named(manifest: Manifest) -> Iterator[NamedRequest]:
    for text in manifest.requires_skills:
        yield parse_named(text)


def _not_looked_up(wanted: Sequence[NamedRequest], place: str, why: str) -> Finding:
    names = ", ".join(one.name for one in wanted)
    return note("offline", place, f"whether the skill {names} exists was not looked up: {why}")
