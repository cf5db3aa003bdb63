"""Odd surroundings: closed descriptors, files for terminals, bytes that are no text, a journal that cannot be used."""

import os
import sqlite3
import subprocess
import sys

import pytest

from fakes.command import AtEndpoint, Command
from fakes.scripted_openai import Reply, ScriptedOpenAI


def shell(skill: Command, line: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        ["/bin/sh", "-c", line.replace("skill ", f"{sys.executable} -m skillkernel_cli ", 1)],
        env=skill.environment(),
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    "line",
    [
        "skill call notes.count <&-",
        "skill call notes.count >&-",
        "skill call notes.count 2>&-",
        "skill chat </dev/null",
    ],
)
def test_a_closed_descriptor_is_no_bug(skill: Command, line: str) -> None:
    ran = shell(skill.with_environment(OPENAI_BASE_URL="http://127.0.0.1:9/v1", SKILL_MODEL="m"), line)
    assert ran.returncode == 0, ran.stderr
    assert b"error" not in ran.stderr


def test_a_conversation_can_come_from_a_file(at_endpoint: AtEndpoint) -> None:
    with ScriptedOpenAI((Reply(text="One."), Reply(text="Two."))) as server:
        skill = at_endpoint(server.base_url)
        (skill.home / "requests").write_text("first\nsecond\n")
        ran = shell(skill, f"skill chat < {skill.home}/requests")
    assert ran.stdout == b"One.\nTwo.\n", ran.stderr


def test_bytes_that_are_no_text_are_wrong_usage(skill: Command) -> None:
    with skill.start("call", "notes.find", os.fsdecode(b'{"text": "\xff"}')) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "UTF-8" in err


def test_what_a_terminal_cannot_show_is_escaped_and_the_call_stands(skill: Command) -> None:
    ran = shell(skill.with_environment(PYTHONIOENCODING="ascii"), """skill call notes.add '{"text": "Café"}' --yes""")
    assert (ran.returncode, ran.stdout) == (0, b"noted: Caf\\xe9\n")


@pytest.mark.parametrize("request_", ["", "   ", "a" * 60_000])
def test_a_request_that_is_none_is_wrong_usage(at_endpoint: AtEndpoint, request_: str) -> None:
    with ScriptedOpenAI((Reply(text="Hello."),)) as server:
        ran = at_endpoint(server.base_url).here("run", request_)
        assert server.received == []
    assert ran.code == 2


def test_an_answer_that_was_cut_is_not_given_for_whole(at_endpoint: AtEndpoint) -> None:
    with ScriptedOpenAI((Reply(text="The answer is fort", finish="length"),)) as server:
        ran = at_endpoint(server.base_url).here("run", "--json", "what is the answer?")
    assert ran.code == 1
    assert ran.lines()[-1]["event"] == "stopped"
    assert "cut off" in ran.lines()[-1]["reason"]
    assert "The answer is fort" in ran.lines()[-1]["reason"]


def test_more_calls_than_one_reply_may_have_are_answered_too(at_endpoint: AtEndpoint) -> None:
    from fakes.scripted_openai import Call

    calls = tuple(Call("notes__add", f'{{"text": "{number}"}}', id=f"c{number}") for number in range(20))
    with ScriptedOpenAI((Reply(calls=calls), Reply(text="Some."))) as server:
        ran = at_endpoint(server.base_url).here("run", "--yes", "--json", "note twenty things")
        told = [m for m in server.received[-1].json["messages"] if m["role"] == "tool"]
    assert ran.lines()[-1] == {"event": "answer", "text": "Some."}
    assert len(told) == 20
    assert "not run" in told[-1]["content"]


def test_a_journal_that_another_process_holds_is_not_called_damaged(skill: Command) -> None:
    skill("call", "notes.count")
    holder = sqlite3.connect(skill.home / "journal.sqlite", isolation_level=None)
    try:
        holder.execute("BEGIN EXCLUSIVE")
        ran = skill("call", "notes.count")
    finally:
        holder.close()
    assert ran.code == 1
    assert "held by another process" in ran.err
    assert "damaged" not in ran.err


def test_a_home_of_nobody_is_named(skill: Command) -> None:
    ran = skill.with_environment(SKILL_HOME="~nosuchuser/x")("list")
    assert ran.code == 2
    assert "SKILL_HOME" in ran.err


def test_an_allowed_tool_may_be_named_as_the_model_sees_it(skill: Command) -> None:
    assert skill("call", "notes.post", '{"text": "x"}', "--allow", "notes__post").code == 0
