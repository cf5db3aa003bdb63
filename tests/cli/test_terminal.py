"""The command on a real terminal: what it asks, what Ctrl-C ends, what is written over."""

import re
from collections.abc import Iterator

import pexpect
import pytest

from fakes.command import NOTES, AtEndpoint, Command
from fakes.scripted_openai import Call, Reply, ScriptedOpenAI
from fakes.terminals import ended, on_terminal

CTRL_C = "\x03"
CTRL_D = "\x04"


@pytest.fixture
def adding() -> Iterator[ScriptedOpenAI]:
    """A model that writes one note and says so."""
    with ScriptedOpenAI((Reply(calls=(Call("notes__add", '{"text": "milk"}'),)), Reply(text="Noted."))) as server:
        yield server


@pytest.mark.parametrize(
    ("answer", "code", "kept"),
    [("y", 0, "1"), ("o", 0, "1"), ("s", 0, "1"), ("n", 3, "0"), ("", 3, "0"), ("perhaps\ry", 0, "1")],
)
def test_a_write_asks_and_shows_exactly_what_runs(
    at_endpoint: AtEndpoint, adding: ScriptedOpenAI, answer: str, code: int, kept: str
) -> None:
    skill = at_endpoint(adding.base_url)
    terminal = on_terminal(skill, "run", "note milk")
    terminal.expect_exact("notes.add (write): Write down a note.")
    terminal.expect_exact('notes.add {"text":"milk"}')
    terminal.expect_exact("run notes.add (write)? [o]nce / this [s]ession / [a]lways / [N]o")
    terminal.sendline(answer)
    assert ended(terminal) == code
    assert skill("call", "notes.count").out.strip() == kept


def test_ctrl_c_at_the_question_is_a_no_to_everything(at_endpoint: AtEndpoint, adding: ScriptedOpenAI) -> None:
    skill = at_endpoint(adding.base_url)
    terminal = on_terminal(skill, "run", "note milk")
    terminal.expect_exact("run notes.add (write)?")
    terminal.send(CTRL_C)
    assert ended(terminal) == 130
    assert skill("call", "notes.count").out == "0\n"


def test_a_conversation_on_a_terminal(at_endpoint: AtEndpoint) -> None:
    with ScriptedOpenAI((Reply(text="One."), Reply(text="Two."))) as server:
        terminal = on_terminal(at_endpoint(server.base_url), "chat")
        for text, answer in (("first", "One."), ("second", "Two.")):
            terminal.expect_exact("> ")
            terminal.sendline(text)
            terminal.expect_exact(answer)
        terminal.expect_exact("> ")
        terminal.send(CTRL_D)
        assert ended(terminal) == 0


def test_ctrl_c_ends_a_turn_and_the_conversation_goes_on(at_endpoint: AtEndpoint) -> None:
    with ScriptedOpenAI((Reply(silent=True), Reply(text="Here again."))) as server:
        terminal = on_terminal(at_endpoint(server.base_url), "chat")
        terminal.expect_exact("> ")
        terminal.sendline("first")
        while not server.received:
            assert terminal.isalive()
        terminal.send(CTRL_C)
        terminal.expect_exact("the conversation goes on")
        terminal.expect_exact("> ")
        terminal.sendline("second")
        terminal.expect_exact("Here again.")
        terminal.expect_exact("> ")
        terminal.send(CTRL_C)
        assert ended(terminal) == 130


def test_an_install_shows_its_progress_and_leaves_a_clean_line(bare: Command) -> None:
    terminal = on_terminal(bare, "install", str(NOTES), "--yes")
    terminal.expect(pexpect.EOF)
    shown = str(terminal.before)
    terminal.close()
    assert terminal.exitstatus == 0
    assert "building" in shown
    assert re.search(r"\x1b\[Kinstalled notes 0\.1\.0: 10 tools\r\n$", shown) is not None
