"""Skills that follow their source folder, for whoever writes one.

The folder is never run as it stands: each time it changed, it is built and installed as any other skill is, so that a
worker sees files that were looked through and that nobody changes under it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
from anyio import to_thread

from skillkernel.catalogue.types import Installed, Layout
from skillkernel.errors import UsageError
from skillkernel.names import Sha256
from skillkernel_registry.progress import OnProgress
from skillkernel_registry.source import source_digest


@dataclass(frozen=True, slots=True)
class Followed:
    """A source folder and its digest after skill.json was brought up to date."""

    folder: Path
    digest: Sha256


async def follow(layout: Layout, requests: Sequence[str], on_progress: OnProgress) -> dict[str, Followed]:
    """Bring skill.json and the lock of each folder up to date; raise `UsageError` for what is no source folder."""
    if not requests:
        return {}
    from skillkernel_registry.build import build  # what builds takes long to import, and few skills follow a folder

    followed: dict[str, Followed] = {}
    for text in requests:
        folder = await to_thread.run_sync(partial(_folder, text))
        built = await build(layout, folder, on_progress=on_progress)
        followed[built.manifest.name] = Followed(folder, await to_thread.run_sync(source_digest, folder))
    return followed


def follows(skill: Installed, followed: Mapping[str, Followed]) -> Installed:
    """The skill, with the folder that it follows."""
    one = followed.get(skill.name)
    return skill if one is None else msgspec.structs.replace(skill, editable=str(one.folder), source=one.digest)


def is_stale(skill: Installed) -> bool:
    """Whether the folder that the skill follows has changed since; one that is gone or unreadable has not."""
    if not skill.editable:
        return False
    try:
        return source_digest(Path(skill.editable)) != skill.source
    except (OSError, UsageError):
        return False


def _folder(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if not (path / "pyproject.toml").is_file():
        raise UsageError(
            f"{path} is not the source folder of a skill", hint="--editable takes folders with a pyproject.toml"
        )
    return path
