"""The repository's own skills, with their real dependencies: these tests need a package registry within reach."""

import json
from pathlib import Path

import pytest

import skillkernel_registry
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Layout
from skillkernel.catalogue.verify import verify_tree
from skillkernel.worker.run_once import run_sandboxed
from skillkernel_registry.build import build
from skillkernel_registry.install import install

REPOSITORY = Path(skillkernel_registry.__file__).parents[2]
SOURCES: dict[str, str] = json.loads((REPOSITORY / "index.json").read_text())["sources"]


@pytest.fixture(autouse=True)
def package_registry(no_package_registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for packages where this machine does."""
    for name in ("UV_FIND_LINKS", "UV_OFFLINE", "UV_CACHE_DIR"):
        monkeypatch.delenv(name)


@pytest.mark.parametrize("name", SOURCES)
async def test_the_committed_manifest_and_lock_are_what_the_functions_say(layout: Layout, name: str) -> None:
    result = await build(layout, REPOSITORY / SOURCES[name], check=True)
    assert result.manifest.name == name


async def test_every_first_party_skill_installs_by_name_alone_and_can_be_imported(layout: Layout) -> None:
    await install(layout, sorted(SOURCES), consent=lambda plan: True)
    installed = read_catalogue(layout).skills
    assert [skill.name for skill in installed] == sorted(SOURCES)
    for skill in installed:
        assert (skill.index, skill.publisher) == ("first-party", "skillkernel")
        verify_tree(layout, skill, quick=False)
        completed = run_sandboxed(
            ["-c", f"import {skill.module}"],
            python_path=[layout.environment(skill.store)],
            timeout=60,
            uid_key=skill.owner,
        )
        assert completed.returncode == 0, completed.stderr.decode()
