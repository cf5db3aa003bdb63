"""`skill verify`: whether everything is as it was installed, read to the last byte, and every finding at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from anyio import to_thread

from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Catalogue, Installed, Layout
from skillkernel.catalogue.verify import differences
from skillkernel.errors import IntegrityError, ManifestError, SkillKernelError, UsageError
from skillkernel.manifest.hash import consent_hash
from skillkernel.manifest.parse import parse_manifest
from skillkernel.manifest.types import Manifest
from skillkernel.permissions.rows import holds
from skillkernel_registry.backend import build_wheel
from skillkernel_registry.consent import owner_key
from skillkernel_registry.dependency_lock import read_lock
from skillkernel_registry.errors import UnsafeWheel
from skillkernel_registry.history import Kept, kept_generations
from skillkernel_registry.lock import LOCK_NAME
from skillkernel_registry.plan import pin_texts
from skillkernel_registry.settings import find_installed
from skillkernel_registry.wheel import inspect_wheel
from skillkernel_registry.wheel_cache import hash_file


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a place, and what to do; `skill` is the installed skill that it is about, empty for none."""

    place: str
    problem: str
    fix: str
    skill: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """The skills that were looked at, and everything that was found wrong."""

    skills: tuple[Installed, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A wheel made from source, and the hash that the installed one has."""

    skill: Installed
    sha256: str

    @property
    def same(self) -> bool:
        """Whether the source gives the very bytes that are installed."""
        return self.sha256 == self.skill.wheel


async def verify(layout: Layout, names: Sequence[str] = ()) -> Verification:
    """Look at the installed skills of these names, or at all of them and at what is kept beside them.

    Raises `UnknownSkill` for a name that is not installed.
    """
    return await to_thread.run_sync(_verify, layout, names)


async def rebuild(layout: Layout, folder: Path) -> Rebuilt:
    """Build a wheel from a source folder and hold it against the installed one of that name.

    Raises `UnknownSkill`, `UsageError` when another version is installed, and what building raises.
    """
    wheel = await to_thread.run_sync(lambda: build_wheel(layout, folder.absolute()), abandon_on_cancel=True)
    made = await to_thread.run_sync(inspect_wheel, wheel)
    skill = find_installed(read_catalogue(layout), made.manifest.name)
    if skill.version != made.manifest.version:
        raise UsageError(
            f"{folder} is {skill.name} {made.manifest.version}, and {skill.version} is installed",
            hint="take the source of that version",
        )
    return Rebuilt(skill, made.sha256)


def _verify(layout: Layout, names: Sequence[str]) -> Verification:
    findings: list[Finding] = []
    try:
        catalogue = read_catalogue(layout)
    except IntegrityError as error:
        findings.append(Finding(str(layout.catalogue), error.message, "`skill rollback` goes back to the one before"))
        catalogue = Catalogue()
    skills = tuple(find_installed(catalogue, name) for name in names) or catalogue.skills
    for skill in skills:
        findings += _of_skill(layout, skill)
    if not names:
        for kept in kept_generations(layout):
            findings += _of_generation(layout, kept)
        findings += _of_wheels(layout)
    return Verification(skills, tuple(findings))


def _of_skill(layout: Layout, skill: Installed) -> Iterator[Finding]:
    fix = f"`skill verify --repair {skill.name}` makes its files anew"
    environment = layout.environment(skill.store)
    try:
        differing = differences(layout, skill)
    except SkillKernelError as error:
        yield Finding(str(environment), error.message, fix, skill.name)
        return
    for path, how in differing.items():
        yield Finding(str(environment / path), "is gone" if how == "gone" else f"was {how}", fix, skill.name)
    if not differing:  # what follows is read from those files
        yield from (
            Finding(str(layout.catalogue), f"{skill.name}: {problem}", fix, skill.name)
            for problem in _row_problems(layout, skill)
        )


def _row_problems(layout: Layout, skill: Installed) -> Iterator[str]:
    """What the generation says of a skill and its files, which are as installed, do not."""
    package = layout.environment(skill.store) / skill.module
    try:
        manifest: Manifest = parse_manifest((package / "skill.json").read_bytes(), source=str(package / "skill.json"))
        pins = pin_texts(read_lock(package / LOCK_NAME))
    except (OSError, ManifestError, IntegrityError) as error:
        yield f"its manifest cannot be read: {error}"
        return
    named = (skill.name, skill.version) == (manifest.name, manifest.version)
    if not named or manifest.as_json() != skill.manifest.as_json():
        yield "the manifest written down is not the one in its files"
    elif skill.manifest_hash != consent_hash(manifest, pins):
        yield "what consent was given to is not its manifest"
    if skill.owner != owner_key(skill.index, skill.name, skill.publisher):
        yield "its data folder is not that of its index and publisher"
    for row in skill.granted.rows():
        if not any(holds(wider, row) for wider in manifest.permissions.rows()):
            yield f"it is granted {row}, which it does not ask for"


def _of_generation(layout: Layout, kept: Kept) -> Iterator[Finding]:
    place = str(layout.generations / str(kept.number) / "catalogue.json")
    if kept.catalogue is None:
        yield Finding(place, kept.problem, "go back to another one: `skill history` lists them")
    elif kept.catalogue.generation != kept.number:
        yield Finding(
            place,
            f"says that it is generation {kept.catalogue.generation}",
            "it was changed by hand: go back to another",
        )


def _of_wheels(layout: Layout) -> Iterator[Finding]:
    fix = "take it away: it is fetched or built again when it is needed"
    for wheel in sorted((layout.cache / "wheels").glob("*/*")):
        try:
            same = hash_file(wheel) == wheel.parent.name
        except OSError as error:
            yield Finding(str(wheel), f"cannot be read: {error.strerror}", fix)
            continue
        if not same:
            yield Finding(str(wheel), "is not the wheel that its folder is named for", fix)
    for wheel in sorted((layout.cache / "built").glob("*/*.whl")):
        try:
            inspect_wheel(wheel)
        except (UnsafeWheel, ManifestError, OSError) as error:
            yield Finding(str(wheel), f"is damaged: {error}", fix)
