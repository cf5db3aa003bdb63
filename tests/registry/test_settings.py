"""Changing a skill's settings: all or nothing, with consent where a grant gets another meaning."""

from functools import partial
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from fakes.indexes import UNSIGNED, write_index
from fakes.wheels import SkillWheelFake
from skillkernel.catalogue.read import read_catalogue
from skillkernel.catalogue.types import Installed, Layout
from skillkernel.errors import ApprovalRefused, UnknownSkill, UsageError
from skillkernel_registry.install import install
from skillkernel_registry.rollback import rollback
from skillkernel_registry.settings import (
    SettingsChange,
    carried_settings,
    change_settings,
    missing_settings,
    plan_change,
)
from skillkernel_registry.uninstall import uninstall

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "server": {"type": "string", "description": "Where the mail is.", "minLength": 3},
        "port": {"type": "integer", "minimum": 1, "default": 993},
        "folder": {"type": "string"},
        "secure": {"type": "boolean"},
        "ratio": {"type": ["number", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "mode": {"enum": ["fast", "slow"]},
        "level": {"$ref": "#/$defs/level"},
        "anything": {},
    },
    "required": ["server", "folder"],
    "$defs": {"level": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
}


class Person:
    """Somebody who is asked; `shown` is what they were shown."""

    def __init__(self, answer: bool = True) -> None:
        self.answer = answer
        self.shown: list[SettingsChange] = []

    async def __call__(self, change: SettingsChange) -> bool:
        self.shown.append(change)
        return self.answer


@pytest.fixture
def mail(layout: Layout, tmp_path: Path) -> Installed:
    """An installed skill with settings, two of them named by grants."""
    fake = SkillWheelFake(
        name="mail",
        permissions={"network": ["{server}", "{server}:{port}"], "files.read": ["{folder}/in"]},
        manifest={"settings": SCHEMA},
    )
    index = write_index(tmp_path / "mail-index", fake)
    anyio.run(partial(install, layout, ["mail"], index=str(index), terms=UNSIGNED, consent=lambda plan: True))
    return now(layout)


def now(layout: Layout) -> Installed:
    skill = read_catalogue(layout).skill("mail")
    assert skill is not None
    return skill


def planned(skill: Installed, *unset: str, **values: str) -> dict[str, Any]:
    return plan_change(skill, values, unset).settings


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("server", "123", "123"),
        ("server", "true", "true"),
        ("server", " x=y ", " x=y "),
        ("port", "143", 143),
        ("secure", "true", True),
        ("ratio", "0.5", 0.5),
        ("ratio", "null", None),
        ("tags", '["a", "b"]', ["a", "b"]),
        ("mode", "fast", "fast"),
        ("level", "3", 3),
        ("anything", "[1]", "[1]"),
    ],
)
def test_a_text_is_read_as_the_schema_says(mail: Installed, key: str, text: str, value: Any) -> None:
    assert planned(mail, **{key: text}) == {key: value}


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("port", "many", "no value for mail's setting port"),
        ("port", '1, "server": "evil"', "no value for"),
        ("port", "1.5", "port: "),
        ("port", "0", "port: "),
        ("secure", "True", "no value for"),
        ("server", "ab", "server: "),
        ("mode", "medium", "mode: "),
        ("tags", "[1]", "tags/0: "),
        ("server", "a\udcffb", "not UTF-8"),
        ("ratio", "NaN", "no value for"),
    ],
)
def test_a_value_that_does_not_fit_is_named(mail: Installed, key: str, text: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        planned(mail, **{key: text})
    assert words in refused.value.message
    assert refused.value.hint


def test_an_unknown_name_is_answered_with_the_nearest(mail: Installed) -> None:
    with pytest.raises(UsageError) as refused:
        planned(mail, servre="example.org")
    assert refused.value.message == "mail has no setting 'servre'"
    assert refused.value.hint == "did you mean server?"
    with pytest.raises(UsageError, match="no setting 'zzz'"):
        planned(mail, "zzz")
    with pytest.raises(UsageError, match="to be set and to be unset"):
        planned(mail, "server", server="example.org")


async def test_a_change_is_a_new_generation_and_rollback_brings_the_old_settings_back(
    layout: Layout, mail: Installed
) -> None:
    before = read_catalogue(layout).generation
    result = await change_settings(layout, "mail", {"port": "143", "secure": "true"}, consent=Person())
    assert now(layout).settings == result.skill.settings == {"port": 143, "secure": True}
    assert (result.generation, result.changed) == (before + 1, ("port", "secure"))
    await rollback(layout)
    assert now(layout).settings == {}


async def test_of_several_one_that_is_wrong_stops_all(layout: Layout, mail: Installed) -> None:
    before = read_catalogue(layout)
    with pytest.raises(UsageError):
        await change_settings(layout, "mail", {"secure": "true", "port": "many"}, consent=Person())
    assert read_catalogue(layout) == before


async def test_what_is_so_already_makes_no_generation(layout: Layout, mail: Installed) -> None:
    await change_settings(layout, "mail", {"port": "143"}, consent=Person())
    before = read_catalogue(layout)
    result = await change_settings(layout, "mail", {"port": "143"}, ["secure"], consent=Person())
    assert result.changed == ()
    assert read_catalogue(layout) == before


async def test_a_setting_that_a_grant_names_needs_a_yes_to_what_may_be_reached(layout: Layout, mail: Installed) -> None:
    person = Person()
    await change_settings(layout, "mail", {"server": "mail.example.org"}, consent=person)
    assert [change.reaches for change in person.shown] == [("connect to mail.example.org",)]
    await change_settings(layout, "mail", {"port": "143", "folder": "/srv/mail"}, consent=person)
    assert person.shown[1].reaches == ("connect to mail.example.org:143", "read /srv/mail/in and everything in it")
    await change_settings(layout, "mail", {"secure": "true"}, consent=person)
    assert len(person.shown) == 2, "no grant names it"


async def test_without_a_yes_nothing_changes(layout: Layout, mail: Installed) -> None:
    before = read_catalogue(layout)
    with pytest.raises(ApprovalRefused, match="the settings of mail were left as they are"):
        await change_settings(layout, "mail", {"server": "evil.example.org", "port": "1"}, consent=Person(answer=False))
    assert read_catalogue(layout) == before


async def test_unsetting_needs_no_yes(layout: Layout, mail: Installed) -> None:
    await change_settings(layout, "mail", {"server": "mail.example.org"}, consent=Person())
    person = Person(answer=False)
    await change_settings(layout, "mail", {}, ["server"], consent=person)
    assert person.shown == []
    assert now(layout).settings == {}


def test_what_is_required_may_be_set_one_by_one_and_is_named_till_then(mail: Installed) -> None:
    assert missing_settings(mail) == ("server", "folder")
    half = msgspec.structs.replace(mail, settings=planned(mail, server="mail.example.org"))
    assert missing_settings(half) == ("folder",)


async def test_a_skill_that_is_not_there_is_named(layout: Layout, mail: Installed) -> None:
    with pytest.raises(UnknownSkill) as unknown:
        await change_settings(layout, "mial", {"port": "1"}, consent=Person())
    assert unknown.value.near == ("mail",)


async def test_a_change_that_somebody_else_makes_meanwhile_is_not_overwritten(layout: Layout, mail: Installed) -> None:
    async def slow(change: SettingsChange) -> bool:
        await change_settings(layout, "mail", {"port": "25"}, consent=Person())
        return True

    with pytest.raises(UsageError, match="changed by somebody else"):
        await change_settings(layout, "mail", {"server": "mail.example.org"}, consent=slow)
    assert now(layout).settings == {"port": 25}


async def test_an_upgrade_keeps_the_settings_that_still_fit(layout: Layout, mail: Installed, tmp_path: Path) -> None:
    await change_settings(layout, "mail", {"server": "mail.example.org", "port": "143"}, consent=Person())
    narrower = {"type": "object", "properties": {"server": {"type": "string"}, "port": {"type": "string"}}}
    fake = SkillWheelFake(name="mail", version="2.0", manifest={"settings": narrower})
    index = write_index(tmp_path / "mail-index", fake)
    await install(layout, ["mail==2.0"], index=str(index), terms=UNSIGNED, consent=lambda plan: True)
    assert now(layout).version == "2.0"
    assert now(layout).settings == {"server": "mail.example.org"}
    assert carried_settings(now(layout).settings, mail.manifest) == {"server": "mail.example.org"}


async def test_uninstalling_says_that_secrets_stay_and_purging_deletes_them(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skillkernel.secrets.file_store import FileStore

    layout.config.write_text('[secrets]\nstore = "file"\n')
    index = write_index(tmp_path / "i", SkillWheelFake(name="mail", permissions={"secrets": ["password"]}))
    store = FileStore(layout.secrets)
    for purge in (False, True):
        await install(layout, ["mail"], index=str(index), terms=UNSIGNED, consent=lambda plan: True)
        owner = now(layout).owner
        assert bool(store.read(owner, ["password"])) == purge, "they were kept"
        store.set(owner, "password", "hunter22")
        result = await uninstall(layout, "mail", purge=purge)
        assert result.secrets
        assert bool(store.read(owner, ["password"])) == (not purge)
