"""`skill new`: a skill's source folder from a template, whole or not at all."""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp

from anyio import to_thread
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from skillkernel.catalogue.types import Layout
from skillkernel.errors import ManifestError, SandboxMissing, UsageError
from skillkernel.manifest.render import render_manifest
from skillkernel.names import SkillName
from skillkernel.text import visible
from skillkernel_registry.authoring.new_name import module_name
from skillkernel_registry.authoring.template import Template, render
from skillkernel_registry.build import describe
from skillkernel_registry.errors import TemplateInvalid
from skillkernel_registry.lock import Lock
from skillkernel_registry.project import read_project
from skillkernel_registry.wheel import DISTRIBUTION_PREFIX

FIRST_VERSION = "0.1.0"
DEFAULT_LICENSE = "Apache-2.0"
REQUIRES_KERNEL = ">=0.1"
_SUMMARY_LIMIT = 200
_AUTHOR = re.compile(r"(?P<name>[^<>]+?)\s*(?:<(?P<email>[^<>\s]+@[^<>\s]+)>)?")


@dataclass(frozen=True, slots=True)
class NewSkill:
    """What the author said of the skill to be; `author` is `NAME` or `NAME <MAIL>`, or empty."""

    name: SkillName
    summary: str
    author: str = ""
    license: str = DEFAULT_LICENSE

    def variables(self) -> dict[str, str]:
        """What a template may name; raise `UsageError` for what cannot be written into files."""
        return {
            "name": self.name,
            "package": module_name(self.name),
            "distribution": f"{DISTRIBUTION_PREFIX}{self.name}",
            "title": self.name.replace("-", " ").capitalize(),
            "summary": one_line(self.summary, "the summary"),
            "authors": _authors(self.author),
            "license": _license(self.license),
            "version": FIRST_VERSION,
            "requires_kernel": REQUIRES_KERNEL,
        }


@dataclass(frozen=True, slots=True)
class Made:
    """The new folder; `described` says whether its skill.json is there already."""

    folder: Path
    files: tuple[PurePosixPath, ...]
    described: bool


async def make_skill(layout: Layout, new: NewSkill, template: Template, folder: Path) -> Made:
    """Fill `folder`, which is not there or empty, from a template.

    A built-in template's skill is described at once, inside the sandbox where there is one; what somebody else's
    template brings is run by `skill build` alone. Raises `UsageError`, `TemplateInvalid`.
    """
    files = await to_thread.run_sync(render, template, new.variables())
    await to_thread.run_sync(_write, folder, files, new.name)
    described = template.built_in and await _describe(layout, folder)
    return Made(folder, tuple(sorted(files)), described)


def one_line(text: str, what: str) -> str:
    """The text when it is one plain line; raise `UsageError` that calls it `what`."""
    if not text.strip() or len(text) > _SUMMARY_LIMIT:
        raise UsageError(f"{what} is one line of 1 to {_SUMMARY_LIMIT} characters", hint="say what the skill is for")
    if visible(text) != text:
        raise UsageError(f"{what} has hidden or control characters: {visible(text, limit=100)}", hint="type it anew")
    return text.strip()


def check_target(folder: Path) -> None:
    """Raise `UsageError` unless nothing, or an empty folder, is there."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is there already and is no folder", hint="choose another place with --in")
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{folder} is there already and holds files", hint="choose another name, or a place with --in")


def _authors(author: str) -> str:
    if not author:
        return ""
    match = _AUTHOR.fullmatch(one_line(author, "the author"))
    if match is None:
        raise UsageError(f"{author!r} is not an author", hint="write NAME, or 'NAME <MAIL@EXAMPLE.ORG>'")
    fields = {key: said for key, said in match.groupdict().items() if said}
    return "{ " + ", ".join(f"{key} = {_toml(said)}" for key, said in fields.items()) + " }"


def _toml(text: str) -> str:
    import tomlkit

    return tomlkit.item(text).as_string()


def _license(text: str) -> str:
    try:
        return canonicalize_license_expression(text)
    except InvalidLicenseExpression as error:
        raise UsageError(
            f"{text!r} is not a licence's SPDX expression", hint="such as Apache-2.0, MIT or GPL-3.0-or-later"
        ) from error


def _write(folder: Path, files: Mapping[PurePosixPath, bytes], name: SkillName) -> None:
    """Write everything beside the place and move it there: a skill is whole or not there."""
    check_target(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        making.chmod(0o777 & ~_umask())
        for path, data in files.items():
            target = making / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        _check_made(making, name)
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def _check_made(folder: Path, name: SkillName) -> None:
    try:
        made = read_project(folder)
    except ManifestError as error:
        said = "; ".join(f"{place}: {problem}" for place, problem in error.findings)
        raise TemplateInvalid("pyproject.toml", f"is not that of a skill: {said}") from error
    if made.name != name:
        raise TemplateInvalid("pyproject.toml", f"is that of {made.name}, not of {name}")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


async def _describe(layout: Layout, folder: Path) -> bool:
    project = await to_thread.run_sync(read_project, folder)
    try:
        manifest = await describe(layout, project, Lock(), offline=True)
    except SandboxMissing:
        return False
    await to_thread.run_sync((project.package / "skill.json").write_bytes, render_manifest(manifest))
    return True
