"""`skill secret`: typed without echo or piped in, and shown to nobody."""

import shutil
import stat
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from fakes.command import Command
from fakes.wheels import SkillWheelFake

PASSWORD = "hunter22-of-sam"  # noqa: S105 # of nobody
CODE = b'''
import os

from skillkernel import Context, ToolError, tool


@tool(effect="read")
def login(context: Context) -> str:
    """Log in."""
    password = context.secret("password")
    print("logging in with", password, flush=True)
    if os.environ.get("password"):
        raise ToolError("it is in the environment")
    return f"logged in with {password}"
'''
LOGIN: dict[str, Any] = {
    "name": "login",
    "description": "Log in.",
    "effect": "read",
    "input_schema": {"type": "object", "properties": {}, "additionalProperties": False},
    "permissions": ["secrets:password"],
}


@pytest.fixture(scope="module")
def mail_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a skill that asks for two secrets."""
    folder = tmp_path_factory.mktemp("mail")
    wheel = SkillWheelFake(
        name="mail",
        tools=(LOGIN,),
        permissions={"secrets": ["password", "token"]},
        extra={"skill_mail/__init__.py": CODE},
    ).write(folder)
    ran = Command(folder / "home")("install", str(wheel), "--yes")
    assert ran.code == 0, ran.err
    assert "mail may need `skill secret set mail password`" in ran.err
    return folder / "home"


@pytest.fixture
def mail(tmp_path: Path, mail_home: Path) -> Command:
    shutil.copytree(mail_home, tmp_path / "home", symlinks=True)
    (tmp_path / "home").chmod(0o700)
    # No bus of the person's desktop: a test must not write into a keyring.
    return Command(tmp_path / "home", {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/dev/null"})


def everything_in(home: Path) -> bytes:
    """All bytes of a home but those of the place for secrets."""
    files = [path for path in home.rglob("*") if path.is_file() and "secrets" not in path.parts]
    return b"".join(path.read_bytes() for path in files)


def test_a_secret_from_a_pipe_is_handed_to_the_tool_and_to_nobody_else(mail: Command) -> None:
    before = mail("call", "mail.login", "--json")
    assert before.code == 1
    assert before.json()["error"] == {
        "code": "secret-missing",
        "message": "the secret password of mail is not set",
        "hint": "`skill secret set mail password`",
    }
    ran = mail("secret", "set", "mail", "password", stdin=f"{PASSWORD}\n")
    assert ran.code == 0, ran.err
    assert PASSWORD not in ran.out + ran.err
    called = mail("call", "mail.login", "--json")
    assert called.json()["result"] == "logged in with ‹secret password›"
    assert PASSWORD not in called.out + called.err
    for shown in (mail("log", "--json"), mail("info", "mail"), mail("secret", "list", "mail", "--json")):
        assert shown.code == 0, shown.err
        assert PASSWORD not in shown.out + shown.err
    assert PASSWORD.encode() not in everything_in(mail.home)


def test_that_a_file_is_used_is_said_once(mail: Command) -> None:
    first = mail("secret", "set", "mail", "password", stdin=PASSWORD)
    second = mail("secret", "set", "mail", "token", stdin="t-12345678\r\n")
    assert f"kept in {mail.home / 'secrets'}, for you alone (mode 600), not encrypted" in first.err
    assert "set them again" in first.err
    assert "not encrypted" not in second.err
    (file,) = (mail.home / "secrets").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_person_who_chose_the_file_is_not_told_of_it(mail: Command) -> None:
    (mail.home / "config.toml").write_text('[secrets]\nstore = "file"\n')
    ran = mail("secret", "set", "mail", "password", stdin=PASSWORD)
    assert ran.code == 0
    assert "keyring" not in ran.err


def test_a_keyring_that_is_asked_for_and_not_there_is_named(mail: Command) -> None:
    (mail.home / "config.toml").write_text('[secrets]\nstore = "keyring"\n')
    ran = mail("secret", "set", "mail", "password", stdin=PASSWORD)
    assert ran.code == 5
    assert "no keyring to use here" in ran.err
    assert not (mail.home / "secrets").exists()


def test_what_is_set_is_listed_by_name(mail: Command) -> None:
    mail("secret", "set", "mail", "password", stdin=PASSWORD)
    listed = mail("secret", "list")
    assert [line.split() for line in listed.out.splitlines()] == [
        ["SKILL", "SECRET", "STATE"],
        ["mail", "password", "set"],
        ["mail", "token", "missing"],
    ]
    assert mail("secret", "list", "mail", "--json").json() == [
        {"skill": "mail", "key": "password", "set": True, "granted": True},
        {"skill": "mail", "key": "token", "set": False, "granted": True},
    ]


def test_what_is_removed_is_gone(mail: Command) -> None:
    mail("secret", "set", "mail", "password", stdin=PASSWORD)
    assert mail("secret", "remove", "mail", "password").code == 0
    again = mail("secret", "remove", "mail", "password")
    assert again.code == 2
    assert "is not set" in again.err
    assert PASSWORD not in "".join(path.read_text() for path in (mail.home / "secrets").iterdir())


def test_a_value_on_the_command_line_is_refused_with_the_reason(mail: Command) -> None:
    for words in (("password", PASSWORD), (f"password={PASSWORD}",), ("password", f"--{PASSWORD}")):
        ran = mail("secret", "set", "mail", *words)
        assert ran.code == 2
        assert "shell's history" in ran.err
        assert "`skill secret set mail password`" in ran.err
        assert PASSWORD not in ran.err
    assert not (mail.home / "secrets").exists()


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("", "it is empty"),
        ("\n", "it is empty"),
        ("abc\n", "fewer than 4 characters"),
        ("abcd\tefgh\n", "character 5 is a control character (U+0009)"),
        ("first line\nsecond line\n", "more than one line"),
    ],
)
def test_a_value_that_cannot_be_kept_is_refused(mail: Command, typed: str, word: str) -> None:
    ran = mail("secret", "set", "mail", "password", stdin=typed)
    assert ran.code == 2
    assert word in ran.err
    assert not (mail.home / "secrets").exists()


def test_unknown_names_are_answered_with_the_nearest(mail: Command) -> None:
    for words, near in ((("mial", "password"), "mail"), (("mail", "pasword"), "password")):
        ran = mail("secret", "set", *words, stdin=PASSWORD)
        assert ran.code == 2
        assert f"did you mean {near}?" in ran.err
    assert "asks for: password, token" in mail("secret", "set", "mail", "xyz", stdin=PASSWORD).err


def test_a_file_open_to_others_is_refused(mail: Command) -> None:
    mail("secret", "set", "mail", "password", stdin=PASSWORD)
    (file,) = (mail.home / "secrets").iterdir()
    file.chmod(0o644)
    called = mail("call", "mail.login", "--json")
    assert called.code == 5
    assert called.json()["error"]["code"] == "secret-store"
    assert "chmod 600" in called.json()["error"]["hint"]


def test_uninstalling_keeps_secrets_and_says_so_and_purging_deletes_them(mail: Command, tmp_path: Path) -> None:
    shutil.copytree(mail.home, tmp_path / "other", symlinks=True)
    other = Command(tmp_path / "other", mail.more)
    for each in (mail, other):
        each("secret", "set", "mail", "password", stdin=PASSWORD)
    kept = mail("uninstall", "mail")
    assert "its secrets stay; `skill uninstall --purge` would have deleted them" in kept.err
    assert list((mail.home / "secrets").iterdir())
    purged = other("uninstall", "mail", "--purge", "--yes")
    assert "its secrets are deleted" in purged.err
    assert not list((other.home / "secrets").iterdir())


def test_info_says_what_is_to_be_set(mail: Command) -> None:
    assert "needs     `skill secret set mail password`" in mail("info", "mail").out
    mail("secret", "set", "mail", "password", stdin=PASSWORD)
    after = mail("info", "mail").out
    assert "set mail password`" not in after
    assert "needs     `skill secret set mail token`" in after


def on_terminal(mail: Command) -> "pexpect.spawn[str]":
    return pexpect.spawn(
        sys.executable,
        ["-m", "skillkernel_cli", "secret", "set", "mail", "password"],
        env={**mail.environment(), "TERM": "xterm", "NO_COLOR": "1"},
        encoding="utf-8",
        timeout=60,
        dimensions=(50, 200),
    )


def test_on_a_terminal_it_is_typed_without_echo(mail: Command) -> None:
    terminal = on_terminal(mail)
    terminal.expect_exact("password for mail: ")
    terminal.waitnoecho()
    terminal.sendline(PASSWORD)
    terminal.expect(pexpect.EOF)
    shown = terminal.before or ""
    terminal.close()
    assert terminal.exitstatus == 0
    assert PASSWORD not in shown
    assert "is stored in" in shown
    assert mail("call", "mail.login").out == "logged in with ‹secret password›\n"


@pytest.mark.parametrize(("key", "code"), [("\x03", 130), ("\x04", 2)])
def test_ctrl_c_and_ctrl_d_at_the_prompt_store_nothing(mail: Command, key: str, code: int) -> None:
    terminal = on_terminal(mail)
    terminal.expect_exact("password for mail: ")
    terminal.waitnoecho()
    terminal.send(key)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == code
    assert not (mail.home / "secrets").exists()
