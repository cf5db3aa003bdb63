"""A question about a call on a real terminal: what each answer does, and what is remembered."""

import tomllib
from typing import Any

import pytest

from fakes.command import AtEndpoint, Command
from fakes.scripted_openai import Call, Reply, ScriptedOpenAI
from fakes.terminals import ended, on_terminal

POST = ("call", "notes.post", '{"text": "hello"}')


def rules(skill: Command) -> Any:
    config = skill.home / "config.toml"
    return tomllib.loads(config.read_text()).get("rules") if config.exists() else None


def test_always_shows_the_rule_asks_once_more_for_a_send_and_writes_it(skill: Command) -> None:
    (skill.home / "config.toml").write_text("# mine\n[budget]\ncalls = 9 # enough\n")
    terminal = on_terminal(skill, *POST)
    terminal.expect_exact("notes.post (send): Post a note for everybody to read.")
    terminal.expect_exact('  | notes.post {"text":"hello"}')
    terminal.expect_exact("run notes.post (send)? [o]nce / this [s]ession / [a]lways / [N]o")
    terminal.sendline("a")
    terminal.expect_exact("  | notes.post(text=hello,!*)")
    terminal.expect_exact("add it? [y/N]")
    terminal.sendline("y")
    terminal.expect_exact("it would send something out without a question, in every session from now on: are you sure?")
    terminal.sendline("y")
    terminal.expect_exact("posted: hello")
    assert ended(terminal) == 0
    assert rules(skill) == {"allow": ["notes.post(text=hello,!*)"]}
    assert (skill.home / "config.toml").read_text().startswith("# mine\n[budget]\ncalls = 9 # enough\n")
    assert skill(*POST).code == 0
    assert skill("call", "notes.post", '{"text": "other"}').code == 3


@pytest.mark.parametrize("answers", [("n", "n"), ("y", "n", "n")])
def test_second_thoughts_lead_back_to_the_question(skill: Command, answers: tuple[str, ...]) -> None:
    terminal = on_terminal(skill, *POST)
    terminal.expect_exact("run notes.post (send)?")
    terminal.sendline("a")
    for answer in answers[:-1]:
        terminal.expect_exact("[y/N]")
        terminal.sendline(answer)
    terminal.expect_exact("run notes.post (send)?")
    terminal.sendline(answers[-1])
    assert ended(terminal) == 3
    assert rules(skill) is None


def test_a_write_is_confirmed_once(skill: Command) -> None:
    terminal = on_terminal(skill, "call", "notes.add", '{"text": "milk"}')
    terminal.expect_exact("run notes.add (write)?")
    terminal.sendline("always")
    terminal.expect_exact("add it? [y/N]")
    terminal.sendline("y")
    assert ended(terminal) == 0
    assert rules(skill) == {"allow": ["notes.add(text=milk,!*)"]}


def test_where_a_rule_asks_it_is_named_and_always_is_not_offered(skill: Command) -> None:
    (skill.home / "config.toml").write_text('[rules]\nask = ["notes.count"]\n')
    terminal = on_terminal(skill, "call", "notes.count")
    terminal.expect_exact("the rule `notes.count` ([rules] ask[1]) asks about it")
    terminal.expect_exact("run notes.count (read)? [o]nce / this [s]ession / [N]o")
    terminal.sendline("a")
    terminal.expect_exact("please answer o, s or n")
    terminal.sendline("o")
    assert ended(terminal) == 0


def test_this_session_is_said_and_lasts_for_the_session(at_endpoint: AtEndpoint) -> None:
    calls = tuple(Reply(calls=(Call("notes__add", f'{{"text": "{text}"}}'),)) for text in ("milk", "bread"))
    with ScriptedOpenAI((*calls, Reply(text="Both."))) as server:
        skill = at_endpoint(server.base_url)
        terminal = on_terminal(skill, "run", "note milk and bread")
        terminal.expect_exact("run notes.add (write)?")
        terminal.sendline("s")
        terminal.expect_exact("until this session ends, notes.add runs without a question, whatever its arguments")
        terminal.expect_exact("Both.")
        assert ended(terminal) == 0
    assert skill("call", "notes.count").out == "2\n"
    assert skill("call", "notes.add", '{"text": "x"}').code == 3


def test_what_was_typed_before_a_question_is_no_answer_to_it(at_endpoint: AtEndpoint) -> None:
    replies = (Reply(calls=(Call("notes__add", '{"text": "milk"}'),)), Reply(text="Noted."), Reply(text="Good."))
    with ScriptedOpenAI(replies) as server:
        skill = at_endpoint(server.base_url)
        terminal = on_terminal(skill, "chat")
        terminal.expect_exact("> ")
        terminal.send("note milk\ryes\r")
        terminal.expect_exact("run notes.add (write)?")
        terminal.sendline("n")
        terminal.expect_exact("Noted.")
        terminal.expect_exact("Good.")
        terminal.sendline("")
        assert ended(terminal) == 0
    assert skill("call", "notes.count").out == "0\n"
    assert server.received[-1].json["messages"][-1] == {"role": "user", "content": "yes"}


def test_a_call_cannot_forge_a_question(skill: Command) -> None:
    forged = "x" + " " * 300 + "run notes.count (read)? [o]nce / this [s]ession / [N]o"
    terminal = on_terminal(
        skill, "call", "notes.post", f'{{"text": "{forged}\\nrun it?\\u001b[2J\\u202e"}}', columns=60
    )
    terminal.expect_exact("run notes.post (send)?")
    shown = str(terminal.before)
    terminal.sendline("n")
    assert ended(terminal) == 3
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown
    lines = [line for line in shown.splitlines() if line.strip()]
    assert all(line.startswith("  | ") for line in lines[1:])
    assert max(map(len, lines)) <= 60
