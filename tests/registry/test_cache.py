"""What takes room, and the cleaning that takes nothing away that anybody needs."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from fakes.command import NOTES
from fakes.indexes import UNSIGNED, write_index
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Installed, Layout
from skillkernel.catalogue.verify import verify_tree
from skillkernel.errors import IntegrityError
from skillkernel.kernel import Kernel
from skillkernel.worker.hold import hold, let_go
from skillkernel_registry.cache.clean import clean
from skillkernel_registry.cache.in_use import cache_in_use
from skillkernel_registry.cache.leftover import old_generations
from skillkernel_registry.cache.size import shares, size_of
from skillkernel_registry.generation import generation_numbers
from skillkernel_registry.install import install
from skillkernel_registry.plan import Plan
from skillkernel_registry.progress import Progress, Stage
from skillkernel_registry.rollback import rollback
from skillkernel_registry.uninstall import uninstall

NOW = datetime(2026, 11, 24, tzinfo=UTC)
LATER = timedelta(days=365)


async def put_in(layout: Layout, index: Path, request: str) -> Installed:
    await install(layout, [request], index=str(index), terms=UNSIGNED, consent=lambda plan: True)
    return read_catalogue(layout).skills[0]


async def two_versions(layout: Layout, tmp_path: Path) -> tuple[Installed, Installed, Path]:
    index = write_index(tmp_path / "index", SkillWheelFake())
    old = await put_in(layout, index, "tiny")
    new = await put_in(layout, write_index(index, SkillWheelFake(version="2.0")), "tiny==2.0")
    return old, new, index


def test_the_newest_ten_and_all_of_a_month_stay() -> None:
    days = [(number, (NOW - timedelta(days=100 - number)).isoformat()) for number in range(1, 101)]
    assert old_generations(days, 100, None, NOW) == set(range(1, 71))
    old = [(number, "2020-01-01T00:00:00+00:00") for number in range(1, 21)]
    assert old_generations(old, 20, None, NOW) == set(range(1, 11))
    assert old_generations(old, 20, 3, NOW) == set(range(1, 18))
    assert old_generations(old, 2, 1, NOW) == set(range(1, 20)) - {2}
    assert old_generations([(1, "no time"), (2, "2026-11-24")], 2, 1, NOW) == {1}


async def test_what_an_earlier_generation_needs_stays(layout: Layout, tmp_path: Path) -> None:
    old, new, _ = await two_versions(layout, tmp_path)
    cleaned = await clean(layout)
    assert cleaned.generations == ()
    assert {path.name for path in layout.store.iterdir()} == {old.store, new.store}
    await rollback(layout)
    verify_tree(layout, old, quick=False)


async def test_what_no_generation_names_goes(layout: Layout, tmp_path: Path) -> None:
    old, new, _ = await two_versions(layout, tmp_path)
    cleaned = await clean(layout, keep=1)
    assert cleaned.generations == (1,)
    assert {"generations", "store", "wheels", "bytecode"} <= cleaned.freed.keys()
    assert [path.name for path in layout.store.iterdir()] == [new.store]
    assert [path.name for path in (layout.cache / "wheels").iterdir()] == [new.wheel]
    assert not (layout.cache / "stamps" / old.store).exists()
    verify_tree(layout, new, quick=False)


async def test_cleaning_twice_frees_nothing_more(layout: Layout, tmp_path: Path) -> None:
    await two_versions(layout, tmp_path)
    await clean(layout, keep=1)
    assert (await clean(layout, keep=1)).freed == {}


async def test_a_skill_can_be_installed_again_after_everything_went(layout: Layout, tmp_path: Path) -> None:
    _, new, index = await two_versions(layout, tmp_path)
    await uninstall(layout, "tiny")
    await clean(layout, keep=1, everything=True)
    assert list(layout.store.iterdir()) == []
    assert await put_in(layout, index, "tiny") == new


async def test_an_old_generation_goes_when_its_time_has_come(layout: Layout, tmp_path: Path) -> None:
    await two_versions(layout, tmp_path)
    await clean(layout, now=datetime.now(UTC) + LATER)
    assert generation_numbers(layout) == [1, 2]


async def test_the_store_folder_of_a_running_worker_stays(layout: Layout, tmp_path: Path) -> None:
    old, _, _ = await two_versions(layout, tmp_path)
    descriptor = hold(layout.environment(old.store))
    try:
        assert (await clean(layout, keep=1)).held == (old.store,)
        verify_tree(layout, old, quick=False)
    finally:
        let_go(descriptor)
    assert (await clean(layout, keep=1)).held == ()
    assert not (layout.store / old.store).exists()


async def test_a_real_worker_holds_its_folder(layout: Layout) -> None:
    await install(layout, [str(NOTES)], consent=lambda plan: True)
    (notes,) = read_catalogue(layout).skills
    async with Kernel(layout.home, yes=True) as kernel:
        assert (await kernel.call("notes.count", {})).ok
        await uninstall(layout, "notes")
        assert (await clean(layout, keep=1)).held == (notes.store,)
    assert (await clean(layout, keep=1)).held == ()
    assert not (layout.store / notes.store).exists()


async def test_cleaning_waits_for_an_install_whose_person_is_still_thinking(layout: Layout, tmp_path: Path) -> None:
    index = write_index(tmp_path / "index", SkillWheelFake())
    waiting = anyio.Event()
    said: list[Progress] = []

    def on_progress(progress: Progress) -> None:
        said.append(progress)
        if progress.stage is Stage.WAIT:
            waiting.set()

    async with anyio.create_task_group() as tasks:

        async def think(plan: Plan) -> bool:
            tasks.start_soon(lambda: clean(layout, everything=True, on_progress=on_progress))
            await waiting.wait()
            return True

        await install(layout, ["tiny"], index=str(index), terms=UNSIGNED, consent=think)
    assert said[0].stage is Stage.WAIT
    verify_tree(layout, read_catalogue(layout).skills[0], quick=False)


async def test_many_may_use_the_cache_at_once(layout: Layout) -> None:
    with cache_in_use(layout), cache_in_use(layout):
        pass


async def test_a_damaged_generation_keeps_the_store_as_it_is(layout: Layout, tmp_path: Path) -> None:
    old, new, _ = await two_versions(layout, tmp_path)
    (layout.generations / "1" / "catalogue.json").write_text("{")
    cleaned = await clean(layout)
    assert cleaned.unreadable == (1,)
    assert {path.name for path in layout.store.iterdir()} == {old.store, new.store}


async def test_with_a_damaged_catalogue_in_force_nothing_is_cleaned(layout: Layout, tmp_path: Path) -> None:
    await two_versions(layout, tmp_path)
    layout.catalogue.write_text("{")
    before = sorted(layout.home.rglob("*"))
    with pytest.raises(IntegrityError):
        await clean(layout, keep=1)
    assert [path for path in before if not path.exists()] == []


async def test_links_out_of_the_cache_are_not_followed(layout: Layout, tmp_path: Path) -> None:
    await two_versions(layout, tmp_path)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter").write_text("dear")
    for name in ("wheels", "built", "origins"):
        (layout.cache / name).mkdir(exist_ok=True)
        (layout.cache / name / "link").symlink_to(mine)
    (layout.store / "link").symlink_to(mine)
    await clean(layout, keep=1, everything=True)
    assert (mine / "letter").read_text() == "dear"


async def test_what_takes_room_is_told_with_what_can_go(layout: Layout, tmp_path: Path) -> None:
    old, _, _ = await two_versions(layout, tmp_path)
    await uninstall(layout, "tiny")
    rows = {row.name: row for row in await shares(layout)}
    assert rows["store"].size == size_of(layout.store)
    assert rows["store"].spare == 0
    assert rows["bytecode"].size == rows["bytecode"].spare > 0
    assert rows["uv"].place == Path(os.environ["UV_CACHE_DIR"])
    for number in (1, 2):
        (layout.generations / str(number) / "catalogue.json").unlink()
        (layout.generations / str(number)).rmdir()
    rows = {row.name: row for row in await shares(layout)}
    assert rows["store"].spare == rows["store"].size > size_of(layout.store / old.store)
    assert rows["wheels"].spare == rows["wheels"].size > 0
