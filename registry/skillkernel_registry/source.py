"""A copy of a skill's source folder that nobody changes while it is built, and that a sandboxed user can read."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from skillkernel.errors import UsageError
from skillkernel.names import Sha256

FILE_LIMIT = 2_000
SIZE_LIMIT = 50_000_000
"""Bytes of all files together."""
_LEFT_OUT = {"__pycache__", "dist", "build", "node_modules"}


def source_digest(folder: Path) -> Sha256:
    """One digest over every path and content of a source folder; raise `UsageError` when it is no such folder."""
    whole = hashlib.sha256()
    for path in _sources(folder):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        whole.update(f"{path.relative_to(folder)}\0{content}\n".encode("utf-8", "surrogateescape"))
    return Sha256(whole.hexdigest())


def copy_source(folder: Path, to: Path) -> None:
    """Copy what belongs to the source into the new folder `to`, readable by all."""
    to.mkdir(parents=True)
    for path in _sources(folder):
        target = to / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target, follow_symlinks=False)
        target.chmod(0o644)
    for parent, folders, _ in os.walk(to):
        for name in (".", *folders):
            Path(parent, name).chmod(0o755)


def _sources(folder: Path) -> list[Path]:
    files: list[Path] = []
    size = 0
    for path in _walk(folder):
        if path.is_symlink() or not path.is_file():
            raise UsageError(
                f"{path} is a link or a device; a skill's source holds files alone", hint="put a copy there"
            )
        files.append(path)
        size += path.stat().st_size
        if len(files) > FILE_LIMIT or size > SIZE_LIMIT:
            raise UsageError(
                f"{folder} holds more than {FILE_LIMIT} files or {SIZE_LIMIT} bytes",
                hint="give the folder of one skill, with its pyproject.toml",
            )
    return sorted(files)


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in _LEFT_OUT or path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
        else:
            yield path
