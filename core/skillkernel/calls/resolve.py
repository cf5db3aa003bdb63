"""Stage 1: find the tool that a name means."""

from skillkernel.calls.types import Target
from skillkernel.catalogue.types import Catalogue
from skillkernel.errors import UnknownTool
from skillkernel.names import ToolId
from skillkernel.text import visible


class ToolTable:
    """Every callable tool, by the name that people write and by the name that a model sees."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._targets: dict[str, Target] = {}
        self._all: list[Target] = []
        for skill in catalogue.skills:
            for tool in skill.manifest.tools:
                target = Target(ToolId(skill.name, tool.name), skill, tool)
                self._targets[str(target.id)] = target
                self._targets[target.id.wire] = target
                self._all.append(target)

    def targets(self) -> tuple[Target, ...]:
        """Every tool once, in the catalogue's order."""
        return tuple(self._all)

    def resolve(self, name: str) -> Target:
        """Return the tool of that name; raise `UnknownTool` with what is near."""
        target = self._targets.get(name)
        if target is None:
            from skillkernel.near import nearest

            near = nearest(name, (str(target.id) for target in self.targets()))
            raise UnknownTool(visible(name, limit=80), near)
        return target
