"""Kill -9 at any moment of an install leaves what was there before, or what was asked for: never a mix."""

import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from fakes.indexes import UNSIGNED, write_index
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel.catalogue.verify import verify_tree
from skillkernel_registry.install import install
from skillkernel_registry.plan import Plan
from skillkernel_registry.progress import Progress

CHILD = """
import os, signal, sys
from pathlib import Path
import anyio
from skillkernel.catalogue.types import Layout
from skillkernel_registry.index import IndexTerms
from skillkernel_registry.install import install
from skillkernel_registry.uninstall import uninstall

home, index, verb, fatal = sys.argv[1:]
seen = 0

def on_progress(progress):
    global seen
    if seen == int(fatal):
        os.kill(os.getpid(), signal.SIGKILL)
    seen += 1

async def main():
    if verb == "install":
        await install(Layout(Path(home)), ["tiny"], index=index, terms=IndexTerms(unsigned=True), consent=lambda plan: True, on_progress=on_progress)
    else:
        await uninstall(Layout(Path(home)), "tiny", purge=True, on_progress=on_progress)

anyio.run(main)
"""


def agree(plan: Plan) -> bool:
    return bool(plan.skills)


def run_child(home: Path, index: Path, verb: str, fatal: int) -> int:
    child = [sys.executable, "-c", CHILD, str(home), str(index), verb, str(fatal)]
    completed = subprocess.run(child, capture_output=True, check=False)
    assert completed.returncode in {0, -9}, completed.stderr.decode()
    return completed.returncode


def content(catalogue: Catalogue) -> Catalogue:
    return msgspec.structs.replace(catalogue, created="")


async def steps_of(layout: Layout, index: Path) -> tuple[int, Catalogue]:
    seen: list[Progress] = []
    await install(layout, ["tiny"], index=str(index), terms=UNSIGNED, consent=agree, on_progress=seen.append)
    return len(seen), read_catalogue(layout)


def assert_clean(layout: Layout) -> None:
    assert not list(layout.store.glob(".*"))
    assert not list((layout.cache / "scratch").iterdir())
    assert not (layout.home / "current.new").exists()
    numbers = [int(folder.name) for folder in layout.generations.iterdir()]
    assert max(numbers) == read_catalogue(layout).generation


@pytest.mark.parametrize("fresh", [True, False], ids=["first install", "upgrade"])
async def test_an_install_that_is_killed_at_any_step_leaves_the_old_or_the_new(
    tmp_path: Path, index: Path, greeting: str, fresh: bool
) -> None:
    start, finished = Layout(tmp_path / "start"), Layout(tmp_path / "finished")
    start.home.mkdir()
    if not fresh:
        await install(start, ["tiny"], index=str(index), terms=UNSIGNED, consent=agree)
        write_index(index, SkillWheelFake(version="2.0", requires=["greeting"], lock=greeting))
    old = read_catalogue(start)
    shutil.copytree(start.home, finished.home, symlinks=True)
    steps, new = await steps_of(finished, index)
    outcomes: set[int] = set()
    for fatal in range(steps):
        home = Layout(tmp_path / f"killed-{fatal}")
        shutil.copytree(start.home, home.home, symlinks=True)
        assert run_child(home.home, index, "install", fatal) == -9
        found = read_catalogue(home)
        assert content(found) in (content(old), content(new)), f"killed at step {fatal}"
        for skill in found.skills:
            verify_tree(home, skill, quick=False)
        outcomes.add(found.generation)
        await install(home, ["tiny"], index=str(index), terms=UNSIGNED, consent=agree)
        assert content(read_catalogue(home)) == content(new)
        assert_clean(home)
        shutil.rmtree(home.home)
    assert outcomes == {old.generation, new.generation}


async def test_an_uninstall_that_is_killed_at_any_step_leaves_the_skill_or_takes_it_away(
    tmp_path: Path, index: Path
) -> None:
    start = Layout(tmp_path / "start")
    start.home.mkdir()
    await install(start, ["tiny"], index=str(index), terms=UNSIGNED, consent=agree)
    fatal = 0
    while True:
        home = Layout(tmp_path / f"killed-{fatal}")
        shutil.copytree(start.home, home.home, symlinks=True)
        if run_child(home.home, index, "uninstall", fatal) == 0:
            break
        found = read_catalogue(home)
        assert (found.generation, len(found.skills)) in {(1, 1), (2, 0)}
        fatal += 1
    assert fatal > 3
    assert read_catalogue(home).skills == ()


async def test_an_install_that_is_stopped_at_any_step_leaves_nothing_behind(tmp_path: Path, index: Path) -> None:
    layout = Layout(tmp_path / "home")
    layout.home.mkdir()
    for fatal in range(100):
        left = [fatal]

        def stop(progress: Progress, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt(progress.stage)

        try:
            await install(layout, ["tiny"], index=str(index), terms=UNSIGNED, consent=agree, on_progress=stop)
        except KeyboardInterrupt:
            assert not list(layout.store.glob(".*"))
            assert not list(layout.cache.glob("scratch/*"))
            if read_catalogue(layout).generation:
                break
    assert [skill.name for skill in read_catalogue(layout).skills] == ["tiny"]
    assert read_catalogue(layout).generation == 1
