"""An index of sources: skill folders by name, built into wheels on demand."""

from pathlib import Path

from anyio import to_thread

from skillkernel.catalogue.types import Layout
from skillkernel.errors import IntegrityError, ManifestError, SkillKernelError
from skillkernel.manifest.parse import parse_manifest
from skillkernel.names import SkillName
from skillkernel.near import nearest
from skillkernel_registry.backend import build_wheel
from skillkernel_registry.errors import SkillNotFound
from skillkernel_registry.index import Index
from skillkernel_registry.index_format import IndexFile, Record, Release, SearchLine, ToolLine
from skillkernel_registry.progress import OnProgress, Progress, Stage
from skillkernel_registry.project import Project, read_project


class SourcesIndex(Index):
    """Each skill has one release: the folder as it stands."""

    def __init__(self, layout: Layout, identity: str, root: Path, file: IndexFile) -> None:
        self.identity = identity
        self._layout = layout
        self._root = root
        self._file = file
        self._folders = file.sources or {}
        self._records: dict[SkillName, Record] = {}

    async def record(self, name: SkillName) -> Record:
        if name not in self._records:
            release = await to_thread.run_sync(self._release, name)
            publisher = self._file.publisher
            self._records[name] = Record(record_version=1, name=name, publisher=publisher, releases=(release,))
        return self._records[name]

    async def wheel(self, name: SkillName, release: Release, on_progress: OnProgress) -> Path:
        on_progress(Progress(Stage.BUILD, name))
        return await to_thread.run_sync(build_wheel, self._layout, self._folder(name), abandon_on_cancel=True)

    async def lines(self, text: str = "") -> tuple[SearchLine, ...]:
        return await to_thread.run_sync(self._lines)

    async def aclose(self) -> None:
        return None

    def _lines(self) -> tuple[SearchLine, ...]:
        return tuple(line for name in sorted(self._folders) if (line := self._line(name)) is not None)

    def _line(self, name: str) -> SearchLine | None:
        try:
            project = self._project(name)
        except SkillKernelError:
            return None  # whoever asks for this one is told; the others can still be found
        return SearchLine(name=project.name, version=project.version, summary=project.summary)

    def _folder(self, name: str) -> Path:
        folder = self._folders.get(name)
        if folder is None:
            raise SkillNotFound(name, self.identity, nearest(name, self._folders))
        return self._root / folder

    def _project(self, name: str) -> Project:
        folder = self._folder(name)
        project = read_project(folder)
        if project.name != name:
            raise IntegrityError(f"{folder} is the skill {project.name}, not {name}", hint="mend index.json")
        return project

    def _release(self, name: SkillName) -> Release:
        project = self._project(name)
        file = project.package / "skill.json"
        try:
            manifest = parse_manifest(file.read_bytes(), source=str(file), expected_name=name)
        except FileNotFoundError as error:
            raise ManifestError(str(file), (("", "is missing"),), hint=f"run `skill build {project.folder}`") from error
        return Release(
            version=project.version,
            wheel=str(project.folder),
            length=0,
            sha256="",
            requires_kernel=manifest.requires_kernel,
            requires_python=project.requires_python,
            requires_skills=manifest.requires_skills,
            summary=project.summary,
            permissions=manifest.permissions,
            tools=tuple(
                ToolLine(name=tool.name, description=tool.description, effect=tool.effect) for tool in manifest.tools
            ),
        )
