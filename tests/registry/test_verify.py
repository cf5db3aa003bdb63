"""Whatever was changed behind our back is found, all of it at once, and made whole from the very wheel it came from."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from fakes.indexes import UNSIGNED, write_index
from fakes.wheels import SkillWheelFake, write_source
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Installed, Layout
from skillkernel.catalogue.verify import verify_tree
from skillkernel.errors import IntegrityError, Missing, UnknownSkill, UsageError
from skillkernel_registry.build import build
from skillkernel_registry.install import install
from skillkernel_registry.lockfile.repair import repair
from skillkernel_registry.verify import rebuild, verify
from skillkernel_registry.wheel_cache import wheel_place

WHEEL = "skill_tiny-1.0-py3-none-any.whl"


@pytest.fixture
async def tiny(layout: Layout, index: Path) -> Installed:
    """An installed skill with a dependency, and another beside it."""
    write_index(index, *[SkillWheelFake(name="other")], SkillWheelFake(permissions={"secrets": ["key"]}))
    await install(layout, ["tiny", "other"], index=str(index), terms=UNSIGNED, consent=lambda plan: True)
    skill = read_catalogue(layout).skill("tiny")
    assert skill is not None
    return skill


async def test_what_is_as_it_was_installed_has_no_findings(layout: Layout, tiny: Installed) -> None:
    found = await verify(layout)
    assert (found.findings, [skill.name for skill in found.skills]) == ((), ["other", "tiny"])


async def test_every_changed_file_is_found_at_once(layout: Layout, tiny: Installed) -> None:
    package = layout.environment(tiny.store) / "skill_tiny"
    (package / "__init__.py").write_text("evil = 1\n")
    (package / "added.py").write_text("evil = 1\n")
    (package / "skill.json").unlink()
    cached = wheel_place(layout, tiny.wheel, WHEEL)
    cached.write_bytes(b"evil")
    found = {finding.place.rpartition("/")[2]: finding for finding in (await verify(layout)).findings}
    assert {name: finding.problem for name, finding in found.items()} == {
        "__init__.py": "was changed",
        "added.py": "was added",
        "skill.json": "is gone",
        WHEEL: "is not the wheel that its folder is named for",
    }
    assert all(finding.fix for finding in found.values())
    assert {finding.skill for finding in found.values()} == {"tiny", ""}


@pytest.mark.parametrize("name", ["tree.json", "env"])
async def test_a_folder_of_the_store_that_lost_a_part_is_found(layout: Layout, tiny: Installed, name: str) -> None:
    place = layout.store / tiny.store / name
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    (finding,) = (await verify(layout)).findings
    assert (finding.skill, "is missing" in finding.problem) == ("tiny", True)


async def test_bytecode_that_was_changed_is_found_though_its_time_is_the_same(layout: Layout, tiny: Installed) -> None:
    (file,) = (layout.environment(tiny.store) / "skill_tiny" / "__pycache__").glob("*.pyc")
    before = file.stat()
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert [finding.problem for finding in (await verify(layout, ["tiny"])).findings] == ["was changed"]


def edit(layout: Layout, path: str, value: object) -> None:
    """Generation 1 changed by hand, as somebody who wants more would; `path` begins at the skill, or with `/`."""
    file = layout.generations / "1" / "catalogue.json"
    whole = json.loads(file.read_text())
    place: Any = whole if path.startswith("/") else next(one for one in whole["skills"] if one["name"] == "tiny")
    *folders, last = path.strip("/").split("/")
    for folder in folders:
        place = place[int(folder) if folder.isdecimal() else folder]
    place[last] = value
    file.write_text(json.dumps(whole))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("granted/network", ["evil.example:443"], "which it does not ask for"),
        ("manifest/summary", "Other.", "the manifest written down"),
        ("manifest/permissions/network", ["evil.example:443"], "the manifest written down"),
        ("manifest/tools/0/effect", "destroy", "the manifest written down"),
        ("manifest_hash", "0" * 64, "what consent was given to"),
        ("owner", "other-000000000000", "its data folder"),
        ("publisher", "somebody-else", "its data folder"),
        ("tree", "0" * 64, "not the list that was installed"),
        ("store", "0" * 64, "is missing"),
        ("/generation", 7, "says that it is generation 7"),
    ],
)
async def test_a_generation_that_was_changed_by_hand_is_found(
    layout: Layout, tiny: Installed, path: str, value: object, said: str
) -> None:
    edit(layout, path, value)
    findings = (await verify(layout)).findings
    assert any(said in finding.problem for finding in findings), findings


async def test_a_catalogue_that_is_garbage_is_a_finding_with_its_way_out(layout: Layout, tiny: Installed) -> None:
    layout.catalogue.write_text("{")
    findings = (await verify(layout)).findings
    assert findings
    assert "rollback" in findings[0].fix


async def test_one_skill_alone_can_be_looked_at(layout: Layout, tiny: Installed) -> None:
    (layout.environment(tiny.store) / "skill_tiny" / "__init__.py").write_text("")
    assert (await verify(layout, ["other"])).findings == ()
    with pytest.raises(UnknownSkill):
        await verify(layout, ["nothing"])


@pytest.mark.parametrize("kept", [True, False])
async def test_repair_makes_it_whole_from_the_cache_or_the_index(layout: Layout, tiny: Installed, kept: bool) -> None:
    (layout.environment(tiny.store) / "skill_tiny" / "__init__.py").write_text("evil = 1\n")
    if not kept:
        shutil.rmtree(layout.cache / "wheels")
    assert await repair(layout, ["tiny"], terms=UNSIGNED) == ("tiny",)
    assert (await verify(layout)).findings == ()
    assert read_catalogue(layout).skill("tiny") == tiny
    assert read_catalogue(layout).generation == 1


async def test_repair_puts_back_what_was_changed_in_the_generation(layout: Layout, tiny: Installed) -> None:
    edit(layout, "granted/network", ["evil.example:443"])
    assert await repair(layout, ["tiny"], terms=UNSIGNED) == ("tiny",)
    assert read_catalogue(layout).skill("tiny") == tiny
    assert (await verify(layout, ["tiny"])).findings == ()


async def test_repair_takes_no_other_wheel(layout: Layout, tiny: Installed, index: Path) -> None:
    shutil.rmtree(layout.cache / "wheels")
    shutil.rmtree(layout.store / tiny.store)
    write_index(index, SkillWheelFake(extra={"skill_tiny/more.py": b""}))
    with pytest.raises(IntegrityError, match="not the one of the lock"):
        await repair(layout, ["tiny"], terms=UNSIGNED)
    shutil.rmtree(index)
    with pytest.raises(Missing, match=r"tiny 1\.0"):
        await repair(layout, ["tiny"], terms=UNSIGNED)


async def test_installing_again_repairs_too(layout: Layout, tiny: Installed, index: Path) -> None:
    (layout.environment(tiny.store) / "skill_tiny" / "__init__.py").write_text("evil = 1\n")
    await install(layout, ["tiny"], index=str(index), terms=UNSIGNED, consent=lambda plan: True)
    verify_tree(layout, tiny, quick=False)
    assert (await verify(layout)).findings == ()


async def test_the_same_source_gives_the_installed_bytes(layout: Layout, tmp_path: Path) -> None:
    source = write_source(tmp_path / "source")
    built = await build(layout, source)
    assert built.wheel is not None
    await install(layout, [str(built.wheel)], consent=lambda plan: True)
    assert (await rebuild(layout, source)).same
    module = source / "skill_tiny" / "__init__.py"
    module.write_text(module.read_text() + "# one more line\n")
    assert not (await rebuild(layout, source)).same
    with pytest.raises(UsageError, match=r"is tiny 2\.0, and 1\.0 is installed"):
        await rebuild(layout, await _built(layout, write_source(tmp_path / "newer", version="2.0")))


async def _built(layout: Layout, source: Path) -> Path:
    await build(layout, source)
    return source
