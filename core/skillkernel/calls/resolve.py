"""Stage 1: find the tool that a name means."""

from skillkernel.catalogue.types import Catalogue, Target
from skillkernel.errors import UnknownTool
from skillkernel.names import ToolId
from skillkernel.text import visible


class ToolTable:
    """Every callable tool, by the name that people write and by the name that a model sees."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.load(catalogue)

    def load(self, catalogue: Catalogue) -> None:
        """Hold the tools of this catalogue, and no others."""
        self._all = tuple(
            Target(ToolId(skill.name, tool.name), skill, tool)
            for skill in catalogue.skills
            for tool in skill.manifest.tools
        )
        self._by_name: dict[str, Target] = {}

    def targets(self) -> tuple[Target, ...]:
        """Every tool once, in the catalogue's order."""
        return self._all

    def resolve(self, name: str) -> Target:
        """Return the tool of that name; raise `UnknownTool` with what is near."""
        if not self._by_name:
            self._by_name = {name: target for target in self._all for name in (str(target.id), target.id.wire)}
        target = self._by_name.get(name)
        if target is None:
            from skillkernel.near import nearest

            near = nearest(name, (str(target.id) for target in self.targets()))
            raise UnknownTool(visible(name, limit=80), near)
        return target
