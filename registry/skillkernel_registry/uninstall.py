"""`skill uninstall`: a generation without the skill; its data and secrets stay unless they are to be purged."""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
from anyio import to_thread

from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Catalogue, Installed, Layout
from skillkernel.errors import SecretStoreUnusable, UnknownSkill, UsageError
from skillkernel.home import read_config
from skillkernel.near import nearest
from skillkernel.secrets.choose_store import open_store
from skillkernel_registry.generation import exclusive, switch
from skillkernel_registry.progress import OnProgress, silent
from skillkernel_registry.request import parse_named


@dataclass(frozen=True, slots=True)
class UninstallResult:
    """`data` is the skill's data folder, None when it never had one; `purged` says whether it was taken away.

    `secrets` says whether any were found, to be kept, or with `purge` to be deleted.
    """

    skill: Installed
    generation: int
    data: Path | None
    purged: bool
    secrets: bool = False


async def uninstall(
    layout: Layout, name: str, *, purge: bool = False, on_progress: OnProgress = silent
) -> UninstallResult:
    """Take a skill out of the catalogue; with `purge` its data and secrets too.

    Raises `UnknownSkill`, `UsageError` when an installed skill requires it, or, with `purge`, `SecretStoreUnusable`,
    and then nothing was changed. The files stay in the store, so that
    going back to an earlier generation needs no network.
    """
    async with exclusive(layout, on_progress):
        now = read_catalogue(layout)
        skill = _find(now, name)
        secrets = await to_thread.run_sync(partial(_secrets, layout, skill, purge=purge))
        kept = tuple(one for one in now.skills if one.name != name)
        generation = switch(layout, msgspec.structs.replace(now, skills=kept), on_progress)
        data = layout.data(skill.owner)
        there = await to_thread.run_sync(data.is_dir)
        if purge and there:
            await to_thread.run_sync(partial(shutil.rmtree, data))
    return UninstallResult(skill, generation.generation, data if there else None, purge and there, secrets)


def _secrets(layout: Layout, skill: Installed, *, purge: bool) -> bool:
    """Whether any are kept for the skill, after which `purge` has deleted them."""
    store = open_store(layout, read_config(layout.config))
    if purge:
        return store.purge(skill.owner)
    asked = skill.manifest.permissions.secrets
    with suppress(SecretStoreUnusable):  # a keyring that is locked keeps what it has
        return bool(asked and store.read(skill.owner, asked))
    return False


def _find(now: Catalogue, name: str) -> Installed:
    skill = now.skill(name)
    if skill is None:
        raise UnknownSkill(name, nearest(name, (one.name for one in now.skills)))
    dependents = [one.name for one in now.skills if name in _required(one)]
    if dependents:
        raise UsageError(
            f"{name} is required by {', '.join(dependents)}", hint=f"uninstall {' and '.join(dependents)} first"
        )
    return skill


def _required(skill: Installed) -> set[str]:
    return {parse_named(text).name for text in skill.manifest.requires_skills}
