"""Writes a published index from wheels: index.json, skills/NAME.json, search.json, wheels/.

Standard library alone and no import of ours: hatch_build.py runs this file in a build environment that holds
hatchling and nothing else. What it writes depends on the wheels alone.
"""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterable
from email.parser import HeaderParser
from pathlib import Path
from typing import Any


def publish(wheels: Iterable[Path], to: Path, *, name: str, publisher: str) -> None:
    """Put an index of these wheels, one release each, into the folder `to`."""
    wheels = sorted(wheels)
    records = [_record(wheel, publisher) for wheel in wheels]
    for folder in ("skills", "wheels"):
        (to / folder).mkdir(parents=True, exist_ok=True)
    for wheel in wheels:
        shutil.copyfile(wheel, to / "wheels" / wheel.name)
    for record in records:
        _write(to / "skills" / f"{record['name']}.json", record)
    _write(to / "search.json", {"skills": [_search_line(record) for record in records]})
    releases = {"records": "skills/{name}.json", "wheels": "wheels/", "search": "search.json"}
    _write(to / "index.json", {"index_version": 1, "name": name, "publisher": publisher, "releases": releases})


def _record(wheel: Path, publisher: str) -> dict[str, Any]:
    data = wheel.read_bytes()
    manifest, metadata = _read(wheel)
    release = {
        "version": manifest["version"],
        "wheel": wheel.name,
        "length": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "requires_kernel": manifest.get("requires_kernel", ""),
        "requires_python": metadata.get("Requires-Python", ""),
        "requires_skills": manifest.get("requires_skills", []),
        "summary": manifest["summary"],
        "permissions": manifest.get("permissions", {}),
        "tools": [{key: tool[key] for key in ("name", "description", "effect")} for tool in manifest["tools"]],
    }
    return {"record_version": 1, "name": manifest["name"], "publisher": publisher, "releases": [release]}


def _read(wheel: Path) -> tuple[dict[str, Any], Any]:
    with zipfile.ZipFile(wheel) as archive:
        (manifest,) = (entry for entry in archive.namelist() if entry.endswith("/skill.json"))
        (metadata,) = (entry for entry in archive.namelist() if entry.endswith(".dist-info/METADATA"))
        return json.loads(archive.read(manifest)), HeaderParser().parsestr(archive.read(metadata).decode())


def _search_line(record: dict[str, Any]) -> dict[str, str]:
    newest = record["releases"][-1]
    return {"name": record["name"], "version": newest["version"], "summary": newest["summary"]}


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
