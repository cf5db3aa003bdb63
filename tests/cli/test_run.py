"""`skill run` against a real endpoint on loopback: what a model does right, and everything that it does wrong."""

import json
import signal
import sqlite3
import subprocess
import time

import pytest

from fakes.bad_replies import bad_replies
from fakes.command import AtEndpoint, Command
from fakes.scripted_openai import Call, Reply, ScriptedOpenAI

BAD = bad_replies("notes__add", {"text": "milk"})
HANGS = [name for name in BAD if name.startswith("hangs")]


def notes(skill: Command) -> list[str]:
    return [line for file in skill.home.glob("data/*/notes.txt") for line in file.read_text().splitlines()]


def open_rows(skill: Command) -> int:
    with sqlite3.connect(skill.home / "journal.sqlite") as journal:
        calls = journal.execute("SELECT count(*) FROM calls WHERE state = 'intent'").fetchone()[0]
        sessions = journal.execute("SELECT count(*) FROM sessions WHERE state = 'running'").fetchone()[0]
    journal.close()
    return int(calls) + int(sessions)


def test_a_request_becomes_a_call_and_an_answer(at_endpoint: AtEndpoint) -> None:
    with ScriptedOpenAI(
        (Reply(calls=(Call("notes__add", '{"text": "milk"}'),)), Reply(text="I noted the milk."))
    ) as server:
        skill = at_endpoint(server.base_url)
        ran = skill("run", "--yes", "note milk")
    assert (ran.code, ran.out) == (0, "I noted the milk.\n"), ran.err
    assert 'notes.add {"text":"milk"}' in ran.err
    assert "validate" in ran.err
    assert notes(skill) == ["milk"]


def test_the_key_reaches_the_endpoint_and_nothing_else(at_endpoint: AtEndpoint) -> None:
    with ScriptedOpenAI((Reply(text="Hello."),)) as server:
        skill = at_endpoint(server.base_url)
        ran = skill("run", "hello")
    assert server.received[-1].headers["authorization"] == "Bearer sk-a-key-of-nobody"
    kept = b"".join(path.read_bytes() for path in skill.home.rglob("*") if path.is_file())
    assert b"sk-a-key-of-nobody" not in kept + (ran.out + ran.err).encode()


def test_json_lines_follow_the_documented_order(at_endpoint: AtEndpoint) -> None:
    with ScriptedOpenAI((Reply(calls=(Call("notes__find", '{"text": "milk"}'),)), Reply(text="None."))) as server:
        lines = at_endpoint(server.base_url)("run", "--json", "find milk").lines()
    assert [line["event"] for line in lines] == ["request", "model", "call", "result", "model", "answer"]
    call = lines[2]
    assert (call["tool"], call["arguments"]) == ("notes.find", {"text": "milk"})
    assert call["verdicts"][0] == {"stage": "resolve", "verdict": "pass", "reason": ""}
    assert lines[3]["result"] == []
    assert lines[-1] == {"event": "answer", "text": "None."}


def test_a_write_with_nobody_to_ask_is_refused_and_the_exit_code_says_so(at_endpoint: AtEndpoint) -> None:
    with ScriptedOpenAI((Reply(calls=(Call("notes__add", '{"text": "milk"}'),)), Reply(text="I may not."))) as server:
        skill = at_endpoint(server.base_url)
        ran = skill("run", "note milk")
    assert ran.code == 3
    assert notes(skill) == []


def test_a_tool_that_leaves_the_machine_needs_its_name_said(at_endpoint: AtEndpoint) -> None:
    script = (Reply(calls=(Call("notes__post", '{"text": "milk"}'),)), Reply(text="Posted."))
    with ScriptedOpenAI(script) as server:
        assert at_endpoint(server.base_url)("run", "--yes", "post milk").code == 3
    with ScriptedOpenAI(script) as server:
        assert at_endpoint(server.base_url)("run", "--allow", "notes.post", "post milk").code == 0


@pytest.mark.parametrize("name", [name for name in BAD if name not in HANGS])
def test_no_bad_reply_gets_a_traceback_a_hang_or_a_wrong_write(at_endpoint: AtEndpoint, name: str) -> None:
    with ScriptedOpenAI(BAD[name]) as server:
        skill = at_endpoint(server.base_url)
        (skill.home / "config.toml").write_text("[model]\nretries = 1\nread_timeout = 5\n")
        ran = skill.here("run", "--yes", "--json", "note milk")
    assert "Traceback" not in ran.err
    assert "internal error" not in ran.err + ran.out
    assert "\x1b" not in ran.err + ran.out
    last = ran.lines()[-1]
    assert last["event"] in ("answer", "stopped", "error")
    if last["event"] == "error":
        assert last["hint"]
        assert ran.code not in (0, 130)
    assert set(notes(skill)) <= {"milk"}
    assert len(notes(skill)) <= 2
    assert open_rows(skill) == 0


@pytest.mark.parametrize("name", HANGS)
def test_an_endpoint_that_hangs_is_given_up_on(at_endpoint: AtEndpoint, name: str) -> None:
    with ScriptedOpenAI(BAD[name]) as server:
        skill = at_endpoint(server.base_url)
        (skill.home / "config.toml").write_text("[model]\nretries = 0\nread_timeout = 1\n")
        ran = skill.here("run", "note milk")
    assert ran.code == 1
    assert "error: " in ran.err
    assert "Traceback" not in ran.err
    assert open_rows(skill) == 0


def test_no_route_to_the_endpoint_is_said(at_endpoint: AtEndpoint) -> None:
    skill = at_endpoint("http://127.0.0.1:9/v1")
    (skill.home / "config.toml").write_text("[model]\nretries = 0\n")
    ran = skill("run", "hello")
    assert ran.code == 1
    assert "127.0.0.1:9" in ran.err


def test_ctrl_c_while_the_model_thinks_leaves_a_clean_journal(at_endpoint: AtEndpoint) -> None:
    with ScriptedOpenAI(BAD["hangs at once"]) as server:
        skill = at_endpoint(server.base_url)
        process = skill.start("run", "note milk")
        while not server.received:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert open_rows(skill) == 0


@pytest.mark.parametrize("moment", range(12))
def test_ctrl_c_at_any_moment_leaves_a_clean_journal(at_endpoint: AtEndpoint, moment: int) -> None:
    adds = tuple(Call("notes__add", json.dumps({"text": text}), id=text) for text in ("a", "b", "c"))
    with ScriptedOpenAI((Reply(calls=adds), Reply(calls=(Call("notes__count"),)), Reply(text="Done."))) as server:
        skill = at_endpoint(server.base_url)
        process = skill.start("run", "--yes", "note a, b and c")
        while not (skill.home / "journal.sqlite").exists():  # before that it is Python's own start that is interrupted
            assert process.poll() is None
        try:
            process.wait(timeout=moment * 0.08)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode in (0, 130, -signal.SIGINT), err
    assert "Traceback" not in err
    assert open_rows(skill) == 0
    assert notes(skill) == ["a", "b", "c"][: len(notes(skill))]


def test_without_a_model_both_ways_to_one_are_said(skill: Command) -> None:
    ran = skill.with_environment(SKILL_MODEL="no-such-model")("run", "hello")
    assert ran.code == 5
    assert "OPENAI_BASE_URL" in ran.err
    assert "skillkernel[local]" in ran.err


def test_a_model_without_tools_is_said_to_be_one(bare: Command) -> None:
    with ScriptedOpenAI((Reply(text="Hello."),)) as server:
        ran = bare.with_environment(OPENAI_BASE_URL=server.base_url, SKILL_MODEL="m")("run", "hello")
    assert (ran.code, ran.out) == (0, "Hello.\n")
    assert "can only talk" in ran.err


def test_several_steps_and_several_calls_end_in_one_answer(at_endpoint: AtEndpoint) -> None:
    adds = tuple(Call("notes__add", json.dumps({"text": text}), id=text) for text in ("a", "b", "c"))
    script = (Reply(calls=adds), Reply(calls=(Call("notes__count"),)), Reply(text="Three notes."))
    with ScriptedOpenAI(script) as server:
        skill = at_endpoint(server.base_url)
        ran = skill("run", "--yes", "note a, b and c, then count")
    assert ran.out == "Three notes.\n"
    assert notes(skill) == ["a", "b", "c"]


def test_a_conversation_goes_on_over_lines(at_endpoint: AtEndpoint) -> None:
    with ScriptedOpenAI((Reply(text="One."), Reply(text="Two."))) as server:
        ran = at_endpoint(server.base_url)("chat", stdin="first\nsecond\n")
    assert (ran.code, ran.out) == (0, "One.\nTwo.\n"), ran.err
    assert [message["role"] for message in server.received[-1].json["messages"]] == [
        "system",
        "user",
        "assistant",
        "user",
    ]


def test_sigterm_while_the_model_is_silent_leaves_a_closed_journal(at_endpoint: AtEndpoint) -> None:
    with ScriptedOpenAI((Reply(silent=True),)) as server:
        skill = at_endpoint(server.base_url)
        with skill.start("run", "what is the time?") as process:
            deadline = time.monotonic() + 60
            while not server.received and time.monotonic() < deadline:
                time.sleep(0.02)
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=60)
    assert process.returncode == 143
    assert err.endswith("error: terminated\n")
    assert [row["state"] for row in skill("log", "--json").json()] == ["cancelled"]


def test_sigterm_ends_a_conversation_that_waits_for_its_next_line(at_endpoint: AtEndpoint) -> None:
    with ScriptedOpenAI((Reply(text="One."),)) as server:
        skill = at_endpoint(server.base_url)
        with skill.start("chat") as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("first\n")
            process.stdin.flush()
            assert process.stdout.readline() == "One.\n"
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
    assert process.returncode == 143
    assert [row["state"] for row in skill("log", "--json").json()] == ["cancelled"]
