"""`skill upgrade` and `skill outdated`: newer releases, and consent to what is new in them alone."""

from pathlib import Path

import pytest

from fakes.indexes import UNSIGNED
from fakes.release_indexes import change_release, write_releases, yank
from fakes.wheels import HELLO_TOOL, SkillWheelFake
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Layout
from skillkernel.errors import ApprovalRefused, UnknownSkill
from skillkernel_registry.errors import SkillNotFound
from skillkernel_registry.install import install
from skillkernel_registry.outdated import Outdated, outdated
from skillkernel_registry.plan import Plan
from skillkernel_registry.upgrade import Upgraded, upgrade


class Person:
    """Somebody who is asked; `plans` is what they were shown."""

    def __init__(self, answer: bool = True) -> None:
        self.answer = answer
        self.plans: list[Plan] = []

    def __call__(self, plan: Plan) -> bool:
        self.plans.append(plan)
        return self.answer


async def put_in(layout: Layout, where: Path, *requests: str) -> None:
    await install(layout, requests, index=str(where), terms=UNSIGNED, consent=Person())


async def bring_up(
    layout: Layout, where: Path, *names: str, person: Person | None = None, pre: bool = False, dry_run: bool = False
) -> Upgraded:
    return await upgrade(
        layout, names, index=str(where), terms=UNSIGNED, consent=person or Person(), pre=pre, dry_run=dry_run
    )


async def behind(layout: Layout, where: Path, *, pre: bool = False) -> dict[str, Outdated]:
    found = await outdated(layout, index=str(where), terms=UNSIGNED, pre=pre)
    return {one.skill.name: one for one in found}


def there(layout: Layout) -> dict[str, str]:
    return {skill.name: skill.version for skill in read_catalogue(layout).skills}


@pytest.fixture
async def where(layout: Layout, tmp_path: Path) -> Path:
    """An index whose first releases are installed, and that has newer ones since."""
    folder = write_releases(
        tmp_path / "index",
        SkillWheelFake("weather", "1.0", requires_skills=["geo<3"]),
        SkillWheelFake("mail", "1.0", requires_skills=["geo<3"]),
        SkillWheelFake("geo", "1.0"),
    )
    await put_in(layout, folder, "weather", "mail")
    return write_releases(
        folder,
        SkillWheelFake("weather", "1.1", requires_skills=["geo<3"]),
        SkillWheelFake("weather", "2.0", requires_skills=["geo>=3"]),
        SkillWheelFake("geo", "2.0"),
        SkillWheelFake("geo", "3.0"),
    )


async def test_only_what_is_named_changes(layout: Layout, where: Path) -> None:
    await bring_up(layout, where, "weather")
    assert there(layout) == {"weather": "1.1", "mail": "1.0", "geo": "1.0"}


async def test_without_names_everything_comes_to_the_newest_that_fits(layout: Layout, where: Path) -> None:
    upgraded = await bring_up(layout, where)
    assert there(layout) == {"weather": "1.1", "mail": "1.0", "geo": "2.0"}
    assert [planned.name for planned in upgraded.plan.skills] == ["geo", "weather"]


async def test_a_dependent_follows_where_it_can(layout: Layout, where: Path) -> None:
    write_releases(where, SkillWheelFake("mail", "1.1", requires_skills=["geo"]))
    await bring_up(layout, where, "weather")
    assert there(layout) == {"weather": "2.0", "mail": "1.1", "geo": "3.0"}


async def test_what_nobody_asked_for_is_still_a_mere_requirement_afterwards(layout: Layout, where: Path) -> None:
    await bring_up(layout, where)
    assert {skill.name: skill.requested for skill in read_catalogue(layout).skills} == {
        "geo": False,
        "mail": True,
        "weather": True,
    }


async def test_nothing_newer_changes_nothing(layout: Layout, where: Path) -> None:
    await bring_up(layout, where)
    generation = read_catalogue(layout).generation
    upgraded = await bring_up(layout, where)
    assert (upgraded.plan.skills, upgraded.result) == ((), None)
    assert read_catalogue(layout).generation == generation


async def test_what_asks_for_nothing_new_asks_nobody(layout: Layout, where: Path) -> None:
    person = Person(answer=False)
    await bring_up(layout, where, "geo", person=person)
    assert person.plans == []
    assert there(layout)["geo"] == "2.0"


async def test_what_asks_for_more_is_shown_and_a_no_changes_nothing(layout: Layout, where: Path) -> None:
    more = {"network": ["maps.example.org:443"]}
    write_releases(where, SkillWheelFake("geo", "2.1", permissions=more))
    before, person = there(layout), Person(answer=False)
    with pytest.raises(ApprovalRefused):
        await bring_up(layout, where, "geo", person=person)
    assert person.plans[0].skills[0].changes == ("new permission: connect to maps.example.org:443",)
    assert there(layout) == before


async def test_a_dry_run_asks_nobody_and_changes_nothing(layout: Layout, where: Path) -> None:
    write_releases(where, SkillWheelFake("geo", "2.1", tools=[HELLO_TOOL | {"effect": "send"}]))
    before, person = there(layout), Person()
    upgraded = await bring_up(layout, where, "geo", person=person, dry_run=True)
    assert [planned.version for planned in upgraded.plan.skills] == ["2.1"]
    assert (upgraded.result, person.plans, there(layout)) == (None, [], before)


async def test_pre_releases_come_with_the_option(layout: Layout, where: Path) -> None:
    write_releases(where, SkillWheelFake("geo", "2.5rc1"))
    await bring_up(layout, where, "geo", pre=True)
    assert there(layout)["geo"] == "2.5rc1"
    await bring_up(layout, where, "geo")
    assert there(layout)["geo"] == "2.5rc1"


async def test_what_came_from_a_file_is_left_unless_it_is_named(layout: Layout, where: Path, tmp_path: Path) -> None:
    await put_in(layout, where, str(SkillWheelFake("tiny", "1.0").write(tmp_path)))
    write_releases(where, SkillWheelFake("tiny", "2.0"))
    upgraded = await bring_up(layout, where)
    assert [skill.name for skill in upgraded.left] == ["tiny"]
    assert there(layout)["tiny"] == "1.0"
    person = Person()
    await bring_up(layout, where, "tiny", person=person)
    assert person.plans[0].skills[0].stranger
    assert there(layout)["tiny"] == "2.0"


async def test_what_came_from_another_index_moves_only_by_name(layout: Layout, where: Path, tmp_path: Path) -> None:
    other = write_releases(tmp_path / "other", SkillWheelFake("geo", "9.0"))
    await bring_up(layout, other)
    assert there(layout)["geo"] == "1.0"
    write_releases(other, SkillWheelFake("mail", "9.0"))
    person = Person()
    await bring_up(layout, other, "mail", person=person)
    assert person.plans[0].skills[0].stranger
    assert there(layout)["mail"] == "9.0"


async def test_a_skill_that_the_index_dropped_stays_and_is_told(layout: Layout, where: Path) -> None:
    (where / "skills" / "mail.json").unlink()
    upgraded = await bring_up(layout, where)
    assert any(warning.startswith("mail stays as it is: ") for warning in upgraded.plan.warnings)
    assert there(layout) == {"weather": "1.1", "mail": "1.0", "geo": "2.0"}
    with pytest.raises(SkillNotFound, match="mail"):
        await bring_up(layout, where, "mail")


async def test_an_unknown_name_is_told_with_what_is_near(layout: Layout, where: Path) -> None:
    with pytest.raises(UnknownSkill) as caught:
        await bring_up(layout, where, "wether")
    assert caught.value.near == ("weather",)


async def test_grants_and_settings_stay(layout: Layout, tmp_path: Path) -> None:
    fake = {"permissions": {"secrets": ["key"]}}
    folder = write_releases(tmp_path / "secret", SkillWheelFake("tiny", "1.0", **fake))  # type: ignore[arg-type] # one field
    await put_in(layout, folder, "tiny")
    write_releases(folder, SkillWheelFake("tiny", "1.1", **fake))  # type: ignore[arg-type] # the same
    before = read_catalogue(layout).skills[0]
    await bring_up(layout, folder)
    after = read_catalogue(layout).skills[0]
    assert (after.granted, after.owner, after.version) == (before.granted, before.owner, "1.1")


async def test_outdated_says_what_fits_what_is_newest_and_why_not(layout: Layout, where: Path) -> None:
    found = await behind(layout, where)
    assert {name: (one.fits, one.newest) for name, one in found.items()} == {
        "geo": ("2.0", "3.0"),
        "weather": ("1.1", "2.0"),
    }
    assert found["geo"].why == "the installed mail 1.0 requires geo<3"
    assert found["weather"].why == "weather 2.0 requires geo>=3, but the installed mail 1.0 requires geo<3"


async def test_outdated_agrees_with_what_an_upgrade_brings(layout: Layout, where: Path) -> None:
    found = await behind(layout, where)
    for name in found:
        planned = (await bring_up(layout, where, name, dry_run=True)).plan.skills
        assert next(one.version for one in planned if one.name == name) == found[name].fits


async def test_outdated_names_the_kernel_or_python_that_the_newest_needs(layout: Layout, where: Path) -> None:
    change_release(where, "geo", "3.0", requires_python=">=9")
    change_release(where, "weather", "2.0", requires_kernel=">=99")
    found = await behind(layout, where)
    assert "needs Python >=9; this is 3." in found["geo"].why
    assert "needs skillkernel >=99; this is " in found["weather"].why


async def test_outdated_tells_of_an_installed_release_that_was_withdrawn(layout: Layout, where: Path) -> None:
    assert "mail" not in await behind(layout, where)
    yank(where, "mail", "1.0", "loses data")
    found = await behind(layout, where)
    assert (found["mail"].withdrawn, found["mail"].fits, found["mail"].newest) == ("loses data", "1.0", "1.0")


async def test_outdated_tells_what_it_could_not_find_out(layout: Layout, where: Path) -> None:
    (where / "skills" / "mail.json").unlink()
    assert "has no skill 'mail'" in (await behind(layout, where))["mail"].problem


async def test_outdated_counts_pre_releases_with_the_option(layout: Layout, where: Path) -> None:
    write_releases(where, SkillWheelFake("mail", "1.1rc1", requires_skills=["geo<3"]))
    assert "mail" not in await behind(layout, where)
    assert (await behind(layout, where, pre=True))["mail"].fits == "1.1rc1"


async def test_outdated_has_nothing_to_say_of_files(layout: Layout, tmp_path: Path) -> None:
    await install(layout, [str(SkillWheelFake().write(tmp_path))], consent=Person())
    assert await outdated(layout, index="/nowhere", terms=UNSIGNED) == ()
