"""Bytes of a skill.json to a `Manifest`, or every reason why not.

The file comes from strangers: its size, depth and encoding are checked before it is decoded, its form by the
documented schema, and what a schema cannot say by `skillkernel.manifest.rules`. All findings come at once.
"""

import json
from typing import Any

import msgspec

from skillkernel.errors import ManifestError
from skillkernel.manifest.rules import RULES, characters_rule
from skillkernel.manifest.shape import Finding, shape_findings
from skillkernel.manifest.text import NotJson, read_json
from skillkernel.manifest.types import MANIFEST_VERSION, Manifest
from skillkernel.sdk.shapes import is_object


def parse_manifest(data: bytes, *, source: str, expected_name: str | None = None) -> Manifest:
    """The manifest in these bytes; raise `ManifestError` with every finding, each place as a JSON pointer.

    `source` is what messages call the file. With `expected_name`, a file that names another skill is refused.
    """
    try:
        value = read_json(data)
    except NotJson as error:
        raise ManifestError(source, tuple(("", problem) for problem in error.problems)) from None
    findings = manifest_findings(value, expected_name=expected_name)
    if findings:
        raise ManifestError(source, findings)
    return msgspec.json.decode(json.dumps(value, separators=(",", ":"), ensure_ascii=False), type=Manifest)


def manifest_findings(value: Any, *, expected_name: str | None = None) -> tuple[Finding, ...]:
    """Everything that is wrong with a decoded skill.json, in the order in which it is checked."""
    if not is_object(value):
        return (("", "a skill.json is an object"),)
    version = value.get("manifest_version", MANIFEST_VERSION)
    if type(version) is not int or version != MANIFEST_VERSION:
        return (("/manifest_version", f"this kernel reads version {MANIFEST_VERSION}, the file has {version!r:.40}"),)
    findings = [*shape_findings(value), *characters_rule(value)]
    if any(place == "" for place, _ in findings):
        return tuple(findings)
    malformed = {place.split("/")[1] for place, _ in findings}
    for fields, rule in RULES:
        if malformed.isdisjoint(fields) and _present(fields, value):
            findings.extend(rule(value))
    if expected_name is not None and value.get("name") not in (None, expected_name):
        findings.append(("/name", f"the package is that of {expected_name}, the file says {value['name']!r:.60}"))
    return tuple(dict.fromkeys(findings))


def _present(fields: tuple[str, ...], value: dict[str, Any]) -> bool:
    return all(field in value for field in fields if field in ("name", "version", "tools"))
