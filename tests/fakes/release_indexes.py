"""Published indexes in a folder whose skills have several releases."""

import json
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from fakes.wheels import SkillWheelFake
from skillkernel_registry.publish import publish

Yanked = Mapping[tuple[str, str], str]


def write_releases(folder: Path, *fakes: SkillWheelFake, yanked: Yanked | None = None) -> Path:
    """Publish every one of these in `folder` beside what is there; `yanked` has reasons by name and version."""
    for fake in fakes:
        apart = folder.with_name(f"{folder.name}-{fake.name}-{fake.version}")
        publish([fake.write(apart / "built")], apart / "index", name="test", publisher="somebody")
        shutil.copytree(apart / "index" / "wheels", folder / "wheels", dirs_exist_ok=True)
        shutil.copy(apart / "index" / "index.json", folder / "index.json")
        new: dict[str, Any] = json.loads((apart / "index" / "skills" / f"{fake.name}.json").read_text())
        change_record(folder, fake.name, partial(_beside, new))
    for (name, version), reason in (yanked or {}).items():
        yank(folder, name, version, reason)
    return folder


def yank(folder: Path, name: str, version: str, reason: str) -> None:
    """Withdraw a release."""
    change_release(folder, name, version, yanked=reason)


def change_release(folder: Path, name: str, version: str, **fields: Any) -> None:
    """Let the record say something else of one release; its wheel stays as it is."""

    def change(record: dict[str, Any]) -> dict[str, Any]:
        releases = [one | fields if one["version"] == version else one for one in record["releases"]]
        return record | {"releases": releases}

    change_record(folder, name, change)


def change_record(folder: Path, name: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    file = folder / "skills" / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    record: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps(change(record)))


def _beside(new: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    return new | {"releases": [*record.get("releases", ()), *new["releases"]]}
