"""SKILL.md against the Agent Skills format (agentskills.io): front matter with a name and a description, then Markdown."""

import re
from collections.abc import Iterator

from skillkernel_registry.authoring.description_findings import hidden, poison
from skillkernel_registry.authoring.finding import Finding, error, warning

_NAME_LIMIT, _DESCRIPTION_LIMIT, _LINE_LIMIT = 64, 1024, 500
_FIELDS = frozenset({"name", "description", "license", "compatibility", "metadata", "allowed-tools"})
_FIELD = re.compile(r"(?P<key>[A-Za-z][A-Za-z0-9_-]*):(?:\s+(?P<value>.*))?$")


def instruction_findings(text: str, skill: str, place: str) -> Iterator[Finding]:
    """What is wrong with the text of a skill's SKILL.md at `place`."""
    yield from hidden("the instructions", text, f"{place}:1")
    lines = text.splitlines()
    end = next((number for number, line in enumerate(lines[1:], start=1) if line.rstrip() == "---"), 0)
    if not lines or lines[0].rstrip() != "---" or not end:
        yield error(
            "front-matter",
            f"{place}:1",
            "does not begin with front matter",
            "begin with ---, name: and description:, ---",
        )
        return
    yield from _front_matter(lines[1:end], skill, place)
    body = lines[end + 1 :]
    if not any(line.strip() for line in body):
        yield warning(
            "instructions-empty",
            f"{place}:{end + 1}",
            "says nothing behind its front matter",
            "say how the tools are used",
        )
    if len(body) > _LINE_LIMIT:
        yield warning(
            "instructions-long",
            f"{place}:{end + 1}",
            f"has {len(body)} lines; a model reads them all",
            "keep to what is needed",
        )
    yield from poison("the instructions", "\n".join(body), f"{place}:{end + 2}")


def _front_matter(lines: list[str], skill: str, place: str) -> Iterator[Finding]:
    fields = _fields(lines)
    for key, (number, _) in fields.items():
        if key not in _FIELDS:
            yield warning(
                "front-matter", f"{place}:{number}", f"{key} is no field of the format", "put it under metadata:"
            )
    number, name = fields.get("name", (1, ""))
    if name != skill or len(name) > _NAME_LIMIT:
        yield error(
            "front-matter",
            f"{place}:{number}",
            f"its name is {name!r}, and the skill is {skill}",
            f"write name: {skill}",
        )
    number, description = fields.get("description", (1, ""))
    if not description:
        yield error(
            "front-matter", f"{place}:{number}", "has no description", "say what the skill does and when to use it"
        )
    elif len(description) > _DESCRIPTION_LIMIT:
        what = f"its description has {len(description)} characters; {_DESCRIPTION_LIMIT} are allowed"
        yield error("front-matter", f"{place}:{number}", what, "shorten it")
    yield from poison("the description", description, f"{place}:{number}")


def _fields(lines: list[str]) -> dict[str, tuple[int, str]]:
    """The top-level keys with their line and their text; what is indented belongs to the key before it."""
    fields: dict[str, tuple[int, str]] = {}
    key = ""
    for number, line in enumerate(lines, start=2):
        found = _FIELD.match(line)
        if found:
            key = found["key"]
            value = (found["value"] or "").strip()
            fields[key] = (number, "" if value in (">", "|", ">-", "|-") else _unquoted(value))
        elif key and line[:1] in (" ", "\t"):
            at, before = fields[key]
            fields[key] = (at, f"{before} {line.strip()}".strip())
    return fields


def _unquoted(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value
