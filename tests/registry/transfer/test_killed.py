"""Kill -9 at any step of a copy leaves something that the next run completes, and that never reads as more than it is."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fakes.signed_indexes import SignedIndex
from fakes.signed_use import TRUSTING
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.types import Catalogue, Layout
from skillkernel.errors import SkillKernelError
from skillkernel.names import skill_name
from skillkernel_registry.index import IndexTerms
from skillkernel_registry.indexes.opening import open_indexes
from skillkernel_registry.progress import silent

TAKING_ALL = IndexTerms(unsigned=True, accept_root=TRUSTING.accept_root)
CHILD = """
import os, signal, sys
from pathlib import Path
import anyio
from skillkernel.catalogue.types import Layout
from skillkernel_registry.index import IndexTerms
from skillkernel_registry.transfer.mirror import mirror

home, where, to, fatal, *names = sys.argv[1:]
left = int(fatal)

def on_event(event, arguments):
    global left
    changes = event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree")
    if changes and to in map(str, arguments) or changes and any(str(one).startswith(to + "/") for one in arguments):
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

sys.addaudithook(on_event)
terms = IndexTerms(unsigned=True, accept_root=lambda root: True)
anyio.run(lambda: mirror(Layout(Path(home)), where, Path(to), names, terms=terms))
"""
"""Dies before the step of that number that changes the folder: a file that arrives, a folder that comes or goes."""


def run_child(layout: Layout, where: Path, to: Path, fatal: int, names: list[str]) -> int:
    child = [sys.executable, "-c", CHILD, str(layout.home), str(where), str(to), str(fatal), *names]
    completed = subprocess.run(child, capture_output=True, check=False)
    assert completed.returncode in {0, -9}, completed.stderr.decode()
    return completed.returncode


async def everything_in(layout: Layout, to: Path) -> set[str] | None:
    """Every NAME VERSION that the copy offers, each of which has to be there; None when it is no index yet."""
    try:
        index = await open_indexes(layout, str(to), TAKING_ALL, Catalogue())
    except SkillKernelError:
        return None
    offered: set[str] = set()
    try:
        for line in await index.lines():
            for release in (await index.record(skill_name(line.name))).releases:
                await index.wheel(skill_name(line.name), release, silent)
                offered.add(f"{line.name} {release.version}")
    finally:
        await index.aclose()
    return offered


@pytest.mark.parametrize("kind", ["plain", "signed"])
@pytest.mark.parametrize("names", [[], ["base"]], ids=["whole", "some"])
async def test_a_first_copy_that_is_killed_at_any_step_is_no_index_or_all_of_it(
    layout: Layout, plain: Path, signed: SignedIndex, tmp_path: Path, kind: str, names: list[str]
) -> None:
    where = plain if kind == "plain" else signed.folder
    whole = {"base 1.0"} if names else {"base 1.0", "maps 1.0", "tiny 1.0"}
    seen: list[set[str] | None] = []
    for fatal in range(0, 200, 4 if not names else 2):
        to, reader = tmp_path / f"copy-{fatal}", Layout(tmp_path / f"reader-{fatal}")
        ended = run_child(layout, where, to, fatal, names)
        seen.append(await everything_in(reader, to) if to.is_dir() else None)
        assert seen[-1] in (None, whole), f"killed at step {fatal}"
        if ended == 0:
            break
        assert run_child(layout, where, to, 1000, names) == 0, "the next run goes on there"
        assert await everything_in(Layout(tmp_path / f"later-{fatal}"), to) == whole
        assert not (to / ".incoming").exists()
    assert seen[0] is None
    assert seen[-1] == whole
    assert len(seen) > 3


async def test_an_update_that_is_killed_at_any_step_leaves_the_old_or_the_new(
    layout: Layout, signed: SignedIndex, tmp_path: Path
) -> None:
    start = tmp_path / "start"
    assert run_child(layout, signed.folder, start, 1000, ["base"]) == 0
    signed.add(SkillWheelFake(name="base", version="2.0"), SkillWheelFake(name="maps", version="2.0"))
    old, new = {"base 1.0"}, {"base 1.0", "base 2.0", "maps 1.0", "maps 2.0"}
    seen: list[set[str] | None] = []
    for fatal in range(0, 200, 2):
        to = tmp_path / f"copy-{fatal}"
        shutil.copytree(start, to)
        ended = run_child(layout, signed.folder, to, fatal, ["maps"])
        seen.append(await everything_in(Layout(tmp_path / f"reader-{fatal}"), to))
        assert seen[-1] in (old, {"base 1.0", "base 2.0"}, new), f"killed at step {fatal}"
        if ended == 0:
            break
        assert run_child(layout, signed.folder, to, 1000, ["maps"]) == 0
        assert await everything_in(Layout(tmp_path / f"later-{fatal}"), to) == new
    assert (seen[0], seen[-1]) == (old, new)
