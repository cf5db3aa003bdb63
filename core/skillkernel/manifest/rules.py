"""What a JSON Schema cannot say of a skill.json: one function for each rule, from the decoded file to findings.

Each rule is run only when the form of what it reads is right.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from skillkernel.canonical import canonical_json
from skillkernel.errors import InvalidName, SchemaError
from skillkernel.manifest.permission_form import permission_problem, settings_in
from skillkernel.manifest.shape import Finding, pointer
from skillkernel.manifest.tokens import tokens_of
from skillkernel.names import WIRE_NAME_LIMIT, SkillName, ToolId, ToolName, skill_name, tool_name
from skillkernel.sdk.shapes import is_list, is_object
from skillkernel.text import visible

KERNEL_SERVICES = frozenset({"memory", "model"})
"""Names that `permissions.kernel` gives another meaning, so that no skill may have them."""

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*\.md")
_Rule = Callable[[dict[str, Any]], Iterator[Finding]]


def name_rule(manifest: dict[str, Any]) -> Iterator[Finding]:
    """The name is a skill's, and not that of a kernel service."""
    try:
        name = skill_name(manifest["name"])
    except InvalidName as error:
        yield "/name", f"{error.message}: {error.hint}"
        return
    if name in KERNEL_SERVICES:
        yield "/name", f"{name} is a service of the kernel; choose another name"


def version_rule(manifest: dict[str, Any]) -> Iterator[Finding]:
    """The version is one of PEP 440, as it is written canonically."""
    try:
        canonical = str(Version(manifest["version"]))
    except InvalidVersion:
        yield "/version", f"{_quoted(manifest['version'])} is not a PEP 440 version such as 1.2.0"
        return
    if canonical != manifest["version"]:
        yield "/version", f"{_quoted(manifest['version'])} is written {canonical}"


def requires_kernel_rule(manifest: dict[str, Any]) -> Iterator[Finding]:
    """requires_kernel is a specifier set of PEP 440."""
    try:
        SpecifierSet(manifest.get("requires_kernel", ""))
    except InvalidSpecifier:
        yield "/requires_kernel", f"{_quoted(manifest['requires_kernel'])} is not a specifier such as >=0.1,<1"


def requires_skills_rule(manifest: dict[str, Any]) -> Iterator[Finding]:
    """Each requirement is the name of another skill with a specifier, each skill once."""
    seen: set[str] = set()
    for place, text in enumerate(manifest.get("requires_skills", [])):
        where = f"/requires_skills/{place}"
        try:
            requirement = Requirement(text)
            name = skill_name(requirement.name)
        except (InvalidRequirement, InvalidName):
            yield where, f"{_quoted(text)} is not a skill's name with an optional specifier, such as calendar>=1"
            continue
        if requirement.extras or requirement.url or requirement.marker:
            yield where, f"{_quoted(text)} has more than a name and a specifier"
        if name in seen:
            yield where, f"{name} is required twice"
        if name == manifest.get("name"):
            yield where, "a skill cannot require itself"
        seen.add(name)


def instructions_rule(manifest: dict[str, Any]) -> Iterator[Finding]:
    """instructions is the name of a Markdown file, not a path."""
    text = manifest.get("instructions", "")
    if text and not _FILE_NAME.fullmatch(text):
        yield "/instructions", f"{_quoted(text)} is not the name of a Markdown file in the package, such as SKILL.md"


def tool_names_rule(manifest: dict[str, Any]) -> Iterator[Finding]:
    """Each tool has a name of its own, which is short enough with the skill's in front and reads like no other."""
    skill = SkillName(manifest["name"] if isinstance(manifest.get("name"), str) else "")
    read_alike: dict[str, str] = {}
    for place, tool in enumerate(manifest["tools"]):
        where, text = f"/tools/{place}/name", tool["name"]
        try:
            name = tool_name(text)
        except InvalidName as error:
            yield where, f"{error.message}: {error.hint}"
            continue
        wire = ToolId(skill, ToolName(name)).wire
        if len(wire) > WIRE_NAME_LIMIT:
            yield where, f"a model would see {wire}, {len(wire)} characters; {WIRE_NAME_LIMIT} are allowed"
        before = read_alike.setdefault(name.replace("_", ""), name)
        if before == name and place and any(other["name"] == name for other in manifest["tools"][:place]):
            yield where, f"another tool is called {name} too"
        elif before != name:
            yield where, f"{name} and {before} would read alike to a model"


def tool_schemas_rule(manifest: dict[str, Any]) -> Iterator[Finding]:
    """Each tool's schemas are ones that the kernel will compile."""
    for place, tool in enumerate(manifest["tools"]):
        for field in ("input_schema", "output_schema"):
            if tool.get(field) is not None:
                yield from _schema_findings(tool[field], f"/tools/{place}/{field}")


def settings_rule(manifest: dict[str, Any]) -> Iterator[Finding]:
    """settings is a schema of type object that the kernel will compile."""
    settings = manifest.get("settings", {})
    if not settings:
        return
    if settings.get("type") != "object":
        yield "/settings/type", '"type": "object" is missing; the settings are its properties'
    yield from _schema_findings(settings, "/settings")


def permissions_rule(manifest: dict[str, Any]) -> Iterator[Finding]:
    """Each permission has its kind's form, is there once, and names settings that exist."""
    settings = _setting_names(manifest)
    for kind, values in manifest.get("permissions", {}).items():
        for place, value in enumerate(values):
            where = pointer(["permissions", kind, place])
            problem = permission_problem(kind, value)
            if problem:
                yield where, f"{_quoted(value)}: {problem}"
            if value in values[:place]:
                yield where, f"{_quoted(value)} is there twice"
            for name in settings_in(value):
                if name not in settings:
                    yield where, f"{{{name}}} is not one of the settings"


def used_permissions_rule(manifest: dict[str, Any]) -> Iterator[Finding]:
    """A tool uses only what the skill asks for."""
    asked = {f"{kind}:{value}" for kind, values in manifest.get("permissions", {}).items() for value in values}
    for number, tool in enumerate(manifest["tools"]):
        for place, row in enumerate(tool.get("permissions", [])):
            if row not in asked:
                where = f"/tools/{number}/permissions/{place}"
                yield where, f"{_quoted(row)} is not among the skill's permissions; add it there"


def context_rule(manifest: dict[str, Any]) -> Iterator[Finding]:
    """What a model has to read of the tools fits into the context_tokens that the skill names."""
    named = manifest.get("memory", {}).get("context_tokens")
    if named is None:
        return
    offered = [{field: tool[field] for field in ("name", "description", "input_schema")} for tool in manifest["tools"]]
    needed = tokens_of(len(canonical_json(offered).decode()))
    if needed > named:
        yield (
            "/memory/context_tokens",
            f"the tools need about {needed} tokens of a model's window, and {named} are named",
        )


def characters_rule(manifest: dict[str, Any]) -> Iterator[Finding]:
    """No text hides anything from a person who reads it; line breaks only in descriptions and schemas."""
    for path, text in _texts(manifest, ()):
        lines = path[-1] == "description" or not {"input_schema", "output_schema", "settings"}.isdisjoint(path)
        seen = visible(text, lines=lines)
        if seen != text:
            place = visible(pointer(path), limit=200)
            yield place, f"it has hidden or control characters; escaped, it reads {visible(seen, limit=120)}"


def _texts(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text inside a JSON value with its path, the keys of objects too."""
    if isinstance(value, str):
        yield path, value
    elif is_list(value):
        for place, entry in enumerate(value):
            yield from _texts(entry, (*path, place))
    elif is_object(value):
        for key, entry in value.items():
            yield (*path, key), key
            yield from _texts(entry, (*path, key))


RULES: tuple[tuple[tuple[str, ...], _Rule], ...] = (
    (("name",), name_rule),
    (("version",), version_rule),
    (("requires_kernel",), requires_kernel_rule),
    (("requires_skills",), requires_skills_rule),
    (("instructions",), instructions_rule),
    (("tools",), tool_names_rule),
    (("tools",), tool_schemas_rule),
    (("tools", "permissions"), used_permissions_rule),
    (("settings",), settings_rule),
    (("permissions",), permissions_rule),
    (("memory", "tools"), context_rule),
)
"""Each rule with the fields whose form must be right for it."""


def _schema_findings(schema: dict[str, Any], where: str) -> Iterator[Finding]:
    from skillkernel.schema import compile_schema

    try:
        compile_schema(schema, where=where)
    except SchemaError as error:
        yield where, error.message.removeprefix(f"{where}: ")


def _setting_names(manifest: dict[str, Any]) -> frozenset[str]:
    settings = manifest.get("settings")
    properties = settings.get("properties") if is_object(settings) else None
    return frozenset(properties) if is_object(properties) else frozenset()


def _quoted(text: str) -> str:
    return f'"{visible(text, limit=80)}"'
