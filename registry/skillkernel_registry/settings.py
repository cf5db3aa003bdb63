"""`skill config`: what a person sets for a skill, validated, agreed to, and put in force as a new generation.

Threat: a setting that a grant names (`network:{server}`) decides what that grant means. Whoever changes the setting
changes what the skill may reach, so that is shown in plain words and needs a yes, as an install does.
"""

import inspect
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from skillkernel.calls.arguments import parse_arguments
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Catalogue, Installed, Layout
from skillkernel.errors import ApprovalRefused, ArgumentsInvalid, UnknownSkill, UsageError
from skillkernel.manifest.permission_form import filled, settings_in
from skillkernel.manifest.types import Manifest, Permissions
from skillkernel.near import nearest
from skillkernel.schema import CompiledSchema, compile_schema
from skillkernel.schema.describe import describe, resolved, shown
from skillkernel.schema.kinds import is_object, kind_of
from skillkernel_registry.consent import in_words
from skillkernel_registry.generation import exclusive, switch
from skillkernel_registry.progress import OnProgress, silent


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """What is about to change: `settings` are all of them afterwards, `changed` the names of those that differ.

    `reaches` says in plain words what granted permissions stand for afterwards and did not before.
    """

    skill: Installed
    settings: dict[str, Any]
    changed: tuple[str, ...]
    reaches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettingsResult:
    """The skill with its settings now; `changed` is empty, and `generation` the old one, when they were so already."""

    skill: Installed
    generation: int
    changed: tuple[str, ...]


Consent = Callable[[SettingsChange], bool | Awaitable[bool]]
"""Shows what the skill may reach after a change and returns the person's answer."""


async def change_settings(
    layout: Layout,
    name: str,
    values: Mapping[str, str],
    unset: Collection[str] = (),
    *,
    consent: Consent,
    on_progress: OnProgress = silent,
) -> SettingsResult:
    """Set some settings of a skill from their texts and unset others: all of it, or nothing.

    `consent` is asked only when the change gives a grant another meaning; a no raises `ApprovalRefused`. Raises
    `UnknownSkill`, and `UsageError` for a name or value that does not fit the skill's schema.
    """
    before = read_catalogue(layout)
    change = plan_change(find_installed(before, name), values, unset)
    if not change.changed:
        return SettingsResult(change.skill, before.generation, ())
    if change.reaches:
        answer = consent(change)
        if not (await answer if inspect.isawaitable(answer) else answer):
            raise ApprovalRefused(f"the settings of {name} were left as they are", hint="nothing was changed")
    async with exclusive(layout, on_progress):
        now = read_catalogue(layout)
        if now.skill(name) != change.skill:
            raise UsageError(f"{name} was changed by somebody else meanwhile", hint="run the same again")
        skill = msgspec.structs.replace(change.skill, settings=change.settings)
        skills = tuple(skill if one.name == name else one for one in now.skills)
        generation = switch(layout, msgspec.structs.replace(now, skills=skills), on_progress)
    return SettingsResult(skill, generation.generation, change.changed)


def find_installed(catalogue: Catalogue, name: str) -> Installed:
    """The installed skill of that name; raise `UnknownSkill`."""
    skill = catalogue.skill(name)
    if skill is None:
        raise UnknownSkill(name, nearest(name, (one.name for one in catalogue.skills)))
    return skill


def plan_change(skill: Installed, values: Mapping[str, str], unset: Collection[str]) -> SettingsChange:
    """What these texts make of a skill's settings; raise `UsageError` naming what is unknown or does not fit."""
    manifest = skill.manifest
    for key in (*values, *unset):
        _check_known(manifest, key)
    if twice := [key for key in unset if key in values]:
        raise UsageError(f"{twice[0]} is to be set and to be unset", hint="say one of both")
    parsed = {key: _parse(manifest, key, text) for key, text in values.items()}
    settings = {key: value for key, value in (skill.settings | parsed).items() if key not in unset}
    _check_fit(manifest, settings)
    changed = tuple(key for key in (*values, *unset) if not _same(key, skill.settings, settings))
    return SettingsChange(skill, settings, changed, _reaches(skill.granted, settings, changed))


def properties(manifest: Manifest) -> dict[str, Any]:
    """The schema of each setting, by its name."""
    found: dict[str, Any] = manifest.settings.get("properties", {})
    return {name: resolved(schema, manifest.settings) for name, schema in found.items()}


def missing_settings(skill: Installed) -> tuple[str, ...]:
    """The settings that the skill requires, that have no default, and that nobody has set."""
    known = properties(skill.manifest)
    return tuple(
        name
        for name in skill.manifest.settings.get("required", ())
        if name not in skill.settings and "default" not in known.get(name, {})
    )


def carried_settings(settings: Mapping[str, Any], manifest: Manifest) -> dict[str, Any]:
    """The part of earlier settings that fits another release's schema."""
    if not settings:
        return {}
    schema = _schema(manifest)
    return {key: value for key, value in settings.items() if manifest.settings and schema.is_valid({key: value})}


def _check_known(manifest: Manifest, key: str) -> None:
    known = properties(manifest)
    if key in known or manifest.settings.get("additionalProperties") or "patternProperties" in manifest.settings:
        return
    if key in manifest.permissions.secrets:
        raise UsageError(
            f"{key} is a secret of {manifest.name} and no setting", hint=f"`skill secret set {manifest.name} {key}`"
        )
    near = nearest(key, known, limit=1)
    there = f"there are: {', '.join(known)}" if known else f"{manifest.name} has no settings"
    raise UsageError(f"{manifest.name} has no setting {key!r}", hint=f"did you mean {near[0]}?" if near else there)


def _parse(manifest: Manifest, key: str, text: str) -> Any:
    """A text as it stands where the schema takes one, else the JSON value that it is."""
    schema = properties(manifest).get(key, {})
    kinds = _kinds(schema, manifest.settings)
    if not kinds or "string" in kinds:
        if not _is_utf8(text):
            raise UsageError(f"the text for {manifest.name}'s setting {key} is not UTF-8", hint="write it in UTF-8")
        return text
    try:
        found = parse_arguments(f'{{"value":{text}}}', repair=False).value
    except ArgumentsInvalid:
        found = {}
    if len(found) != 1:
        allowed = describe(schema, manifest.settings)
        raise UsageError(f"{shown(text)} is no value for {manifest.name}'s setting {key}", hint=f"it is {allowed}")
    return found["value"]


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _kinds(schema: Any, root: Mapping[str, Any]) -> set[str]:
    """The JSON types that a schema names; empty when it names none."""
    schema = resolved(schema, root)
    if not is_object(schema):
        return set()
    named = schema.get("type", ())
    kinds = {named} if isinstance(named, str) else set(named)
    if not kinds:
        values = [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else ())]
        kinds = {kind_of(value) for value in values}
    for union in ("anyOf", "oneOf"):
        for part in schema.get(union, ()):
            kinds |= _kinds(part, root)
    return kinds


def _schema(manifest: Manifest) -> CompiledSchema:
    """The settings' schema, where what is required may still be set later."""
    schema = {key: value for key, value in manifest.settings.items() if key != "required"}
    return compile_schema(schema, where=f"{manifest.name} settings", checked=True)


def _check_fit(manifest: Manifest, settings: dict[str, Any]) -> None:
    findings = _schema(manifest).findings(settings)
    if findings:
        problems = "; ".join(f"{finding.path.removeprefix('/')}: {finding.problem}" for finding in findings[:5])
        allowed = "; ".join(dict.fromkeys(finding.allowed for finding in findings[:5] if finding.allowed))
        raise UsageError(f"the settings of {manifest.name} do not fit: {problems}", hint=allowed)


def _same(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return (key in before) == (key in after) and before.get(key) == after.get(key)


def _reaches(granted: Permissions, settings: Mapping[str, Any], changed: Collection[str]) -> tuple[str, ...]:
    lines: list[str] = []
    for row in granted.rows():
        kind, _, value = row.partition(":")
        meant = filled(value, settings)
        if meant is not None and any(name in changed for name in settings_in(value)):
            lines.append(in_words(kind, meant))
    return tuple(lines)
