"""Wheels of small skills and libraries, right or with one chosen defect."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HELLO = '''
from skillkernel import tool


@tool(effect="read")
def hello(name: str) -> str:
    """Greet somebody.

    Args:
        name: Whom.
    """
    return f"hello {name}"
'''
HELLO_TOOL: dict[str, Any] = {
    "name": "hello",
    "description": "Greet somebody.",
    "effect": "read",
    "input_schema": {
        "type": "object",
        "properties": {"name": {"type": "string", "description": "Whom."}},
        "required": ["name"],
        "additionalProperties": False,
    },
}


@dataclass
class SkillWheelFake:
    """A skill's wheel to be written; every part can be replaced by a wrong one."""

    name: str = "tiny"
    version: str = "1.0"
    tools: Sequence[dict[str, Any]] = (HELLO_TOOL,)
    permissions: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    requires: Sequence[str] = ()
    requires_python: str = ""
    requires_kernel: str = ""
    requires_skills: Sequence[str] = ()
    lock: str = ""
    manifest: Mapping[str, Any] = field(default_factory=dict[str, Any])
    entry_points: str = ""
    metadata_name: str = ""
    metadata_version: str = ""
    extra: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    without: Sequence[str] = ()
    filename: str = ""
    wheel_text: str = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

    @property
    def module(self) -> str:
        return f"skill_{self.name.replace('-', '_')}"

    @property
    def info(self) -> str:
        return f"{self.module}-{self.version}.dist-info"

    def files(self) -> dict[str, bytes]:
        """Every file but RECORD."""
        texts = {
            f"{self.module}/__init__.py": HELLO,
            f"{self.module}/skill.json": json.dumps(self._manifest()),
            f"{self.info}/METADATA": self._metadata(),
            f"{self.info}/WHEEL": self.wheel_text,
            f"{self.info}/entry_points.txt": self.entry_points
            or f"[skillkernel.skills]\n{self.name} = {self.module}\n",
        }
        if self.lock:
            texts[f"{self.module}/locked-requirements.txt"] = self.lock
        whole = {name: text.encode() for name, text in texts.items()} | dict(self.extra)
        return {name: data for name, data in whole.items() if name not in self.without}

    def write(self, folder: Path) -> Path:
        """The wheel in `folder`, with a RECORD that is right for what it holds."""
        path = folder / (self.filename or f"{self.module}-{self.version}-py3-none-any.whl")
        return write_wheel(path, self.files(), self.info)

    def _manifest(self) -> dict[str, Any]:
        return {
            "manifest_version": 1,
            "name": self.name,
            "version": self.version,
            "summary": f"The skill {self.name}.",
            "requires_kernel": self.requires_kernel,
            "requires_skills": list(self.requires_skills),
            "permissions": {kind: list(values) for kind, values in self.permissions.items()},
            "tools": list(self.tools),
        } | dict(self.manifest)

    def _metadata(self) -> str:
        lines = ["Metadata-Version: 2.3", f"Name: {self.metadata_name or 'skill-' + self.name}"]
        lines += [f"Version: {self.metadata_version or self.version}"]
        lines += [f"Requires-Dist: {requirement}" for requirement in self.requires]
        lines += [f"Requires-Python: {self.requires_python}"] if self.requires_python else []
        return "\n".join(lines) + "\n"


def write_wheel(path: Path, files: Mapping[str, bytes], info: str) -> Path:
    """A zip of `files` and a RECORD of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD"), record_of(files, info))
    return path


def record_of(files: Mapping[str, bytes], info: str) -> str:
    """RECORD's text for `files`."""
    rows = [f"{name},sha256={_hash(data)},{len(data)}" for name, data in files.items()]
    return "\n".join([*rows, f"{info}/RECORD,,"]) + "\n"


def write_library(
    folder: Path, name: str, version: str, files: Mapping[str, bytes], *, requires: Sequence[str] = ()
) -> Path:
    """A wheel of a library that a skill may depend on."""
    needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
    info = f"{name}-{version}.dist-info"
    texts = {
        f"{info}/METADATA": f"Metadata-Version: 2.3\nName: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    whole = dict(files) | {path: text.encode() for path, text in texts.items()}
    return write_wheel(folder / f"{name}-{version}-py3-none-any.whl", whole, info)


def pin(wheel: Path, name: str, version: str) -> str:
    """The line of a lock for a wheel."""
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def write_source(
    folder: Path, name: str = "tiny", *, version: str = "1.0", pyproject: str = "", code: str = HELLO
) -> Path:
    """The source folder of a skill without its skill.json; `pyproject` is put behind what is always there."""
    module = f"skill_{name.replace('-', '_')}"
    (folder / module).mkdir(parents=True)
    (folder / module / "__init__.py").write_text(code, encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        f"""
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "skill-{name}"
version = "{version}"
description = "The skill {name}."

[project.entry-points."skillkernel.skills"]
{name} = "{module}"

[tool.hatch.build.targets.wheel]
packages = ["{module}"]
{pyproject}
""",
        encoding="utf-8",
    )
    return folder


def _hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
