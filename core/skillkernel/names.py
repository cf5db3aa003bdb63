"""Names that went through their check: a `SkillName` or a `ToolId` in hand is proof of its form."""

import re
from typing import NamedTuple, NewType

from skillkernel.errors import InvalidName

SkillName = NewType("SkillName", str)
ToolName = NewType("ToolName", str)
Sha256 = NewType("Sha256", str)

_SKILL = re.compile(r"[a-z][a-z0-9-]{1,30}")
_TOOL = re.compile(r"[a-z][a-z0-9_]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
WIRE_NAME_LIMIT = 45
"""Characters of `skill__tool`: clients prefix the name again, and their own limit is 64."""


def skill_name(text: str) -> SkillName:
    """Return `text` as a skill name; raise `InvalidName` when it is not one."""
    if not _SKILL.fullmatch(text):
        raise InvalidName(
            "skill", text, "2 to 31 characters: a letter, then letters, digits and hyphens, all lower case"
        )
    return SkillName(text)


def tool_name(text: str) -> ToolName:
    """Return `text` as a tool name; raise `InvalidName` when it is not one."""
    if not _TOOL.fullmatch(text) or "__" in text:
        raise InvalidName("tool", text, "a letter, then letters, digits and single underscores, all lower case")
    return ToolName(text)


def sha256(text: str) -> Sha256:
    """Return `text` as a SHA-256 digest in lower-case hexadecimal; raise `InvalidName` when it is not one."""
    if not _SHA256.fullmatch(text):
        raise InvalidName("sha256", text, "64 lower-case hexadecimal digits")
    return Sha256(text)


class ToolId(NamedTuple):
    """One tool of one skill: `calendar.create_event` to people, `calendar__create_event` to a model."""

    # Not a dataclass: every worker imports this module, and that import alone would cost it 3 ms.

    skill: SkillName
    tool: ToolName

    def __str__(self) -> str:
        return f"{self.skill}.{self.tool}"

    @property
    def wire(self) -> str:
        """The name that a model sees, at most `WIRE_NAME_LIMIT` characters."""
        return f"{self.skill.replace('-', '_')}__{self.tool}"


def tool_id(text: str) -> ToolId:
    """Parse `skill.tool`; raise `InvalidName` when either half is not a name."""
    skill, dot, tool = text.partition(".")
    if not dot:
        raise InvalidName("tool", text, "SKILL.TOOL, for example calendar.list_events")
    return ToolId(skill_name(skill), tool_name(tool))
