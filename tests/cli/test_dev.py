"""`skill dev` and `skill install --editable`: a source folder that is followed."""

from pathlib import Path

import pexpect
import pytest

from fakes.command import Command
from fakes.terminals import ended, on_terminal
from fakes.wheels import HELLO, write_source

CTRL_C = "\x03"
CTRL_D = "\x04"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_source(tmp_path / "tiny")


def save(source: Path, code: str) -> None:
    (source / "skill_tiny" / "__init__.py").write_text(code, encoding="utf-8")


def at_work(bare: Command, source: Path, *options: str) -> "pexpect.spawn[str]":
    terminal = on_terminal(bare, "dev", str(source), *options)
    terminal.expect_exact("tiny 1.0 follows")
    terminal.expect_exact("hello {name}  (read)  Greet somebody.")
    terminal.expect_exact("> ")
    return terminal


def test_what_is_typed_is_called_and_what_is_saved_is_taken_over(bare: Command, source: Path) -> None:
    terminal = at_work(bare, source, "--yes")
    terminal.sendline('hello {"name": "Sam"}')
    terminal.expect(r'tiny\.hello {"name":"Sam"}  done  \d+ ms')
    terminal.expect_exact("hello Sam")
    save(source, HELLO.replace('f"hello', 'f"good day'))
    terminal.expect_exact("is in force as saved")
    terminal.sendline('tiny.hello {"name": "Sam"}')
    terminal.expect_exact("good day Sam")
    terminal.send(CTRL_D)
    assert ended(terminal) == 0


def test_a_mistake_that_is_saved_is_said_and_the_last_version_that_worked_stays(bare: Command, source: Path) -> None:
    terminal = at_work(bare, source, "--yes")
    save(source, "def broken(:\n")
    terminal.expect_exact("error: skill_tiny cannot be imported: SyntaxError")
    terminal.sendline('hello {"name": "Sam"}')
    terminal.expect_exact("hello Sam")
    assert "error: skill_tiny" not in str(terminal.before)
    save(source, HELLO.replace("def hello", "def greet"))
    terminal.expect_exact("new tool: greet (read)")
    terminal.expect_exact("tool gone: hello")
    terminal.send(CTRL_C)
    assert ended(terminal) == 130


def test_calls_of_other_processes_are_shown_with_what_was_refused(bare: Command, source: Path) -> None:
    code = HELLO.replace(
        '    return f"hello {name}"',
        "    import urllib.request\n    return urllib.request.urlopen(name).read().decode()",
    )
    save(source, code)
    terminal = at_work(bare, source, "--yes")
    ran = bare("call", "tiny.hello", '{"name": "http://127.0.0.1:9/"}')
    assert ran.code == 1
    terminal.expect_exact('tiny.hello {"name":"http://127.0.0.1:9/"}  failed')
    terminal.expect_exact("refused  network 127.0.0.1:9")
    terminal.send(CTRL_D)
    assert ended(terminal) == 0


def test_a_change_that_asks_for_more_asks_the_person(bare: Command, source: Path) -> None:
    terminal = at_work(bare, source, "--yes")
    terminal.send(CTRL_D)
    assert ended(terminal) == 0
    with (source / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write('\n[tool.skill.permissions]\nnetwork = ["example.org:443"]\n')
    ran = bare("call", "tiny.hello", '{"name": "Sam"}')
    assert ran.code == 3
    assert "connect to example.org:443" in ran.err
    assert bare("call", "tiny.hello", '{"name": "Sam"}', "--yes").out == "hello Sam\n"


def test_an_editable_skill_follows_its_folder(bare: Command, source: Path) -> None:
    assert bare("install", "--editable", str(source), "--yes").code == 0
    assert bare("call", "tiny.hello", '{"name": "Sam"}').out == "hello Sam\n"
    save(source, HELLO.replace('f"hello', 'f"good day'))
    assert bare("call", "tiny.hello", '{"name": "Sam"}').out == "good day Sam\n"


def test_a_skill_that_is_installed_already_follows_its_folder_from_then_on(bare: Command, source: Path) -> None:
    assert bare("build", str(source)).code == 0
    assert bare("install", str(source), "--yes").code == 0
    assert bare("list", "--json").json()[0]["editable"] is None
    ran = bare("install", "--editable", str(source), "--yes")
    assert ran.code == 0, ran.err
    assert bare("list", "--json").json()[0]["editable"] == str(source)


def test_an_editable_skill_whose_folder_is_gone_stays_as_it_was(bare: Command, source: Path) -> None:
    assert bare("install", "-e", str(source), "--yes").code == 0
    source.rename(source.with_name("elsewhere"))
    assert bare("call", "tiny.hello", '{"name": "Sam"}').out == "hello Sam\n"


@pytest.mark.parametrize("what", ["calendar", "/nowhere", "."])
def test_editable_takes_source_folders_alone(bare: Command, what: str) -> None:
    ran = bare("install", "--editable", what if what != "." else "/", "--yes")
    assert ran.code == 2
    assert "is not the source folder of a skill" in ran.err


def test_what_cannot_be_installed_ends_dev_at_once(bare: Command, tmp_path: Path) -> None:
    ran = bare("dev", str(tmp_path))
    assert ran.code == 2
    assert "is not the source folder of a skill" in ran.err
