"""`skill sync`: a machine becomes what the lock says, with consent, all or nothing."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes.indexes import UNSIGNED, write_index
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Layout
from skillkernel.catalogue.verify import verify_tree
from skillkernel.errors import ApprovalRefused, IntegrityError, Missing, UsageError
from skillkernel_registry.errors import IndexUnsigned, LockInvalid
from skillkernel_registry.grants import revoke
from skillkernel_registry.index import STRICT, IndexTerms
from skillkernel_registry.install import install
from skillkernel_registry.lockfile.format import LockFile
from skillkernel_registry.lockfile.locking import lock_installed, lock_requests
from skillkernel_registry.lockfile.sync import SyncResult, sync
from skillkernel_registry.lockfile.sync_plan import SyncPlan
from skillkernel_registry.settings import change_settings

ASKS = {"network": ["example.org:443"], "secrets": ["key"]}


class Person:
    """Somebody who is asked; `plans` is what they were shown."""

    def __init__(self, answer: bool = True) -> None:
        self.answer = answer
        self.plans: list[SyncPlan] = []

    async def __call__(self, plan: SyncPlan) -> bool:
        self.plans.append(plan)
        return self.answer


def nobody(plan: SyncPlan) -> bool:
    raise AssertionError("nobody was to be asked")


async def put_in(layout: Layout, index: Path, *requests: str) -> None:
    await install(layout, requests, index=str(index), terms=UNSIGNED, consent=lambda plan: True)


async def synced(
    layout: Layout, lock: LockFile, place: Path, *, person: Any = None, terms: IndexTerms = UNSIGNED, **options: Any
) -> SyncResult:
    return await sync(layout, lock, place / "skill.lock", terms=terms, consent=person or Person(), **options)


def changed(lock: LockFile, name: str, **fields: Any) -> LockFile:
    skills = tuple(msgspec.structs.replace(skill, **fields) if skill.name == name else skill for skill in lock.skills)
    return msgspec.structs.replace(lock, skills=skills)


def without(lock: LockFile, name: str) -> LockFile:
    return msgspec.structs.replace(lock, skills=tuple(skill for skill in lock.skills if skill.name != name))


@pytest.fixture
def other(tmp_path: Path) -> Layout:
    """Another machine."""
    home = Layout(tmp_path / "other")
    home.home.mkdir(mode=0o700)
    return home


@pytest.fixture
def asking(tmp_path: Path, greeting: str) -> Path:
    """An index with a skill that asks for something, one with dependencies, and one that requires another."""
    return write_index(
        tmp_path / "index",
        SkillWheelFake(name="asks", permissions=ASKS),
        SkillWheelFake(requires=["greeting"], lock=greeting),
        SkillWheelFake(name="big", requires_skills=["tiny>=1"]),
    )


async def test_another_machine_has_the_same_to_the_byte(layout: Layout, other: Layout, asking: Path) -> None:
    await put_in(layout, asking, "asks", "big")
    await revoke(layout, "asks", ["secrets:key"])
    lock = await lock_installed(layout)
    result = await synced(other, lock, asking)
    assert read_catalogue(other).skills == read_catalogue(layout).skills
    assert (result.generation, read_catalogue(other).generation) == (1, 1)
    for skill in read_catalogue(other).skills:
        verify_tree(other, skill, quick=False)
    assert await lock_installed(other) == lock


async def test_the_second_time_nothing_happens(layout: Layout, other: Layout, asking: Path) -> None:
    await put_in(layout, asking, "asks", "big")
    lock = await lock_installed(layout)
    for home in (layout, other):
        await synced(home, lock, asking)
        result = await synced(home, lock, asking, person=nobody, terms=STRICT)
        assert result.plan.is_empty
        assert read_catalogue(home).generation == 1


async def test_nothing_is_granted_without_consent(layout: Layout, other: Layout, asking: Path) -> None:
    await put_in(layout, asking, "asks")
    lock = await lock_installed(layout)
    person = Person(answer=False)
    with pytest.raises(ApprovalRefused):
        await synced(other, lock, asking, person=person)
    assert person.plans[0].skills[0].new_rows == ("network:example.org:443", "secrets:key")
    assert read_catalogue(other).skills == ()
    assert not list(other.store.glob("*"))


async def test_a_grant_that_was_taken_back_does_not_come_back_silently(layout: Layout, asking: Path) -> None:
    await put_in(layout, asking, "asks")
    lock = await lock_installed(layout)
    await revoke(layout, "asks", ["secrets:key"])
    with pytest.raises(ApprovalRefused):
        await synced(layout, lock, asking, person=Person(answer=False))
    assert read_catalogue(layout).skills[0].granted.secrets == ()
    await synced(layout, lock, asking)
    assert read_catalogue(layout).skills[0].granted.secrets == ("key",)


async def test_a_grant_that_the_lock_does_not_have_goes_without_a_question(layout: Layout, asking: Path) -> None:
    await put_in(layout, asking, "asks")
    lock = changed(await lock_installed(layout), "asks", grants=("secrets:key",))
    result = await synced(layout, lock, asking, person=nobody)
    assert result.plan.skills[0].lost_rows == ("network:example.org:443",)
    assert read_catalogue(layout).skills[0].granted.rows() == ("secrets:key",)


async def test_what_the_lock_does_not_have_is_removed_after_a_yes_and_its_data_stays(
    layout: Layout, asking: Path
) -> None:
    await put_in(layout, asking, "asks", "tiny")
    lock = without(await lock_installed(layout), "asks")
    data = layout.data(next(skill.owner for skill in read_catalogue(layout).skills if skill.name == "asks"))
    data.mkdir(parents=True)
    (data / "mine").write_text("mine")
    with pytest.raises(ApprovalRefused):
        await synced(layout, lock, asking, person=Person(answer=False))
    await synced(layout, lock, asking)
    assert [skill.name for skill in read_catalogue(layout).skills] == ["tiny"]
    assert (data / "mine").read_text() == "mine"


async def test_going_back_to_an_older_version_needs_a_yes(layout: Layout, tmp_path: Path) -> None:
    index = write_index(tmp_path / "index", SkillWheelFake())
    await put_in(layout, index, "tiny")
    lock = await lock_installed(layout)
    await put_in(layout, write_index(tmp_path / "index", SkillWheelFake(version="2.0")), "tiny==2.0")
    person = Person(answer=False)
    with pytest.raises(ApprovalRefused):
        await synced(layout, lock, index, person=person)
    assert person.plans[0].skills[0].goes_back


async def test_a_dry_run_shows_and_does_nothing(layout: Layout, other: Layout, asking: Path) -> None:
    await put_in(layout, asking, "asks")
    result = await synced(other, await lock_installed(layout), asking, person=nobody, dry_run=True)
    assert [step.name for step in result.plan.skills] == ["asks"]
    assert read_catalogue(other).skills == ()


async def test_settings_come_along_only_when_they_were_locked_and_need_a_yes(layout: Layout, tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"server": {"type": "string"}}}
    fake = SkillWheelFake(permissions={"network": ["{server}:443"]}, manifest={"settings": schema})
    index = write_index(tmp_path / "index", fake)
    await put_in(layout, index, "tiny")
    await change_settings(layout, "tiny", {"server": "a.example"}, consent=lambda change: True)
    bare, whole = await lock_installed(layout), await lock_installed(layout, with_settings=True)
    assert bare.skills[0].settings is None
    await change_settings(layout, "tiny", {"server": "b.example"}, consent=lambda change: True)
    assert (await synced(layout, bare, index, person=nobody)).plan.is_empty
    with pytest.raises(ApprovalRefused):
        await synced(layout, whole, index, person=Person(answer=False))
    await synced(layout, whole, index)
    assert read_catalogue(layout).skills[0].settings == {"server": "a.example"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"grants": ("network:evil.example:443",)}, "does not ask for it"),
        ({"settings": {"server": "x"}}, "do not fit"),
        ({"requires": ("asks",)}, "requires"),
        ({"dependencies": "0" * 64}, "dependencies"),
    ],
)
async def test_a_lock_that_contradicts_its_wheel_is_refused(
    layout: Layout, other: Layout, asking: Path, fields: dict[str, Any], said: str
) -> None:
    await put_in(layout, asking, "asks")
    lock = changed(await lock_installed(layout), "asks", **fields)
    with pytest.raises(LockInvalid) as caught:
        await synced(other, lock, asking)
    assert said in str(caught.value.findings)
    assert read_catalogue(other).skills == ()


async def test_another_wheel_under_the_same_version_is_refused(layout: Layout, other: Layout, tmp_path: Path) -> None:
    index = write_index(tmp_path / "index", SkillWheelFake())
    await put_in(layout, index, "tiny")
    lock = await lock_installed(layout)
    write_index(index, SkillWheelFake(extra={"skill_tiny/more.py": b"evil = 1\n"}))
    with pytest.raises(IntegrityError, match="not the one of the lock: sha256"):
        await synced(other, lock, index)


async def test_an_index_that_the_lock_has_a_root_of_is_not_taken_unsigned(
    layout: Layout, other: Layout, asking: Path
) -> None:
    await put_in(layout, asking, "tiny")
    lock = await lock_installed(layout)
    signed = msgspec.structs.replace(lock, indexes=(msgspec.structs.replace(lock.indexes[0], root="a" * 64),))
    with pytest.raises(IntegrityError, match="is not signed, and the lock says that it has the root aaa"):
        await synced(other, signed, asking)
    assert read_catalogue(other).skills == ()


async def test_another_publisher_is_refused(layout: Layout, other: Layout, tmp_path: Path) -> None:
    index = write_index(tmp_path / "index", SkillWheelFake())
    await put_in(layout, index, "tiny")
    lock = await lock_installed(layout)
    write_index(index, SkillWheelFake(), publisher="somebody-else")
    with pytest.raises(IntegrityError, match="published by 'somebody-else' there"):
        await synced(other, lock, index)


async def test_a_signer_that_nobody_vouches_for_is_refused(layout: Layout, other: Layout, asking: Path) -> None:
    await put_in(layout, asking, "tiny")
    lock = changed(await lock_installed(layout), "tiny", signer="boss@example.org")
    for home in (other, layout):
        with pytest.raises(IntegrityError, match="signed by nobody there"):
            await synced(home, lock, asking)


async def test_a_wheel_beside_the_lock_does_not_pass_for_one_of_an_index(
    layout: Layout, other: Layout, tmp_path: Path, asking: Path
) -> None:
    """The attack: a repository brings a wheel, and a lock that says it is a publisher's whose data is here."""
    await put_in(other, asking, "tiny")
    evil = SkillWheelFake(version="9.0", extra={"skill_tiny/evil.py": b""}).write(tmp_path / "repository")
    await install(layout, [str(evil)], consent=lambda plan: True)
    lock = await lock_installed(layout)
    claims = msgspec.structs.replace(
        changed(lock, "tiny", index="index", publisher="somebody"), indexes=(await lock_installed(other)).indexes
    )
    for home in (other, layout):
        with pytest.raises(Missing, match=r"tiny 9\.0 is not in"):
            await synced(home, claims, evil.parent)


async def test_a_skill_of_nobodys_index_is_taken_from_beside_the_lock(
    layout: Layout, other: Layout, tmp_path: Path
) -> None:
    wheel = SkillWheelFake().write(tmp_path / "repository")
    await install(layout, [str(wheel)], consent=lambda plan: True)
    lock = await lock_installed(layout)
    result = await synced(other, lock, wheel.parent, terms=STRICT)
    assert [step.name for step in result.plan.skills] == ["tiny"]
    assert read_catalogue(other).skills == read_catalogue(layout).skills
    wheel.write_bytes(b"something else")
    third = Layout(tmp_path / "third")
    third.home.mkdir()
    with pytest.raises(IntegrityError):
        await synced(third, lock, wheel.parent)
    wheel.unlink()
    with pytest.raises(Missing, match="it is not here"):
        await synced(third, lock, wheel.parent)


async def test_offline_uses_what_is_kept(layout: Layout, asking: Path, tmp_path: Path) -> None:
    await put_in(layout, asking, "tiny")
    lock = await lock_installed(layout)
    await synced(layout, LockFile(), asking)
    shutil.rmtree(asking)
    shutil.rmtree(layout.store)
    result = await synced(layout, lock, tmp_path, terms=STRICT, offline=True)
    assert result.generation == 3
    verify_tree(layout, read_catalogue(layout).skills[0], quick=False)


async def test_offline_lists_all_that_is_missing(other: Layout, layout: Layout, asking: Path) -> None:
    await put_in(layout, asking, "asks", "tiny")
    lock = await lock_installed(layout)
    away = msgspec.structs.replace(
        lock, indexes=(msgspec.structs.replace(lock.indexes[0], address="https://away.example/"),)
    )
    with pytest.raises(Missing, match="2 things are missing") as caught:
        await synced(other, away, asking, offline=True)
    assert [line.partition(":")[0] for line in caught.value.detail.splitlines()] == ["asks 1.0", "tiny 1.0"]


async def test_a_dependency_that_is_not_in_uvs_cache_is_missing_offline(
    layout: Layout,
    other: Layout,
    asking: Path,
    no_package_registry: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    lock = await lock_requests(layout, ["tiny", "asks"], index=str(asking), terms=UNSIGNED)
    (no_package_registry / "greeting-1.0-py3-none-any.whl").unlink()
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "empty"))
    with pytest.raises(Missing, match=r"tiny 1\.0: .*greeting"):
        await synced(other, lock, asking, offline=True)
    assert read_catalogue(other).skills == ()


async def test_an_unsigned_index_needs_a_persons_word(layout: Layout, other: Layout, asking: Path) -> None:
    await put_in(layout, asking, "tiny")
    with pytest.raises(IndexUnsigned):
        await synced(other, await lock_installed(layout), asking, terms=STRICT)


async def test_a_name_that_belongs_to_one_index_is_taken_from_no_other(
    layout: Layout, other: Layout, asking: Path
) -> None:
    await put_in(layout, asking, "tiny")
    other.config.write_text('[[index]]\nname = "corp"\nurl = "https://corp.example/"\nnames = ["tin*"]\n')
    with pytest.raises(IntegrityError, match="belongs to the index corp"):
        await synced(other, await lock_installed(layout), asking)


async def test_a_changed_store_is_made_whole_without_a_new_generation(layout: Layout, asking: Path) -> None:
    await put_in(layout, asking, "tiny")
    (skill,) = read_catalogue(layout).skills
    (layout.environment(skill.store) / "greeting.py").write_text("evil = 1\n")
    result = await synced(layout, await lock_installed(layout), asking, person=nobody)
    assert [one.name for one in result.plan.repaired] == ["tiny"]
    verify_tree(layout, skill, quick=False)
    assert read_catalogue(layout).generation == 1


async def test_a_change_meanwhile_is_not_overwritten(layout: Layout, other: Layout, asking: Path) -> None:
    await put_in(layout, asking, "tiny")
    lock = await lock_installed(layout)

    async def somebody_else_is_faster(plan: SyncPlan) -> bool:
        await put_in(other, asking, "asks")
        return True

    with pytest.raises(UsageError, match="meanwhile"):
        await synced(other, lock, asking, person=somebody_else_is_faster)
    assert [skill.name for skill in read_catalogue(other).skills] == ["asks"]


async def test_one_that_cannot_be_had_leaves_all_others_out(layout: Layout, other: Layout, asking: Path) -> None:
    await put_in(layout, asking, "asks", "tiny")
    lock = await lock_installed(layout)
    (asking / "wheels" / "skill_tiny-1.0-py3-none-any.whl").unlink()
    with pytest.raises(IntegrityError):
        await synced(other, lock, asking)
    assert read_catalogue(other).skills == ()
    assert not list(other.store.glob("*"))


async def test_what_was_asked_for_can_be_locked_without_being_installed(
    layout: Layout, other: Layout, asking: Path
) -> None:
    lock = await lock_requests(layout, ["big", "asks"], index=str(asking), terms=UNSIGNED)
    assert read_catalogue(layout).skills == ()
    assert [(skill.name, skill.requested) for skill in lock.skills] == [("asks", True), ("big", True), ("tiny", False)]
    await synced(other, lock, asking)
    await put_in(layout, asking, "big", "asks")
    assert read_catalogue(other).skills == read_catalogue(layout).skills


async def test_two_names_that_read_alike_are_refused(layout: Layout, other: Layout, tmp_path: Path) -> None:
    index = write_index(tmp_path / "index", SkillWheelFake(name="tlny"), SkillWheelFake(name="t1ny"))
    await put_in(layout, index, "tlny")
    await put_in(other, index, "t1ny")
    one, two = await lock_installed(layout), await lock_installed(other)
    both = msgspec.structs.replace(one, skills=(*one.skills, *two.skills))
    with pytest.raises(LockInvalid, match="would read like"):
        await synced(layout, both, index)
