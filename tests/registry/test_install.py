"""Installing: from names, with consent, all or nothing."""

import os
import stat
import sys
from pathlib import Path

import anyio
import pytest

from fakes.indexes import UNSIGNED, write_index
from fakes.wheels import HELLO_TOOL, SkillWheelFake, pin, write_library
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Layout
from skillkernel.catalogue.verify import verify_tree
from skillkernel.errors import ApprovalRefused, IntegrityError, Missing, UnknownSkill, UsageError
from skillkernel_registry.errors import SkillNotFound, UnsafeWheel
from skillkernel_registry.install import InstallResult, install
from skillkernel_registry.plan import Plan
from skillkernel_registry.progress import Progress, Stage
from skillkernel_registry.rollback import rollback
from skillkernel_registry.uninstall import uninstall


class Person:
    """Somebody who is asked; `plans` is what they were shown."""

    def __init__(self, answer: bool = True) -> None:
        self.answer = answer
        self.plans: list[Plan] = []

    async def __call__(self, plan: Plan) -> bool:
        self.plans.append(plan)
        return self.answer


async def put_in(layout: Layout, *requests: str, index: Path, person: Person | None = None) -> InstallResult:
    return await install(layout, requests, index=str(index), terms=UNSIGNED, consent=person or Person())


def poison(name: str) -> None:
    """Change or add a file in uv's cache, as an edit of a hard link in some environment does."""
    cached = [path for path in Path(os.environ["UV_CACHE_DIR"]).rglob("greeting.py") if path.is_file()]
    assert cached
    for path in cached:
        path.with_name(name).write_text("evil = 1\n")


def names(layout: Layout) -> list[tuple[str, str]]:
    return [(skill.name, skill.version) for skill in read_catalogue(layout).skills]


async def test_a_skill_is_there_after_its_install(layout: Layout, index: Path) -> None:
    result = await put_in(layout, "tiny", index=index)
    (skill,) = read_catalogue(layout).skills
    assert result.installed == (skill,)
    assert (skill.name, skill.version, skill.module, skill.publisher) == ("tiny", "1.0", "skill_tiny", "somebody")
    assert skill.index == str(index)
    environment = layout.environment(skill.store)
    assert (environment / "skill_tiny" / "skill.json").is_file()
    assert (environment / "greeting.py").is_file()
    verify_tree(layout, skill, quick=False)


async def test_every_source_has_bytecode_and_everybody_can_read_it(layout: Layout, index: Path) -> None:
    result = await put_in(layout, "tiny", index=index)
    environment = layout.environment(result.installed[0].store)
    tag = sys.implementation.cache_tag
    assert (environment / "skill_tiny" / "__pycache__" / f"__init__.{tag}.pyc").is_file()
    assert (environment / "__pycache__" / f"greeting.{tag}.pyc").is_file()
    for path in (environment, *environment.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o755 if path.is_dir() else 0o644), path


async def test_no_file_of_the_store_is_also_somewhere_else(layout: Layout, index: Path) -> None:
    result = await put_in(layout, "tiny", index=index)
    environment = layout.environment(result.installed[0].store)
    assert all(path.stat().st_nlink == 1 for path in environment.rglob("*") if path.is_file())


async def test_what_would_act_without_being_imported_is_left_out(
    layout: Layout, tmp_path: Path, no_package_registry: Path
) -> None:
    files = {
        "acts.pth": b"import os",
        "acts.py": b"",
        "acts-1.0.data/scripts/skill": b"#!python\n",
        "acts-1.0.data/purelib/more.pth": b"import os",
        "stale.pyc": b"evil",
        "acts-1.0.dist-info/entry_points.txt": b"[console_scripts]\nls = acts:main\n",
    }
    library = write_library(no_package_registry, "acts", "1.0", files)
    where = write_index(tmp_path / "index", SkillWheelFake(requires=["acts"], lock=pin(library, "acts", "1.0")))
    result = await put_in(layout, "tiny", index=where)
    environment = layout.environment(result.installed[0].store)
    left = {str(path.relative_to(environment)) for path in environment.rglob("*") if path.is_file()}
    assert "acts.py" in left
    assert not [name for name in left if name.endswith(".pth") or "bin/" in name or ".data/" in name]
    assert "stale.pyc" not in left


async def test_a_dependency_with_another_hash_is_refused(layout: Layout, tmp_path: Path, index: Path) -> None:
    lock = f"greeting==1.0 --hash=sha256:{'0' * 64}\n"
    where = write_index(tmp_path / "wrong", SkillWheelFake(requires=["greeting"], lock=lock))
    with pytest.raises(IntegrityError, match="lock"):
        await put_in(layout, "tiny", index=where)
    assert names(layout) == []


async def test_a_dependency_that_is_nowhere_is_said(layout: Layout, tmp_path: Path) -> None:
    lock = f"nowhere==1.0 --hash=sha256:{'0' * 64}\n"
    where = write_index(tmp_path / "index", SkillWheelFake(requires=["nowhere"], lock=lock))
    with pytest.raises(Missing, match="nowhere"):
        await put_in(layout, "tiny", index=where)
    assert names(layout) == []
    assert list(layout.store.glob("*")) == list(layout.store.glob(".*")) == []


async def test_without_consent_nothing_is_changed(layout: Layout, index: Path) -> None:
    with pytest.raises(ApprovalRefused, match="tiny"):
        await put_in(layout, "tiny", index=index, person=Person(answer=False))
    assert not layout.current.exists()
    assert not layout.store.exists()


async def test_consent_is_asked_for_what_it_says(layout: Layout, tmp_path: Path, greeting: str) -> None:
    fake = SkillWheelFake(permissions={"network": ["example.org:443"]}, requires=["greeting"], lock=greeting)
    person = Person()
    await put_in(layout, "tiny", index=write_index(tmp_path / "index", fake), person=person)
    (planned,) = person.plans[0].skills
    assert planned.asks == planned.new_asks == ("connect to example.org:443",)
    assert planned.dependencies == ("greeting==1.0",)
    assert (planned.publisher, planned.version, planned.replaces) == ("somebody", "1.0", None)


async def test_the_same_again_asks_nothing_and_changes_nothing(layout: Layout, index: Path) -> None:
    await put_in(layout, "tiny", index=index)
    person = Person()
    result = await put_in(layout, "tiny", index=index, person=person)
    assert person.plans == []
    assert (result.generation, result.installed, len(result.unchanged)) == (1, (), 1)


async def test_an_upgrade_that_asks_for_nothing_new_needs_no_answer(layout: Layout, tmp_path: Path) -> None:
    await put_in(layout, "tiny", index=write_index(tmp_path / "index", SkillWheelFake()))
    person = Person(answer=False)
    newer = write_index(tmp_path / "index", SkillWheelFake(version="1.1"))
    await put_in(layout, "tiny>1.0", index=newer, person=person)
    assert person.plans == []
    assert names(layout) == [("tiny", "1.1")]


async def test_what_is_installed_stays_when_it_satisfies(layout: Layout, tmp_path: Path) -> None:
    await put_in(layout, "tiny", index=write_index(tmp_path / "index", SkillWheelFake()))
    newer = write_index(tmp_path / "index", SkillWheelFake(version="1.1"))
    result = await put_in(layout, "tiny>=1", index=newer)
    assert [skill.version for skill in result.unchanged] == ["1.0"]
    assert (result.installed, names(layout)) == ((), [("tiny", "1.0")])


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (SkillWheelFake(version="2.0", permissions={"secrets": ["key"]}), "new permission: use the secret key"),
        (SkillWheelFake(version="2.0", tools=[HELLO_TOOL | {"description": "Other."}]), "tool changed: hello (desc"),
        (SkillWheelFake(version="2.0", tools=[HELLO_TOOL | {"effect": "send"}]), "read is now send"),
        (SkillWheelFake(version="2.0", tools=[HELLO_TOOL, HELLO_TOOL | {"name": "bye"}]), "new tool: bye (read)"),
    ],
)
async def test_an_upgrade_that_differs_is_shown_and_needs_a_yes(
    layout: Layout, tmp_path: Path, new: SkillWheelFake, said: str
) -> None:
    await put_in(layout, "tiny", index=write_index(tmp_path / "index", SkillWheelFake()))
    write_index(tmp_path / "index", new)
    person = Person(answer=False)
    with pytest.raises(ApprovalRefused):
        await put_in(layout, "tiny==2.0", index=tmp_path / "index", person=person)
    assert any(line.startswith(said) or said in line for line in person.plans[0].skills[0].changes)
    assert names(layout) == [("tiny", "1.0")]


async def test_a_new_dependency_needs_a_yes(layout: Layout, tmp_path: Path, greeting: str) -> None:
    await put_in(layout, "tiny", index=write_index(tmp_path / "index", SkillWheelFake()))
    write_index(tmp_path / "index", SkillWheelFake(version="2.0", requires=["greeting"], lock=greeting))
    person = Person()
    await put_in(layout, "tiny==2.0", index=tmp_path / "index", person=person)
    assert person.plans[0].skills[0].changes == ("new dependency: greeting==1.0",)


async def test_another_publisher_starts_with_nothing(layout: Layout, tmp_path: Path) -> None:
    fake = SkillWheelFake(permissions={"secrets": ["key"]})
    await put_in(layout, "tiny", index=write_index(tmp_path / "index", fake))
    before = read_catalogue(layout).skills[0]
    person = Person()
    theirs = SkillWheelFake(version="1.1", permissions={"secrets": ["key"]})
    where = write_index(tmp_path / "index", theirs, publisher="other")
    await put_in(layout, "tiny>1.0", index=where, person=person)
    after = read_catalogue(layout).skills[0]
    assert person.plans[0].skills[0].stranger
    assert person.plans[0].skills[0].new_asks == ("use the secret key that you store for it",)
    assert layout.data(after.owner) != layout.data(before.owner)


async def test_an_exact_version_can_be_asked_for(layout: Layout, tmp_path: Path) -> None:
    wheel = SkillWheelFake(version="0.9").write(tmp_path)
    await put_in(layout, str(wheel), index=tmp_path)
    assert names(layout) == [("tiny", "0.9")]
    assert read_catalogue(layout).skills[0].index == "local"
    where = write_index(tmp_path / "index", SkillWheelFake())
    with pytest.raises(UsageError, match="no release of tiny is ==3"):
        await put_in(layout, "tiny==3", index=where)


async def test_a_wheel_that_is_swapped_after_it_was_looked_at_changes_nothing(layout: Layout, tmp_path: Path) -> None:
    wheel = SkillWheelFake().write(tmp_path)

    def swap(plan: Plan) -> bool:
        wheel.write_bytes(b"evil")
        return bool(plan.skills)

    await install(layout, [str(wheel)], consent=swap)
    verify_tree(layout, read_catalogue(layout).skills[0])


@pytest.mark.parametrize(
    "text", ["tiny=1", "tiny==", "tiny[extra]", "tiny @ https://x.example/y", "Tiny!", "", "tiny; python_version>'3'"]
)
async def test_what_is_no_request_is_said_with_an_example(layout: Layout, index: Path, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        await put_in(layout, text, index=index)
    assert caught.value.hint


async def test_an_unknown_skill_is_said_with_what_is_near(layout: Layout, index: Path) -> None:
    with pytest.raises(SkillNotFound, match="tinny"):
        await put_in(layout, "tinny", index=index)


async def test_one_bad_skill_leaves_the_good_one_out_too(layout: Layout, tmp_path: Path) -> None:
    where = write_index(
        tmp_path / "index", SkillWheelFake(), SkillWheelFake(name="evil", extra={"evil.pth": b"import os"})
    )
    with pytest.raises(UnsafeWheel, match=r"evil\.pth"):
        await put_in(layout, "tiny", "evil", index=where)
    assert names(layout) == []


async def test_a_required_skill_comes_along(layout: Layout, tmp_path: Path) -> None:
    where = write_index(tmp_path / "index", SkillWheelFake(), SkillWheelFake(name="big", requires_skills=["tiny>=1"]))
    await put_in(layout, "big", index=where)
    assert [(skill.name, skill.requested) for skill in read_catalogue(layout).skills] == [
        ("big", True),
        ("tiny", False),
    ]
    with pytest.raises(UsageError, match="tiny is required by big"):
        await uninstall(layout, "tiny")


async def test_two_that_exclude_each_other_are_named(layout: Layout, tmp_path: Path) -> None:
    where = write_index(tmp_path / "index", SkillWheelFake(), SkillWheelFake(name="big", requires_skills=["tiny>=2"]))
    with pytest.raises(UsageError, match=r"big 1\.0, which you asked for, requires tiny>=2, but .* there are: 1\.0"):
        await put_in(layout, "tiny", "big", index=where)


async def test_a_skill_for_a_later_kernel_is_refused_with_the_fix(layout: Layout, tmp_path: Path) -> None:
    where = write_index(tmp_path / "index", SkillWheelFake(requires_kernel=">=99"))
    with pytest.raises(Missing, match="needs skillkernel >=99"):
        await put_in(layout, "tiny", index=where)
    wheel = SkillWheelFake(requires_python="<3").write(tmp_path)
    with pytest.raises(Missing, match="needs Python <3"):
        await put_in(layout, str(wheel), index=where)


@pytest.mark.parametrize("other", ["t1ny", "ti-ny"])
async def test_names_that_read_alike_are_refused(layout: Layout, tmp_path: Path, other: str) -> None:
    where = write_index(tmp_path / "index", SkillWheelFake(name="tlny"), SkillWheelFake(), SkillWheelFake(name=other))
    await put_in(layout, "tlny", "tiny", index=where)
    with pytest.raises(UsageError, match=f"{other} and t.ny would read alike"):
        await put_in(layout, other, index=where)


async def test_two_packages_may_bring_the_same_file(layout: Layout, tmp_path: Path, no_package_registry: Path) -> None:
    lock = ""
    for name in ("one", "two"):
        files = {"shared/__init__.py": name.encode(), f"shared/{name}.py": b""}
        lock += pin(write_library(no_package_registry, name, "1.0", files), name, "1.0")
    await put_in(
        layout, "tiny", index=write_index(tmp_path / "index", SkillWheelFake(requires=["one", "two"], lock=lock))
    )
    assert names(layout) == [("tiny", "1.0")]


async def test_two_installs_at_once_both_happen(layout: Layout, tmp_path: Path) -> None:
    where = write_index(tmp_path / "index", SkillWheelFake(), SkillWheelFake(name="other"))
    async with anyio.create_task_group() as tasks:
        for name in ("tiny", "other"):
            tasks.start_soon(lambda name=name: put_in(layout, name, index=where))  # type: ignore[misc] # a default binds it
    assert names(layout) == [("other", "1.0"), ("tiny", "1.0")]
    assert read_catalogue(layout).generation == 2


async def test_the_same_install_twice_at_once_is_one_change(layout: Layout, tmp_path: Path) -> None:
    where = write_index(tmp_path / "index", SkillWheelFake())

    async def somebody_else_is_faster(plan: Plan) -> bool:
        await put_in(layout, "tiny", index=where)
        return True

    result = await install(layout, ["tiny"], index=str(where), terms=UNSIGNED, consent=somebody_else_is_faster)
    assert (result.installed, [skill.name for skill in result.unchanged]) == ((), ["tiny"])
    assert read_catalogue(layout).generation == 1


async def test_what_the_same_install_was_not_granted_is_not_granted_by_ours(layout: Layout, tmp_path: Path) -> None:
    where = write_index(tmp_path / "index", SkillWheelFake(permissions={"network": ["example.org:443"]}))

    async def somebody_else_is_faster(plan: Plan) -> bool:
        await install(layout, ["tiny"], index=str(where), terms=UNSIGNED, consent=Person(), ask_at_use=True)
        return True

    with pytest.raises(UsageError, match="meanwhile"):
        await install(layout, ["tiny"], index=str(where), terms=UNSIGNED, consent=somebody_else_is_faster)
    assert read_catalogue(layout).skills[0].granted.rows() == ()


async def test_a_change_meanwhile_is_not_overwritten(layout: Layout, tmp_path: Path) -> None:
    where = write_index(tmp_path / "index", SkillWheelFake())

    async def somebody_else_is_faster(plan: Plan) -> bool:
        await put_in(layout, str(SkillWheelFake(version="0.5").write(tmp_path)), index=where)
        return True

    with pytest.raises(UsageError, match="meanwhile"):
        await install(layout, ["tiny"], index=str(where), terms=UNSIGNED, consent=somebody_else_is_faster)
    assert names(layout) == [("tiny", "0.5")]


async def test_a_broken_store_is_made_whole_by_installing_again(layout: Layout, index: Path) -> None:
    await put_in(layout, "tiny", index=index)
    (skill,) = read_catalogue(layout).skills
    (layout.environment(skill.store) / "greeting.py").write_text("evil = 1\n")
    with pytest.raises(IntegrityError, match=r"greeting\.py was changed"):
        verify_tree(layout, skill)
    await put_in(layout, "tiny", index=index)
    verify_tree(layout, read_catalogue(layout).skills[0], quick=False)


@pytest.mark.parametrize("path", ["greeting.py", "added.py"])
async def test_a_poisoned_uv_cache_is_noticed(layout: Layout, index: Path, path: str) -> None:
    await put_in(layout, "tiny", index=index)
    poison(path)
    again = Layout(layout.home.with_name("again"))
    again.home.mkdir()
    with pytest.raises(IntegrityError, match=f"{path} is not what the package that brings it says") as caught:
        await put_in(again, "tiny", index=index)
    assert "uv cache clean" in caught.value.hint


async def test_stages_are_announced_in_order(layout: Layout, index: Path) -> None:
    seen: list[Progress] = []
    await install(layout, ["tiny"], index=str(index), terms=UNSIGNED, consent=Person(), on_progress=seen.append)
    stages = list(dict.fromkeys(progress.stage for progress in seen))
    assert stages[0] == Stage.INDEX
    assert stages[-3:] == [Stage.SWITCH, Stage.SWITCHED, Stage.DONE]


async def test_uninstall_keeps_the_data_and_says_where(layout: Layout, index: Path) -> None:
    await put_in(layout, "tiny", index=index)
    data = layout.data(read_catalogue(layout).skills[0].owner)
    data.mkdir(parents=True)
    (data / "notes").write_text("mine")
    result = await uninstall(layout, "tiny")
    assert (result.data, result.purged) == (data, False)
    assert (data / "notes").read_text() == "mine"
    assert names(layout) == []


async def test_purge_takes_the_data_too(layout: Layout, index: Path) -> None:
    await put_in(layout, "tiny", index=index)
    data = layout.data(read_catalogue(layout).skills[0].owner)
    data.mkdir(parents=True)
    result = await uninstall(layout, "tiny", purge=True)
    assert result.purged
    assert not data.exists()


async def test_uninstalling_what_is_not_there_says_what_is(layout: Layout, index: Path) -> None:
    await put_in(layout, "tiny", index=index)
    with pytest.raises(UnknownSkill) as caught:
        await uninstall(layout, "tinny")
    assert caught.value.near == ("tiny",)


async def test_rollback_brings_back_what_was_there_before(layout: Layout, tmp_path: Path) -> None:
    await put_in(layout, "tiny", index=write_index(tmp_path / "index", SkillWheelFake()))
    await put_in(layout, "tiny==2.0", index=write_index(tmp_path / "index", SkillWheelFake(version="2.0")))
    assert (await rollback(layout)).generation == 3
    assert names(layout) == [("tiny", "1.0")]
    await rollback(layout)
    assert names(layout) == [("tiny", "2.0")]
    with pytest.raises(UsageError, match="no generation 9"):
        await rollback(layout, to=9)


async def test_with_nothing_before_there_is_nothing_to_go_back_to(layout: Layout) -> None:
    with pytest.raises(UsageError, match="nothing to go back to"):
        await rollback(layout)
