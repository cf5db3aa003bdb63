"""What a release takes away from those who rely on the one before, or asks of them anew. Pure."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from packaging.version import Version

from skillkernel.manifest.types import Effect, Manifest, Tool
from skillkernel.sdk.shapes import is_list, is_object
from skillkernel_registry.authoring.compatibility import argument_narrowings, narrowings


class Part(StrEnum):
    """The part of a version that is raised."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"


class Change(NamedTuple):
    """One thing that breaks: `place` is a tool, a tool's parameter, or a field of the manifest."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


_STRENGTH = tuple(Effect)


def breaking_changes(before: Manifest, after: Manifest) -> tuple[Change, ...]:
    """Everything in `after` that calls, settings or consent given to `before` do not cover; empty: all of it still holds."""
    found = [
        *_names(before, after),
        *(change for tool in before.tools for change in _tool(tool, after.tool(tool.name))),
        *_permissions(before, after),
        *_settings(before.settings, after.settings),
    ]
    return tuple(dict.fromkeys(found))


def added_tools(before: Manifest, after: Manifest) -> tuple[str, ...]:
    """The tools that `before` did not have."""
    return tuple(tool.name for tool in after.tools if before.tool(tool.name) is None)


def least_part(before: Manifest, after: Manifest) -> Part:
    """The smallest part of the version that says what happened."""
    if breaking_changes(before, after):
        return Part.MAJOR
    return Part.MINOR if added_tools(before, after) else Part.PATCH


def raised(version: str, part: Part) -> str:
    """The next version in which this part is larger; a pre-release becomes the release that it leads to."""
    now = Version(version)
    major, minor, patch = (*now.release, 0, 0)[:3]
    leads_to_it = part is Part.PATCH or (part is Part.MINOR and patch == 0) or (minor == 0 and patch == 0)
    if now.is_prerelease and leads_to_it:
        return f"{major}.{minor}.{patch}"
    return {
        Part.MAJOR: f"{major + 1}.0.0",
        Part.MINOR: f"{major}.{minor + 1}.0",
        Part.PATCH: f"{major}.{minor}.{patch + 1}",
    }[part]


def may_break(before: str, after: str) -> bool:
    """Whether the later version tells users that something breaks: its major number, or a pre-release of it before."""
    old, new = Version(before), Version(after)
    if old.is_prerelease and (old.epoch, old.release) == (new.epoch, new.release):
        return True
    return (new.epoch, new.major) > (old.epoch, old.major)


def _names(before: Manifest, after: Manifest) -> Iterator[Change]:
    if before.name != after.name:
        yield Change("name", f"was {before.name} and is {after.name}: another skill")


def _tool(before: Tool, after: Tool | None) -> Iterator[Change]:
    if after is None:
        yield Change(before.name, "is gone")
        return
    if _STRENGTH.index(after.effect) > _STRENGTH.index(before.effect):
        yield Change(before.name, f"had the effect {before.effect.value} and has {after.effect.value}")
    if before.idempotent and not after.idempotent:
        yield Change(before.name, "is not idempotent any more: an attempt that failed cannot be made again")
    for narrowing in argument_narrowings(before.input_schema, after.input_schema):
        yield Change(f"{before.name}({narrowing.place})", narrowing.what)
    yield from _result(before, after)
    for row in after.permissions:
        if row not in before.permissions:
            yield Change(before.name, f"uses the permission {row}, and did not")


def _result(before: Tool, after: Tool) -> Iterator[Change]:
    """A result may say less than was promised of it, never more: who reads it knows the earlier schema."""
    if before.output_schema is None:
        return
    later: Any = True if after.output_schema is None else after.output_schema
    for place, what in narrowings(later, _open(before.output_schema)):
        missing = what in ("is new and required", "is required now")
        said = (
            "was always there and may be missing now" if missing else f"may be what it could not be: the old one {what}"
        )
        yield Change(f"{before.name} -> {place or 'result'}", said)


def _open(schema: Any) -> Any:
    """The schema without its word that there are no further fields: nobody minds one more in a result."""
    if is_list(schema):
        return [_open(entry) for entry in schema]
    if not is_object(schema):
        return schema
    kept = {key: value for key, value in schema.items() if (key, value) != ("additionalProperties", False)}
    return {key: _open(value) for key, value in kept.items()}


def _permissions(before: Manifest, after: Manifest) -> Iterator[Change]:
    had = set(before.permissions.rows())
    for row in after.permissions.rows():
        if row not in had:
            yield Change("permissions", f"asks for {row}, and did not")


def _settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    if not before and not after:
        return
    nothing: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
    for narrowing in argument_narrowings(before or nothing, after or nothing):
        yield Change(f"settings.{narrowing.place}".rstrip("."), narrowing.what)
