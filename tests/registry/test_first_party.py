"""The index that comes with skillkernel: from a clone, and inside the wheel that the build hook makes."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import anyio
import pytest

import skillkernel_registry
from fakes.indexes import UNSIGNED
from fakes.wheels import write_source
from skillkernel.catalogue.types import Layout
from skillkernel.errors import ManifestError
from skillkernel.names import skill_name
from skillkernel_registry.build import build
from skillkernel_registry.first_party import FIRST_PARTY, first_party_folder
from skillkernel_registry.index_format import parse_index
from skillkernel_registry.indexes.opening import open_index
from skillkernel_registry.progress import silent
from skillkernel_registry.wheel import inspect_wheel

REPOSITORY = Path(skillkernel_registry.__file__).parents[2]
PROBE = """
import anyio, sys
from pathlib import Path
from skillkernel.catalogue.types import Layout
from skillkernel.names import skill_name
from skillkernel_registry.indexes.opening import open_index
from skillkernel_registry.progress import silent
from skillkernel_registry.wheel import inspect_wheel

async def main():
    index = await open_index(Layout(Path(sys.argv[1])), None)
    for line in await index.lines():
        record = await index.record(skill_name(line.name))
        wheel = inspect_wheel(await index.wheel(skill_name(line.name), record.releases[0], silent))
        print(index.identity, record.publisher, wheel.manifest.name, wheel.manifest.version, wheel.sha256)

anyio.run(main)
"""


@pytest.fixture
def repository(tmp_path: Path, layout: Layout) -> Path:
    """A copy of this repository with one small skill in place of its own."""
    root = tmp_path / "repository"
    root.mkdir()
    for name in ("core", "registry", "cli"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, root / name)
    anyio.run(build, layout, write_source(root / "skills" / "tiny"))
    sources = {
        "index_version": 1,
        "name": "skillkernel",
        "publisher": "skillkernel",
        "sources": {"tiny": "skills/tiny"},
    }
    (root / "index.json").write_text(json.dumps(sources))
    return root


def make(root: Path, kind: str, to: Path) -> Path:
    code = f"import sys; from hatchling.build import {kind}; print({kind}(sys.argv[1]))"
    completed = subprocess.run(
        [sys.executable, "-c", code, str(to)], cwd=root, capture_output=True, text=True, check=True
    )
    return to / completed.stdout.split()[-1]


def probe(package_folders: list[Path], home: Path) -> list[list[str]]:
    """What the embedded index holds for a skillkernel that is imported from these folders."""
    code = f"import sys; sys.path[:0] = {[str(folder) for folder in package_folders]!r}\n{PROBE}"
    completed = subprocess.run(
        [sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=True, cwd=home.parent
    )
    return [line.split() for line in completed.stdout.splitlines()]


def test_a_clone_has_its_own_index() -> None:
    assert first_party_folder() == REPOSITORY
    index = parse_index((REPOSITORY / "index.json").read_bytes(), "index.json")
    assert index.sources is not None
    for name, folder in index.sources.items():
        assert (REPOSITORY / folder / "pyproject.toml").is_file(), name


async def test_the_repository_named_by_its_path_is_the_same_index(layout: Layout) -> None:
    for where in (None, str(REPOSITORY), f"file://{REPOSITORY}/index.json"):
        index = await open_index(layout, where, UNSIGNED)
        assert index.identity == FIRST_PARTY
        await index.aclose()


def test_the_wheel_holds_a_published_index_with_true_hashes(repository: Path, tmp_path: Path) -> None:
    wheel = make(repository, "build_wheel", tmp_path)
    installed = tmp_path / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    record = json.loads((installed / "skillkernel_registry/embedded_index/skills/tiny.json").read_text())
    kept = installed / "skillkernel_registry/embedded_index/wheels" / record["releases"][0]["wheel"]
    assert inspect_wheel(kept).sha256 == record["releases"][0]["sha256"]
    (from_wheel,) = probe([installed], tmp_path / "home-wheel")
    assert from_wheel[:4] == ["first-party", "skillkernel", "tiny", "1.0"]
    (from_clone,) = probe([repository / name for name in ("core", "registry")], tmp_path / "home-clone")
    assert from_clone == from_wheel


def test_a_wheel_made_from_the_sdist_holds_the_same_index(repository: Path, tmp_path: Path) -> None:
    direct = make(repository, "build_wheel", tmp_path / "direct")
    sdist = make(repository, "build_sdist", tmp_path)
    subprocess.run(["tar", "-xzf", sdist.name], cwd=tmp_path, check=True)
    root = tmp_path / sdist.name.removesuffix(".tar.gz")
    indirect = make(root, "build_wheel", tmp_path / "indirect")
    assert index_files(direct) == index_files(indirect) != {}


def index_files(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if "/embedded_index/" in name}


async def test_a_source_without_its_manifest_says_what_to_run(layout: Layout, tmp_path: Path) -> None:
    write_source(tmp_path / "skills" / "tiny")
    (tmp_path / "index.json").write_text('{"index_version": 1, "name": "x", "sources": {"tiny": "skills/tiny"}}')
    index = await open_index(layout, str(tmp_path), UNSIGNED)
    with pytest.raises(ManifestError) as caught:
        await index.record(skill_name("tiny"))
    assert "skill build" in caught.value.hint


async def test_one_broken_source_hides_no_other(layout: Layout, tmp_path: Path) -> None:
    await build(layout, write_source(tmp_path / "skills" / "tiny"))
    (tmp_path / "skills" / "broken").mkdir()
    sources = {"tiny": "skills/tiny", "broken": "skills/broken"}
    (tmp_path / "index.json").write_text(json.dumps({"index_version": 1, "name": "x", "sources": sources}))
    index = await open_index(layout, str(tmp_path), UNSIGNED)
    assert [line.name for line in await index.lines()] == ["tiny"]
    record = await index.record(skill_name("tiny"))
    wheel = await index.wheel(skill_name("tiny"), record.releases[0], silent)
    assert inspect_wheel(wheel).manifest.name == "tiny"
