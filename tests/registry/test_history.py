"""What each generation changed, said from the generations alone; and what is done when one of them is damaged."""

from pathlib import Path

import pytest

from fakes.indexes import UNSIGNED, write_index
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Layout
from skillkernel.errors import IntegrityError
from skillkernel_registry.generation import generation_numbers
from skillkernel_registry.grants import grant, revoke
from skillkernel_registry.history import history
from skillkernel_registry.install import install
from skillkernel_registry.rollback import rollback
from skillkernel_registry.settings import change_settings
from skillkernel_registry.uninstall import uninstall

SCHEMA = {"type": "object", "properties": {"server": {"type": "string"}}}


async def put_in(layout: Layout, index: Path, request: str, *, ask: bool | None = None) -> None:
    await install(layout, [request], index=str(index), terms=UNSIGNED, consent=lambda plan: True, ask_at_use=ask)


def told(layout: Layout) -> list[tuple[int, list[tuple[str, str, str, str]]]]:
    return [(one.kept.number, [(c.skill, c.change, c.before, c.after) for c in one.changes]) for one in history(layout)]


async def test_every_kind_of_change_is_told(layout: Layout, tmp_path: Path) -> None:
    def fake(version: str) -> SkillWheelFake:
        return SkillWheelFake(version=version, permissions={"secrets": ["key"]}, manifest={"settings": SCHEMA})

    index = write_index(tmp_path / "index", fake("1.0"))
    await put_in(layout, index, "tiny")
    write_index(index, fake("2.0"))
    await put_in(layout, index, "tiny==2.0")
    await revoke(layout, "tiny", None)
    await grant(layout, "tiny", None, consent=lambda change: True)
    await change_settings(layout, "tiny", {"server": "x"}, consent=lambda change: True)
    await put_in(layout, index, "tiny", ask=True)
    await rollback(layout, to=1)
    await uninstall(layout, "tiny")
    assert told(layout) == [
        (8, [("tiny", "removed", "1.0", "")]),
        (7, [("tiny", "downgraded", "2.0", "1.0"), ("tiny", "set", "", ""), ("tiny", "asking", "", "no")]),
        (6, [("tiny", "asking", "", "yes")]),
        (5, [("tiny", "set", "", "")]),
        (4, [("tiny", "granted", "", "")]),
        (3, [("tiny", "revoked", "", "")]),
        (2, [("tiny", "upgraded", "1.0", "2.0")]),
        (1, [("tiny", "installed", "", "1.0"), ("tiny", "granted", "", "")]),
    ]
    assert [one.kept.number for one in history(layout) if one.in_force] == [8]


async def test_another_publishers_skill_is_a_replacement(layout: Layout, tmp_path: Path) -> None:
    index = write_index(tmp_path / "index", SkillWheelFake())
    await put_in(layout, index, "tiny")
    await put_in(layout, write_index(index, SkillWheelFake(version="2.0"), publisher="other"), "tiny==2.0")
    assert told(layout)[0] == (2, [("tiny", "replaced", "1.0", "2.0")])


async def test_without_any_install_there_is_no_history(layout: Layout) -> None:
    assert history(layout) == ()


@pytest.mark.parametrize("data", [b"", b"\x00" * 50, b"{", b"[]", b'{"catalogue_version": 99}', b'{"skills": "x"}'])
async def test_a_catalogue_that_is_garbage_is_told_and_rolled_back(layout: Layout, tmp_path: Path, data: bytes) -> None:
    index = write_index(tmp_path / "index", SkillWheelFake())
    await put_in(layout, index, "tiny")
    await put_in(layout, write_index(index, SkillWheelFake(version="2.0")), "tiny==2.0")
    layout.catalogue.write_bytes(data)
    with pytest.raises(IntegrityError) as caught:
        read_catalogue(layout)
    assert "skill rollback" in caught.value.hint
    newest, older = history(layout)
    assert newest.kept.problem
    assert (newest.in_force, older.kept.problem) == (True, "")
    await rollback(layout)
    assert [skill.version for skill in read_catalogue(layout).skills] == ["1.0"]


@pytest.mark.parametrize("target", ["generations/99", "nowhere", "generations/x", ""])
async def test_a_current_that_points_nowhere_is_told_and_rolled_back(
    layout: Layout, tmp_path: Path, target: str
) -> None:
    index = write_index(tmp_path / "index", SkillWheelFake())
    await put_in(layout, index, "tiny")
    await put_in(layout, write_index(index, SkillWheelFake(version="2.0")), "tiny==2.0")
    layout.current.unlink()
    if target:
        layout.current.symlink_to(target)
    with pytest.raises(IntegrityError) as caught:
        await put_in(layout, index, "tiny")
    assert "skill rollback" in caught.value.hint
    await rollback(layout)
    assert [skill.version for skill in read_catalogue(layout).skills] == ["2.0"]
    assert generation_numbers(layout) == [1, 2, 3]


async def test_generations_that_no_crash_explains_are_left_alone(layout: Layout, tmp_path: Path) -> None:
    index = write_index(tmp_path / "index", SkillWheelFake(), SkillWheelFake(name="other"))
    for name in ("tiny", "other"):
        await put_in(layout, index, name)
    await uninstall(layout, "tiny")
    layout.current.unlink()
    layout.current.symlink_to("generations/1")
    await put_in(layout, index, "other")
    assert generation_numbers(layout) == [1, 2, 3, 4]
    assert [skill.name for skill in read_catalogue(layout).skills] == ["other", "tiny"]
