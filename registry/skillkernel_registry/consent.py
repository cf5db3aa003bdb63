"""What a person agrees to: permissions in plain words, and what is new against what they agreed to before."""

import json
from collections.abc import Sequence

from skillkernel.catalogue.types import Installed
from skillkernel.catalogue.verify import digest
from skillkernel.manifest.types import Manifest, Permissions, Tool
from skillkernel.permissions.rows import meet, permissions_of

_WORDS = {
    "network": "connect to {}",
    "files.read": "read {} and everything in it",
    "files.write": "change {} and everything in it",
    "environment": "see your environment variable {}",
    "secrets": "use the secret {} that you store for it",
    "programs": "run the program {}",
    "kernel": "call the skill {}",
}
_SERVICES = {"memory": "read and write the kernel's memory", "model": "ask the language model, on your account"}


def plain_words(permissions: Permissions) -> list[str]:
    """One short phrase for each permission, in the order of `Permissions.rows`."""
    return [_phrase(row) for row in permissions.rows()]


def in_words(kind: str, value: str) -> str:
    """One permission, whose value is meant as it stands."""
    return _WORDS[kind].format(value)


def row_in_words(row: str) -> str:
    """One permission row (`network:{server}`), whose braces are named as a setting."""
    return _phrase(row)


def owner_key(index: str, name: str, publisher: str) -> str:
    """The name of the data folder that belongs to this skill of this index by this publisher."""
    return f"{name}-{digest(json.dumps([index, name, publisher]).encode())[:12]}"


def carried_over(asked: Permissions, before: Installed | None) -> Permissions:
    """The part of `asked` that was granted before, to the same owner."""
    return permissions_of(meet(asked.rows(), before.granted.rows() if before else ()))


def changes(before: Manifest, after: Manifest, pins_before: Sequence[str], pins_after: Sequence[str]) -> list[str]:
    """What differs, of all that consent is bound to, one short line each; empty when nothing does."""
    old = {tool.name: tool for tool in before.tools}
    new = {tool.name: tool for tool in after.tools}
    lines = [
        f"new permission: {_phrase(row)}" for row in after.permissions.rows() if row not in before.permissions.rows()
    ]
    lines += [
        f"no longer asked for: {_phrase(row)}"
        for row in before.permissions.rows()
        if row not in after.permissions.rows()
    ]
    lines += [f"new tool: {name} ({tool.effect})" for name, tool in new.items() if name not in old]
    lines += [f"tool gone: {name}" for name in old if name not in new]
    lines += [
        f"tool changed: {name} ({what})"
        for name, tool in new.items()
        if name in old and (what := _differs(old[name], tool))
    ]
    lines += [f"new required skill: {text}" for text in after.requires_skills if text not in before.requires_skills]
    lines += [f"new dependency: {pin}" for pin in sorted(set(pins_after) - set(pins_before))]
    return lines


def _phrase(row: str) -> str:
    kind, _, value = row.partition(":")
    if kind == "kernel" and value in _SERVICES:
        return _SERVICES[value]
    setting = value[1:-1] if value.startswith("{") and value.endswith("}") else ""
    return _WORDS[kind].format(f"what your setting {setting!r} says" if setting else value)


def _differs(before: Tool, after: Tool) -> str:
    if before.effect != after.effect:
        return f"{before.effect} is now {after.effect}"
    parts = {
        "description": before.description != after.description,
        "arguments": before.input_schema != after.input_schema,
        "result": before.output_schema != after.output_schema,
        "permissions": set(before.permissions) != set(after.permissions),
    }
    return ", ".join(name for name, differs in parts.items() if differs)
