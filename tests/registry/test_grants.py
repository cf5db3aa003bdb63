"""Granting and revoking: only what is asked for, with consent, each change a generation that can be undone."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import anyio
import pytest

from fakes.indexes import UNSIGNED, write_index
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Installed, Layout
from skillkernel.errors import ApprovalRefused, UnknownSkill, UsageError
from skillkernel_registry.asks import asks_of, row_now
from skillkernel_registry.generation import switch
from skillkernel_registry.grants import GrantsChange, grant, grant_to, plan_grant, plan_revoke, revoke
from skillkernel_registry.install import install
from skillkernel_registry.plan import Agreed, Plan
from skillkernel_registry.progress import silent
from skillkernel_registry.rollback import rollback
from skillkernel_registry.settings import change_settings

SERVER, MUSIC, KEY = "network:{server}:443", "files.read:~/Music", "secrets:key"
MAIL = SkillWheelFake(
    name="mail",
    permissions={"network": ["{server}:443"], "files.read": ["~/Music"], "secrets": ["key"]},
    manifest={"settings": {"type": "object", "properties": {"server": {"type": "string"}}}},
)


class Person:
    """Somebody who is asked; `shown` is what they were shown."""

    def __init__(self, answer: bool = True) -> None:
        self.answer = answer
        self.shown: list[GrantsChange] = []

    async def __call__(self, change: GrantsChange) -> bool:
        self.shown.append(change)
        return self.answer


def agrees(plan: Plan) -> bool:
    return bool(plan.skills)


@pytest.fixture
def where(tmp_path: Path) -> Path:
    return write_index(tmp_path / "mail-index", MAIL)


@pytest.fixture
def mail(layout: Layout, where: Path) -> Installed:
    """The skill, installed with nothing granted."""
    anyio.run(partial(install, layout, ["mail"], index=str(where), terms=UNSIGNED, consent=agrees))
    anyio.run(revoke, layout, "mail", None)
    return now(layout)


def now(layout: Layout) -> Installed:
    skill = read_catalogue(layout).skill("mail")
    assert skill is not None
    return skill


def rows(layout: Layout) -> tuple[str, ...]:
    return now(layout).granted.rows()


@pytest.mark.usefixtures("mail")
async def test_a_grant_is_shown_agreed_to_and_a_generation_that_rollback_undoes(layout: Layout) -> None:
    person = Person()
    result = await grant(layout, "mail", [KEY, SERVER], consent=person)
    assert (person.shown[0].added, result.added) == ((SERVER, KEY), (SERVER, KEY))
    assert (rows(layout), result.generation) == ((SERVER, KEY), 3)
    assert (await grant(layout, "mail", [KEY], consent=person)).generation == 3
    assert len(person.shown) == 1
    await rollback(layout)
    assert rows(layout) == ()


@pytest.mark.usefixtures("mail")
async def test_without_a_yes_nothing_is_granted(layout: Layout) -> None:
    with pytest.raises(ApprovalRefused):
        await grant(layout, "mail", None, consent=Person(answer=False))
    assert rows(layout) == ()


@pytest.mark.usefixtures("mail")
async def test_all_is_all_that_is_asked_for(layout: Layout) -> None:
    await grant(layout, "mail", None, consent=Person())
    assert rows(layout) == (SERVER, MUSIC, KEY)
    result = await revoke(layout, "mail", [KEY])
    assert (result.removed, rows(layout)) == ((KEY,), (SERVER, MUSIC))


@pytest.mark.parametrize(
    ("row", "hint"),
    [
        ("network:{servr}:443", f"did you mean {SERVER}?"),
        ("secrets:keys", f"did you mean {KEY}?"),
        ("network:evil.example:443", ""),
        ("network:*:443", ""),
        ("network::443", ""),
        ("network:{server}:0", ""),
        ("files.read:~", ""),
        ("files.read:~/Music2", ""),
        ("files.read:~/Music/../.ssh", ""),
        ("files.read:~/Music/\u202egpj", ""),
        ("files.read:~/Music/\x1b[2J", ""),
        ("files.write:~/Music", ""),
        ("Files.read:~/Music", ""),
        ("everything", ""),
    ],
)
def test_only_what_the_manifest_asks_for_can_be_granted(mail: Installed, row: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        plan_grant(mail, [row])
    assert hint in refused.value.hint
    assert refused.value.hint
    assert "\x1b" not in refused.value.message
    assert "\u202e" not in refused.value.message


def test_a_folder_within_the_one_asked_for_can_be_granted_alone(mail: Installed) -> None:
    change = plan_grant(mail, ["files.read:~/Music/Jazz/Bop", "files.read:~/Music/Jazz", "files.read:~/Music/Pop"])
    assert change.added == ("files.read:~/Music/Jazz", "files.read:~/Music/Pop")


@pytest.mark.usefixtures("mail")
async def test_the_whole_takes_the_place_of_its_parts(layout: Layout) -> None:
    await grant(layout, "mail", ["files.read:~/Music/Jazz"], consent=Person())
    with pytest.raises(UsageError, match="was not granted"):
        plan_revoke(now(layout), ["files.read:~/Music/Pop"])
    await grant(layout, "mail", [MUSIC], consent=Person())
    assert rows(layout) == (MUSIC,)
    with pytest.raises(UsageError, match="granted whole"):
        plan_revoke(now(layout), ["files.read:~/Music/Jazz"])
    assert plan_grant(now(layout), ["files.read:~/Music/Jazz"]).added == ()
    await revoke(layout, "mail", [MUSIC])
    await grant(layout, "mail", ["files.read:~/Music/Jazz"], consent=Person())
    assert (await revoke(layout, "mail", [MUSIC])).removed == ("files.read:~/Music/Jazz",)


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize("name", ["mial", "m\u0430il", "Mail", "mail "])
async def test_a_name_that_reads_alike_is_not_that_skill(layout: Layout, name: str) -> None:
    with pytest.raises(UnknownSkill):
        await grant(layout, name, None, consent=Person())
    assert rows(layout) == ()


async def test_a_skill_that_changed_while_the_person_thought_is_granted_nothing(
    layout: Layout, tmp_path: Path, mail: Installed
) -> None:
    async def slow(change: GrantsChange) -> bool:
        write_index(tmp_path / "mail-index", replace(MAIL, version="2.0"))
        await install(layout, ["mail==2.0"], index=str(tmp_path / "mail-index"), terms=UNSIGNED, consent=agrees)
        return True

    with pytest.raises(UsageError, match="changed by somebody else"):
        await grant(layout, "mail", [KEY], consent=slow)
    assert rows(layout) == ()
    with pytest.raises(UsageError, match="changed by somebody else"):
        await grant_to(layout, mail, [KEY])


async def test_two_grants_at_once_are_both_there(layout: Layout, mail: Installed) -> None:
    catalogue = read_catalogue(layout)
    await grant(layout, "mail", [KEY], consent=Person())
    switch(layout, catalogue, silent)  # as if another process had read before and written after
    with pytest.raises(UsageError):
        await grant_to(layout, now(layout), ["files.write:/"])
    assert (await grant_to(layout, mail, [MUSIC])).added == (MUSIC,)


@pytest.mark.usefixtures("mail")
async def test_what_the_settings_make_of_a_row_is_shown(layout: Layout) -> None:
    assert row_now(SERVER, {}).endswith("(server is not set)")
    await change_settings(layout, "mail", {"server": "dav.example.org"}, consent=lambda change: True)
    first, second, _ = asks_of(now(layout))
    assert (first.means, first.problem, first.granted, first.whole) == ("dav.example.org:443", "", (), False)
    assert second.means == str(Path.home() / "Music")
    await change_settings(layout, "mail", {"server": "not a host"}, consent=lambda change: True)
    assert "not a host" in asks_of(now(layout))[0].problem


async def upgrade(layout: Layout, where: Path, fake: SkillWheelFake, publisher: str = "somebody") -> Plan:
    plans: list[Plan] = []

    def shown(plan: Plan) -> bool:
        plans.append(plan)
        return True

    index = str(write_index(where, fake, publisher=publisher))
    await install(layout, [f"mail=={fake.version}"], index=index, terms=UNSIGNED, consent=shown)
    return plans[0]


@pytest.mark.usefixtures("mail")
async def test_an_upgrade_does_not_give_back_what_was_revoked(layout: Layout, where: Path) -> None:
    await grant(layout, "mail", ["files.read:~/Music/Jazz", KEY], consent=Person())
    wider = {"network": ["{server}:443", "new.example:443"], "files.read": ["~/Music"], "secrets": ["key"]}
    plan = await upgrade(layout, where, replace(MAIL, version="2.0", permissions=wider))
    (planned,) = plan.skills
    assert planned.new_asks == ("connect to new.example:443",)
    assert planned.withheld == ("connect to {server}:443", "read ~/Music and everything in it")
    assert rows(layout) == ("network:new.example:443", "files.read:~/Music/Jazz", KEY)
    again = await install(layout, ["mail"], index=str(where), terms=UNSIGNED, consent=lambda plan: False)
    assert again.installed == ()


@pytest.mark.usefixtures("mail")
async def test_what_is_asked_for_more_narrowly_carries_over_and_what_is_wider_is_new(
    layout: Layout, where: Path
) -> None:
    await grant(layout, "mail", [MUSIC], consent=Person())
    narrow = SkillWheelFake(name="mail", version="2.0", permissions={"files.read": ["~/Music/Jazz"]})
    assert (await upgrade(layout, where, narrow)).skills[0].new_asks == ()
    assert rows(layout) == ("files.read:~/Music/Jazz",)
    wide = SkillWheelFake(name="mail", version="3.0", permissions={"files.read": ["~"]})
    (planned,) = (await upgrade(layout, where, wide)).skills
    assert planned.new_asks == ("read ~ and everything in it",)


async def test_a_person_can_choose_to_be_asked_at_first_use(layout: Layout, where: Path) -> None:
    await install(layout, ["mail"], index=str(where), terms=UNSIGNED, consent=agrees, ask_at_use=True)
    assert (rows(layout), now(layout).ask_at_use) == ((), True)
    new = {"network": ["{server}:443", "new.example:443"]}
    await upgrade(layout, where, replace(MAIL, version="2.0", permissions=new))
    assert (rows(layout), now(layout).ask_at_use) == ((), True)
    await install(layout, ["mail"], index=str(where), terms=UNSIGNED, consent=agrees, ask_at_use=False)
    assert (rows(layout), now(layout).ask_at_use) == ((), False)


async def test_the_answer_ask_is_that_choice(layout: Layout, where: Path) -> None:
    await install(layout, ["mail"], index=str(where), terms=UNSIGNED, consent=lambda plan: Agreed.ASK)
    assert (rows(layout), now(layout).ask_at_use) == ((), True)


async def test_another_publisher_starts_with_no_grant_setting_or_choice(layout: Layout, where: Path) -> None:
    await install(layout, ["mail"], index=str(where), terms=UNSIGNED, consent=agrees, ask_at_use=True)
    await grant(layout, "mail", [KEY], consent=Person())
    await change_settings(layout, "mail", {"server": "dav.example.org"}, consent=lambda change: True)
    before = now(layout)
    (planned,) = (await upgrade(layout, where, replace(MAIL, version="2.0"), publisher="other")).skills
    assert planned.stranger
    assert (planned.kept.rows(), planned.withheld) == ((), ())
    assert len(planned.new_asks) == 3
    after = now(layout)
    assert (after.settings, after.ask_at_use) == ({}, False)
    assert after.owner != before.owner  # which is what its data and secrets are kept under
