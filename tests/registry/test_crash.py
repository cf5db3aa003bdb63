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
from skillkernel_registry.history import kept_generations
from skillkernel_registry.install import install
from skillkernel_registry.lockfile.locking import lock_installed, write_lock_file
from skillkernel_registry.plan import Plan
from skillkernel_registry.progress import Progress

CHILD = """
import os, signal, sys
from pathlib import Path
import anyio
from skillkernel.catalogue.types import Layout
from skillkernel_registry.cache.clean import clean
from skillkernel_registry.index import IndexTerms
from skillkernel_registry.install import install
from skillkernel_registry.lockfile.locking import read_lock_file
from skillkernel_registry.lockfile.sync import sync
from skillkernel_registry.uninstall import uninstall

home, index, command, fatal = sys.argv[1:]
verb, *requests = command.split()
seen = 0

def on_progress(progress):
    global seen
    if seen == int(fatal):
        reached(Path(home) / "filler")
    seen += 1

def reached(filler):
    if os.environ.get("FATAL") != "full disk":
        os.kill(os.getpid(), signal.SIGKILL)
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass

async def main():
    if verb == "install":
        await install(Layout(Path(home)), requests, index=index, terms=IndexTerms(unsigned=True), consent=lambda plan: True, on_progress=on_progress)
    elif verb == "sync":
        lock = Path(index, "skill.lock")
        await sync(Layout(Path(home)), read_lock_file(lock), lock, terms=IndexTerms(unsigned=True), consent=lambda plan: True, on_progress=on_progress)
    elif verb == "clean":
        await clean(Layout(Path(home)), keep=1, on_progress=on_progress)
    else:
        await uninstall(Layout(Path(home)), "tiny", purge=True, on_progress=on_progress)

anyio.run(main)
"""


class Stopped(BaseException):
    """What ends an install from outside."""


def agree(plan: Plan) -> bool:
    return bool(plan.skills)


def run_child(home: Path, index: Path, verb: str, fatal: int) -> int:
    child = [sys.executable, "-c", CHILD, str(home), str(index), verb, str(fatal)]
    completed = subprocess.run(child, capture_output=True, check=False)
    assert completed.returncode in {0, -9}, completed.stderr.decode()
    return completed.returncode


def content(catalogue: Catalogue) -> Catalogue:
    return msgspec.structs.replace(catalogue, created="")


async def steps_of(layout: Layout, index: Path, request: str) -> tuple[int, Catalogue]:
    seen: list[Progress] = []
    await install(layout, [request], index=str(index), terms=UNSIGNED, consent=agree, on_progress=seen.append)
    return len(seen), read_catalogue(layout)


def assert_clean(layout: Layout) -> None:
    assert not list(layout.store.glob(".*"))
    assert not list((layout.cache / "scratch").iterdir())
    assert not (layout.home / "current.new").exists()
    numbers = [int(folder.name) for folder in layout.generations.iterdir()]
    assert max(numbers) == read_catalogue(layout).generation


@pytest.mark.parametrize(("fresh", "wanted"), [(True, "tiny"), (False, "tiny==2.0")], ids=["first install", "upgrade"])
async def test_an_install_that_is_killed_at_any_step_leaves_the_old_or_the_new(
    tmp_path: Path, index: Path, greeting: str, fresh: bool, wanted: str
) -> None:
    start, finished = Layout(tmp_path / "start"), Layout(tmp_path / "finished")
    start.home.mkdir()
    if not fresh:
        await install(start, ["tiny"], index=str(index), terms=UNSIGNED, consent=agree)
        write_index(index, SkillWheelFake(version="2.0", requires=["greeting"], lock=greeting))
    old = read_catalogue(start)
    shutil.copytree(start.home, finished.home, symlinks=True)
    steps, new = await steps_of(finished, index, wanted)
    assert [skill.version for skill in new.skills] == ["1.0" if fresh else "2.0"]
    outcomes: set[int] = set()
    for fatal in range(steps):
        home = Layout(tmp_path / f"killed-{fatal}")
        shutil.copytree(start.home, home.home, symlinks=True)
        assert run_child(home.home, index, f"install {wanted}", fatal) == -9
        found = read_catalogue(home)
        assert content(found) in (content(old), content(new)), f"killed at step {fatal}"
        for skill in found.skills:
            verify_tree(home, skill, quick=False)
        outcomes.add(found.generation)
        await install(home, [wanted], index=str(index), terms=UNSIGNED, consent=agree)
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
                raise Stopped(progress.stage)

        try:
            await install(layout, ["tiny"], index=str(index), terms=UNSIGNED, consent=agree, on_progress=stop)
        except (Stopped, BaseExceptionGroup):
            assert not list(layout.store.glob(".*"))
            assert not list(layout.cache.glob("scratch/*"))
            if read_catalogue(layout).generation:
                break
    assert [skill.name for skill in read_catalogue(layout).skills] == ["tiny"]
    assert read_catalogue(layout).generation == 1


async def test_a_sync_that_is_killed_at_any_step_leaves_all_of_the_old_or_all_of_the_new(
    tmp_path: Path, greeting: str
) -> None:
    index, start, wanted = tmp_path / "index", Layout(tmp_path / "start"), Layout(tmp_path / "wanted")
    write_index(index, SkillWheelFake(), SkillWheelFake(name="gone"))
    for home in (start, wanted):
        home.home.mkdir()
    await install(start, ["tiny", "gone"], index=str(index), terms=UNSIGNED, consent=agree)
    old = read_catalogue(start)
    write_index(index, SkillWheelFake(version="2.0", requires=["greeting"], lock=greeting), SkillWheelFake(name="new"))
    await install(wanted, ["tiny", "new"], index=str(index), terms=UNSIGNED, consent=agree)
    write_lock_file(await lock_installed(wanted), index / "skill.lock")
    new = read_catalogue(wanted).skills
    fatal, outcomes = 0, set[int]()
    while True:
        home = Layout(tmp_path / f"killed-{fatal}")
        shutil.copytree(start.home, home.home, symlinks=True)
        ended = run_child(home.home, index, "sync", fatal)
        found = read_catalogue(home)
        assert found.skills in (old.skills, new), f"killed at step {fatal}"
        for skill in found.skills:
            verify_tree(home, skill, quick=False)
        outcomes.add(found.generation)
        assert run_child(home.home, index, "sync", 1000) == 0
        assert read_catalogue(home).skills == new
        assert read_catalogue(home).generation == 2
        shutil.rmtree(home.home)
        if ended == 0:
            break
        fatal += 1
    assert outcomes == {1, 2}


async def test_a_cleaning_that_is_killed_at_any_step_takes_nothing_away_that_is_needed(
    tmp_path: Path, greeting: str
) -> None:
    index, start = tmp_path / "index", Layout(tmp_path / "start")
    start.home.mkdir()
    for version in ("1.0", "2.0", "3.0"):
        write_index(index, SkillWheelFake(version=version, requires=["greeting"], lock=greeting))
        await install(start, [f"tiny=={version}"], index=str(index), terms=UNSIGNED, consent=agree)
    (now,) = read_catalogue(start).skills
    fatal = 0
    while True:
        home = Layout(tmp_path / f"killed-{fatal}")
        shutil.copytree(start.home, home.home, symlinks=True)
        ended = run_child(home.home, index, "clean", fatal)
        for kept in kept_generations(home):
            assert kept.catalogue is not None, f"killed at step {fatal}"
        assert read_catalogue(home).skills == (now,)
        verify_tree(home, now, quick=False)
        assert run_child(home.home, index, "clean", 1000) == 0
        assert [path.name for path in home.store.iterdir()] == [now.store]
        assert [path.name for path in home.generations.iterdir()] == ["3"]
        assert not list((home.cache / "scratch").glob("*"))
        verify_tree(home, now, quick=False)
        shutil.rmtree(home.home)
        if ended == 0:
            break
        fatal += 1
    assert fatal > 10


def small_disk(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script with a file system of 3 MB at its first argument, in a mount namespace of its own."""
    mounted = f'mount -t tmpfs -o size=3m,mode=0700 none "$1" && {script}'
    return subprocess.run(
        ["unshare", "-m", "sh", "-ec", mounted, "sh", *arguments], capture_output=True, text=True, check=False
    )


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """A folder that a small file system can be mounted on."""
    place = tmp_path / "disk"
    place.mkdir()
    if shutil.which("unshare") is None or small_disk("true", str(place)).returncode != 0:
        pytest.skip("no file system can be mounted here: that takes root and a mount namespace")
    return place


FULL = """
cp -a "$2/." "$1/home"
status=0
FATAL="full disk" "$3" -c "$4" "$1/home" "$5" "$6" "$7" 2>"$1.said" || status=$?
rm -f "$1/home/filler"
echo "$status"
"$3" -c "$8" "$1/home"
"$3" -c "$4" "$1/home" "$5" "$6" 1000 2>>"$1.said" || true
"$3" -c "$8" "$1/home"
"""
LOOK = """
import sys
from pathlib import Path
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Layout
from skillkernel.catalogue.verify import verify_tree
layout = Layout(Path(sys.argv[1]))
skills = read_catalogue(layout).skills
for skill in skills:
    verify_tree(layout, skill, quick=False)
print(" ".join(f"{skill.name}-{skill.version}" for skill in skills) or "nothing", len(list(layout.store.glob(".*"))))
"""


@pytest.mark.parametrize(
    ("verb", "old", "new"),
    [
        ("install tiny", "nothing 0", "tiny-2.0 0"),
        ("sync", "tiny-1.0 0", "tiny-2.0 0"),
        ("uninstall", "tiny-1.0 0", "nothing 0"),
        ("clean", "tiny-1.0 0", "tiny-1.0 0"),
    ],
)
async def test_a_disk_that_is_full_at_any_step_leaves_the_old_or_the_new(
    tmp_path: Path, disk: Path, greeting: str, verb: str, old: str, new: str
) -> None:
    index, start, wanted = tmp_path / "index", Layout(tmp_path / "start"), Layout(tmp_path / "wanted")
    for home in (start, wanted):
        home.home.mkdir()
    if old != "nothing 0":
        write_index(index, SkillWheelFake())
        await install(start, ["tiny"], index=str(index), terms=UNSIGNED, consent=agree)
    write_index(index, SkillWheelFake(version="2.0", requires=["greeting"], lock=greeting))
    await install(wanted, ["tiny"], index=str(index), terms=UNSIGNED, consent=agree)
    write_lock_file(await lock_installed(wanted), index / "skill.lock")
    ends: list[str] = []
    for fatal in range(0, 40, 3):
        ran = small_disk(FULL, str(disk), str(start.home), sys.executable, CHILD, str(index), verb, str(fatal), LOOK)
        assert ran.returncode == 0, (fatal, ran.stderr)
        status, then, after = ran.stdout.splitlines()
        assert then.split()[0] in (old.split()[0], new.split()[0]), (fatal, ran.stdout)
        assert after == new, (fatal, ran.stdout)
        ends.append(status)
    assert "0" in ends
    assert set(ends) == {"0", "1"} or verb in {"uninstall", "clean"}  # these two need next to no room
