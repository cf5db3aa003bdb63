"""`skill config`: settings shown and changed."""

import shutil
from pathlib import Path

import pexpect
import pytest

from fakes.command import Command
from fakes.wheels import SkillWheelFake

SCHEMA = {
    "type": "object",
    "properties": {
        "server": {"type": "string", "description": "Where the mail is."},
        "port": {"type": "integer", "default": 993, "description": "Its port."},
    },
    "required": ["server"],
}


@pytest.fixture(scope="module")
def mail_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a skill whose grant names a setting."""
    folder = tmp_path_factory.mktemp("mail")
    wheel = SkillWheelFake(
        name="mail",
        permissions={"network": ["{server}:443"], "secrets": ["password"]},
        manifest={"settings": SCHEMA},
    ).write(folder)
    ran = Command(folder / "home")("install", str(wheel), "--yes")
    assert ran.code == 0, ran.err
    assert ran.err.splitlines()[-2:] == [
        "mail needs `skill config mail server=…`",
        "mail may need `skill secret set mail password`",
    ]
    return folder / "home"


@pytest.fixture
def mail(tmp_path: Path, mail_home: Path) -> Command:
    shutil.copytree(mail_home, tmp_path / "home", symlinks=True)
    (tmp_path / "home").chmod(0o700)
    return Command(tmp_path / "home", {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/dev/null"})


def test_settings_are_shown_with_their_meaning_default_and_value(mail: Command) -> None:
    assert mail("config", "mail").out.splitlines() == [
        "SETTING  VALUE              DEFAULT  WHAT IT IS",
        "server   not set, required           Where the mail is.",
        "port     not set            993      Its port.",
    ]
    assert mail("config", "mail", "port", "--json").json() == {
        "name": "mail",
        "settings": [
            {
                "name": "port",
                "value": None,
                "set": False,
                "default": 993,
                "required": False,
                "description": "Its port.",
                "schema": SCHEMA["properties"]["port"],  # type: ignore[index] # a dict of dicts
            }
        ],
    }


def test_a_change_is_said_with_how_to_undo_it(mail: Command) -> None:
    ran = mail("config", "mail", "port=143")
    assert ran.code == 0
    assert "mail: port is set (generation 2; `skill rollback` undoes it)" in ran.err
    assert "still to be set: server" in ran.err
    assert mail("config", "mail", "port", "--json").json()["settings"][0]["value"] == 143
    assert "mail: port is unset" in mail("config", "mail", "port=").err
    assert "mail: nothing changed" in mail("config", "mail", "--unset", "port").err
    assert "mail is set to: port=143" in mail("rollback").err
    assert "143" in mail("config", "mail").out


def test_what_a_grant_then_stands_for_needs_consent(mail: Command) -> None:
    refused = mail("config", "mail", "server=mail.example.org")
    assert refused.code == 3
    assert "connect to mail.example.org:443" in refused.err
    assert "--yes" in refused.err
    assert "not set, required" in mail("config", "mail").out
    agreed = mail("config", "mail", "server=mail.example.org", "--yes", "--json")
    assert agreed.code == 0
    assert "connect to mail.example.org:443" in agreed.err
    assert agreed.json()["settings"][0]["value"] == "mail.example.org"


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 3)])
def test_on_a_terminal_the_person_is_asked(mail: Command, answer: str, code: int) -> None:
    import sys

    terminal: pexpect.spawn[str] = pexpect.spawn(
        sys.executable,
        ["-m", "skillkernel_cli", "config", "mail", "server=mail.example.org"],
        env={**mail.environment(), "TERM": "xterm", "NO_COLOR": "1"},
        encoding="utf-8",
        timeout=60,
    )
    terminal.expect_exact("with this, mail may")
    terminal.expect_exact("connect to mail.example.org:443")
    terminal.expect_exact("agree? [y/N]")
    terminal.sendline(answer)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == code


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("sever=x",), "did you mean server?"),
        (("sever",), "did you mean server?"),
        (("port=many",), "no value for mail's setting port"),
        (("port=1", "port=2"), "named twice"),
        (("port=1", "server"), "has no value"),
        (("password=hunter22",), "`skill secret set mail password`"),
    ],
)
def test_a_mistake_is_named_and_nothing_changes(mail: Command, words: tuple[str, ...], message: str) -> None:
    ran = mail("config", "mail", *words, "--yes")
    assert ran.code == 2
    assert message in ran.err
    assert "hunter22" not in ran.err
    assert not (mail.home / "generations" / "2").exists()


def test_a_skill_without_settings_has_none(skill: Command) -> None:
    ran = skill("config", "notes")
    assert (ran.code, ran.out) == (0, "")
    assert "notes has no settings" in ran.err


def test_info_says_what_is_to_be_set(mail: Command) -> None:
    assert "needs     `skill config mail server=…`" in mail("info", "mail").out
