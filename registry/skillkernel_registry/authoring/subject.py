"""What is looked at by `skill validate`: a source folder or an unpacked wheel, with the findings of reading it."""

from dataclasses import dataclass, field
from pathlib import Path

from skillkernel.errors import ManifestError, UsageError
from skillkernel.manifest.parse import parse_manifest
from skillkernel.manifest.types import Manifest
from skillkernel_registry.authoring.finding import Finding, error, warning
from skillkernel_registry.authoring.source_tree import SourceTree, read_package
from skillkernel_registry.authoring.toml_lines import line_of
from skillkernel_registry.errors import UnsafeWheel
from skillkernel_registry.lock import Lock
from skillkernel_registry.project import Project, project_findings, read_project
from skillkernel_registry.wheel import SkillWheel, inspect_wheel, unpack

PYPROJECT = "pyproject.toml"


@dataclass(slots=True)
class Subject:
    """`root` is what places are relative to; `project` is None for a wheel, and for a pyproject.toml that is none."""

    root: Path
    name: str = ""
    module: str = ""
    package: Path | None = None
    project: Project | None = None
    committed: Manifest | None = None
    lock: Lock = field(default_factory=Lock)
    tree: SourceTree | None = None
    findings: list[Finding] = field(default_factory=list[Finding])
    toml: str = ""

    def at(self, pointer: str) -> str:
        """The place of a field of [tool.skill] or of pyproject.toml; of the manifest, for a wheel."""
        if not self.toml:
            return f"skill.json{pointer}"
        known = f"/tool/skill{pointer}"
        whole = pointer if pointer.startswith(("/project", "/tool", "/build-system", "/dependency-groups")) else known
        for field_name, key in (("/version", "version"), ("/summary", "description"), ("/name", "name")):
            if pointer == field_name:
                whole = f"/project/{key}"
        return f"{PYPROJECT}:{line_of(self.toml, whole)}"

    def relative(self, file: Path) -> str:
        """A path as it is shown."""
        return str(file.relative_to(self.root))


def open_folder(folder: Path) -> Subject:
    """Read a source folder; what is wrong with it is among the findings."""
    if not (folder / PYPROJECT).is_file():
        raise UsageError(f"{folder} has no {PYPROJECT}", hint="name a skill's source folder, or a wheel")
    folder = folder.absolute()
    subject = Subject(folder)
    found = project_findings(folder)
    try:
        subject.toml = (folder / PYPROJECT).read_text("utf-8", "replace")
    except OSError as problem:
        raise UsageError(f"{folder / PYPROJECT} cannot be read: {problem.strerror}") from problem
    for pointer, problem_text in found:
        said = f"{pointer.removeprefix('/').replace('/', '.')} {problem_text}".strip()
        subject.findings.append(error("pyproject", subject.at(pointer), said, "docs/writing-a-skill.md has an example"))
    if found:
        subject.package = _only_package(folder)
    else:
        project = read_project(folder)
        subject.project, subject.name, subject.module = project, project.name, project.module
        subject.package = project.package
        subject.committed = _committed(subject, project.package / "skill.json")
    if subject.package is not None:
        subject.tree = read_package(folder, subject.package)
        subject.findings += subject.tree.findings
    return subject


def open_wheel(file: Path, work: Path) -> Subject:
    """Look through a wheel and unpack it into `work`; what is wrong with it is among the findings."""
    subject = Subject(work / "wheel", name=file.name)
    subject.root.mkdir(parents=True)
    try:
        wheel: SkillWheel = inspect_wheel(file)
        unpack(wheel, subject.root)
    except UnsafeWheel as problem:
        subject.findings.append(error("wheel", problem.place or file.name, problem.message, problem.hint))
        return subject
    except ManifestError as problem:
        subject.findings += [
            error("manifest", f"skill.json{place}", said, "build it again") for place, said in problem.findings
        ]
        return subject
    subject.name, subject.module, subject.committed = wheel.manifest.name, wheel.module, wheel.manifest
    subject.lock, subject.package = wheel.lock, subject.root / wheel.module
    subject.tree = read_package(subject.root, subject.package)
    subject.findings += subject.tree.findings
    return subject


def _only_package(folder: Path) -> Path | None:
    packages = [place.parent for root in (folder, folder / "src") for place in root.glob("skill_*/__init__.py")]
    return packages[0] if len(packages) == 1 else None


def _committed(subject: Subject, file: Path) -> Manifest | None:
    place = subject.relative(file)
    if not file.is_file():
        subject.findings.append(
            warning("manifest-missing", place, "is not there yet", "run `skill build` and commit it")
        )
        return None
    try:
        return parse_manifest(file.read_bytes(), source=place, expected_name=subject.name)
    except ManifestError as problem:
        subject.findings += [
            error("manifest", place, f"{at} {said}", "run `skill build`") for at, said in problem.findings
        ]
        return None


def first_difference(before: str, after: str) -> int:
    """The first line in which two texts differ."""
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    return next((number for number, (one, other) in enumerate(pairs, start=1) if one != other), 1)
