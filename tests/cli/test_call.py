"""`skill call`: results, refusals, exit codes, and the JSON that scripts rely on."""

import json
import signal
import time
from pathlib import Path

import pytest

from fakes.command import Command


def test_a_read_prints_its_result_as_json(skill: Command) -> None:
    assert skill("call", "notes.count").out == "0\n"


def test_a_write_with_yes_changes_what_a_read_finds(skill: Command) -> None:
    assert skill("call", "notes.add", '{"text": "buy milk"}', "--yes").code == 0
    assert skill("call", "notes.find", '{"text": "milk"}').json() == ["buy milk"]


def test_arguments_can_come_from_stdin(skill: Command) -> None:
    assert skill("call", "notes.find", "-", stdin='{"text": "milk"}').json() == []


@pytest.mark.parametrize(
    ("tool", "arguments", "more", "code", "says"),
    [
        ("notes.fnd", "{}", (), 2, "did you mean notes.find"),
        ("nothing", "{}", (), 2, "there is no tool"),
        ("notes.find", "{nonsense", (), 2, "cut off"),
        ("notes.add", "{'text': 'x'}", ("--yes",), 2, "line 1"),
        ("notes.find", '{"txt": "x"}', (), 2, "txt"),
        ("notes.add", '{"text": "x"}', (), 3, "--yes"),
        ("notes.post", '{"text": "x"}', ("--yes",), 3, "--allow notes.post"),
        ("notes.erase", "{}", ("--yes",), 3, "--allow notes.erase"),
        ("notes.refuse", "{}", (), 1, "there are no notes today"),
        ("notes.die", "{}", (), 1, "exited with status 3"),
        ("notes.sleep", '{"seconds": 60}', (), 1, "took longer than 1 s"),
    ],
)
def test_what_goes_wrong_is_said_with_its_exit_code(
    skill: Command, tool: str, arguments: str, more: tuple[str, ...], code: int, says: str
) -> None:
    ran = skill("call", tool, arguments, *more)
    assert ran.code == code, ran.err
    assert says in ran.err
    assert ran.err.startswith("error: ")
    assert ran.out == ""
    assert "Traceback" not in ran.err


def test_allow_names_the_one_tool_that_may(skill: Command) -> None:
    assert skill("call", "notes.post", '{"text": "x"}', "--allow", "notes.post").out == "posted: x\n"


def test_allow_of_a_tool_that_is_not_there_is_an_error(skill: Command) -> None:
    ran = skill("call", "notes.count", "--allow", "notes.pots")
    assert ran.code == 2
    assert "notes.post" in ran.err


def test_json_is_one_object_with_every_field(skill: Command) -> None:
    found = skill("call", "notes.find", '{"text": "x"}', "--json").json()
    assert list(found) == ["ok", "tool", "arguments", "result", "error", "verdicts", "duration_ms"]
    assert (found["ok"], found["tool"], found["arguments"], found["result"]) == (True, "notes.find", {"text": "x"}, [])
    assert found["error"] is None
    assert all(list(verdict) == ["stage", "verdict", "reason"] for verdict in found["verdicts"])


@pytest.mark.parametrize(
    "arguments", [("notes.fnd",), ("notes.add", '{"text": "x"}'), ("notes.die",), ("notes.find", "[")]
)
def test_json_of_an_error_is_the_same_object(skill: Command, arguments: tuple[str, ...]) -> None:
    ran = skill("call", *arguments, "--json")
    found = ran.json()
    assert found["ok"] is False
    assert list(found["error"]) == ["code", "message", "hint"]
    assert ran.code != 0


def test_json_of_an_error_before_the_kernel_opens_is_the_same_object(skill: Command) -> None:
    (skill.home / "config.toml").write_text("this is not TOML")
    ran = skill("call", "notes.count", "--json")
    assert ran.code == 2
    assert ran.json()["ok"] is False
    assert "config.toml" in ran.json()["error"]["message"]


def test_what_a_skill_says_cannot_move_the_cursor(skill: Command) -> None:
    ran = skill("call", "notes.escape")
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out


def test_two_calls_at_once_both_succeed(skill: Command) -> None:
    running = [skill.start("call", "notes.add", json.dumps({"text": f"note {n}"}), "--yes") for n in range(3)]
    said = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    assert skill("call", "notes.count").out == "3\n"


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_call_leaves_a_closed_journal(skill: Command, sent: signal.Signals, code: int) -> None:
    process = skill.start("call", "notes.add_slowly", '{"text": "x"}', "--yes")
    deadline = time.monotonic() + 60
    while not list(skill.home.glob("data/*/started")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(sent)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in err
    (row,) = skill("log", "--json").json()
    assert row["state"] == "cancelled"
    assert [call["state"] for call in skill("log", row["id"], "--json").json()["calls"]] == ["unknown"]


def test_a_killed_kernel_is_found_out_by_the_next(skill: Command) -> None:
    process = skill.start("call", "notes.add_slowly", '{"text": "x"}', "--yes")
    deadline = time.monotonic() + 60
    while not list(skill.home.glob("data/*/started")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.communicate(timeout=60)
    (row,) = skill("log", "--json").json()
    assert (row["state"], row["reason"]) == ("lost", "the process ended without saying so")
    assert skill("call", "notes.count").out == "0\n"


def test_a_file_added_to_the_store_stops_the_skill(skill: Command) -> None:
    (environment,) = skill.home.glob("store/*/env")
    (environment / "evil.py").write_text("print('gotcha')")
    ran = skill("call", "notes.count")
    assert ran.code == 4
    assert "evil.py" in ran.err
    assert "gotcha" not in ran.out + ran.err
    doctor = {check["name"]: check for check in skill("doctor", "--json").json()}
    assert doctor["skills"]["state"] == "warning"
    assert "evil.py" in doctor["skills"]["says"]


def test_the_data_folder_survives_an_uninstall_and_a_new_install(skill: Command) -> None:
    notes = str(Path(__file__).parent.parent / "data" / "notes")
    skill("call", "notes.add", '{"text": "keep me"}', "--yes")
    assert skill("uninstall", "notes").code == 0
    assert skill("call", "notes.count").code == 2
    assert skill("install", notes, "--yes").code == 0
    assert skill("call", "notes.count").out == "1\n"
