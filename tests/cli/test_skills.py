"""install, list, info, search, uninstall, tools, log, doctor, build: as a person and as a script uses them."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from fakes.command import NOTES, Command
from fakes.index_server import serve
from fakes.indexes import write_index
from fakes.wheels import SkillWheelFake
from skillkernel_cli.app import COMMANDS


def test_list_json_has_the_documented_fields(skill: Command) -> None:
    assert skill("list", "--json").json() == [
        {
            "name": "notes",
            "version": "0.1.0",
            "status": "ok",
            "problem": None,
            "permissions": [],
            "index": "local",
            "signer": None,
            "editable": None,
        }
    ]


def test_list_and_info_say_who_signed_a_skill_and_where_it_is_from(skill: Command) -> None:
    head, row = skill("list").out.splitlines()
    assert head.split("  ")[0] == "NAME"
    assert row[head.index("SIGNED BY") :].startswith("nobody")
    assert row[head.index("FROM") :].startswith("local")
    assert "\n  signer    nobody\n" in skill("info", "notes").out


def test_tools_json_has_the_documented_fields(skill: Command) -> None:
    found = skill("tools", "--json").json()
    assert [list(tool) for tool in found] == [["name", "skill", "description", "effect", "input_schema"]] * 10
    assert found[0]["name"] == "notes.find"


def test_tools_can_be_searched_and_limited(skill: Command) -> None:
    assert [tool["name"] for tool in skill("tools", "--search", "milk", "--json").json()] == ["notes.find", "notes.add"]
    assert len(skill("tools", "--limit", "3", "--json").json()) == 3


def test_an_empty_home_says_how_to_begin(bare: Command) -> None:
    for command in ("list", "tools"):
        ran = bare(command)
        assert (ran.code, ran.out) == (0, "")
        assert "skill install calendar" in ran.err
        assert bare(command, "--json").json() == []


def test_the_home_is_private(bare: Command) -> None:
    bare("list")
    assert bare.home.stat().st_mode & 0o777 == 0o700


def test_install_without_a_terminal_or_yes_shows_what_it_asks_for_and_changes_nothing(bare: Command) -> None:
    ran = bare("install", str(NOTES))
    assert ran.code == 3
    assert "deletes for good" in ran.err
    assert "--yes" in ran.err
    assert bare("list", "--json").json() == []


def test_install_asks_on_a_terminal(bare: Command) -> None:
    for answer, names in (("n\n", []), ("y\n", ["notes"])):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "skillkernel_cli", "install", str(NOTES)],
            env=bare.environment(), stdin=theirs, stdout=subprocess.PIPE, stderr=theirs,
        )  # fmt: skip
        os.close(theirs)
        shown = b""
        while b"install? [y/N]" not in shown:
            shown += os.read(ours, 4096)
        os.write(ours, answer.encode())
        try:
            while os.read(ours, 4096):
                pass
        except OSError:  # the terminal's other end was closed: the command has ended
            pass
        process.communicate(timeout=60)
        os.close(ours)
        assert [row["name"] for row in bare("list", "--json").json()] == names


def test_info_of_an_installed_skill_shows_what_it_asks_for(skill: Command) -> None:
    ran = skill("info", "notes")
    assert "notes.erase  (destroy)" in ran.out
    assert "asks for  nothing" in ran.out
    found = skill("info", "notes", "--json").json()
    assert list(found) == [
        *("name", "version", "index", "publisher", "signer", "editable"),
        *("installed", "granted", "manifest"),
    ]
    assert found["manifest"]["name"] == "notes"


def test_the_first_party_index_needs_no_setting(bare: Command) -> None:
    assert {line["name"] for line in bare("search", "--json").json()} >= {"calendar", "calculator"}
    assert [line["name"] for line in bare("search", "units", "--json").json()] == ["calculator"]
    assert [list(line) for line in bare("search", "units", "--json").json()] == [
        ["name", "version", "summary", "index"]
    ]
    assert "not installed" in bare("info", "calculator").out
    assert {"name", "publisher", "index", "installed", "releases"} <= set(bare("info", "calculator", "--json").json())


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("install", "calender", "--yes"), 2, "calendar"),
        (("install", "calendar==", "--yes"), 2, "calendar=="),
        (("install", "calendar==99", "--yes"), 2, "99"),
        (("install", "./nowhere", "--yes"), 2, "is not there"),
        (("install", "notes2", "--index", "/nowhere", "--yes"), 5, "/nowhere"),
        (("uninstall", "note"), 2, "notes"),
        (("info", "calender"), 2, "calendar"),
        (("log", "zzz"), 2, "skill log"),
        (("frobnicate",), 2, "frobnicate"),
        (("instal", "x"), 2, "install"),
        (("call",), 2, "SKILL.TOOL"),
        (("run", "--no-such-option", "x"), 2, "--no-such-option"),
        (("build", "/nowhere"), 2, "/nowhere"),
    ],
)
def test_wrong_usage_is_an_error_with_the_way_out(
    skill: Command, arguments: tuple[str, ...], code: int, says: str
) -> None:
    ran = skill(*arguments)
    assert ran.code == code, ran.err
    assert says in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""


def test_a_wheel_that_is_not_the_promised_one_is_refused(bare: Command, tmp_path: Path) -> None:
    index = write_index(tmp_path / "index", SkillWheelFake("weather"))
    (wheel,) = index.rglob("*.whl")
    with serve(index) as server:
        wheel.write_bytes(wheel.read_bytes()[:-1] + b"!")
        ran = bare("install", "weather", "--index", server.url, "--unsigned", "--yes")
        assert ran.code == 4
        assert wheel.name in ran.err
        assert bare("list", "--json").json() == []
        write_index(index, SkillWheelFake("weather"))
        assert bare("install", "weather", "--index", server.url, "--unsigned", "--yes").code == 0
    assert [row["name"] for row in bare("list", "--json").json()] == ["weather"]


def test_a_damaged_catalogue_is_named_and_rollback_goes_back(skill: Command) -> None:
    assert skill("uninstall", "notes").code == 0
    assert skill("rollback").code == 0
    for damage in ("{", "{}"):
        (skill.home / "current" / "catalogue.json").write_text(damage)
        ran = skill("list")
        assert ran.code == 4
        assert "skill rollback" in ran.err
        checks = {check["name"]: check["state"] for check in skill("doctor", "--json").json()}
        assert checks["skills"] == "warning"
    assert skill("rollback", "--to", "1").code == 0
    assert [row["name"] for row in skill("list", "--json").json()] == ["notes"]


def test_uninstall_says_where_the_data_stays_and_purge_asks(skill: Command) -> None:
    skill("call", "notes.add", '{"text": "x"}', "--yes")
    assert skill("uninstall", "notes", "--purge").code == 3
    ran = skill("uninstall", "notes")
    (data,) = skill.home.glob("data/*")
    assert str(data) in ran.err
    assert data.exists()


def test_purge_with_yes_takes_the_data_away(skill: Command) -> None:
    skill("call", "notes.add", '{"text": "x"}', "--yes")
    assert skill("uninstall", "notes", "--purge", "--yes").code == 0
    assert list(skill.home.glob("data/*")) == []


def test_log_tells_sessions_calls_and_results(skill: Command) -> None:
    skill("call", "notes.add", '{"text": "milk"}', "--yes")
    skill("call", "notes.find", '{"text": "milk"}')
    rows = skill("log", "--json").json()
    assert [row["request"] for row in rows] == ["notes.find", "notes.add"]
    assert "notes.find" in skill("log").out
    shown = skill("log", rows[0]["id"][:6])
    assert "resolve: pass" in shown.out
    assert skill("log", f"{rows[0]['id']}/1").json() == ["milk"]
    assert skill("log", f"{rows[0]['id']}/7").code == 2


def test_doctor_checks_everything_and_its_exit_code_says_whether_something_is_missing(skill: Command) -> None:
    at_an_endpoint = skill.with_environment(OPENAI_BASE_URL="http://127.0.0.1:9/v1", SKILL_MODEL="m")
    ran = at_an_endpoint("doctor", "--json")
    checks = {check["name"]: check for check in ran.json()}
    assert list(checks) == ["sandbox", "model", "command", "home", "skills", "indexes", "rules", "packages"]
    assert list(checks["sandbox"]) == ["name", "state", "says", "hint"]
    assert checks["sandbox"]["state"] == "ok"
    assert checks["skills"]["state"] == "ok"
    assert ran.code == 0


def test_build_check_passes_on_what_is_committed_and_names_drift(bare: Command, tmp_path: Path) -> None:
    assert bare("build", str(NOTES), "--check").code == 0
    import shutil

    copy = tmp_path / "notes"
    shutil.copytree(NOTES, copy)
    code = copy / "skill_notes" / "__init__.py"
    code.write_text(code.read_text().replace("Count all notes.", "Count every note."))
    ran = bare("build", str(copy), "--check")
    assert ran.code != 0
    assert "Count every note." in ran.err


def test_skillpkg_is_the_package_managers_half(skill: Command) -> None:
    code = "from skillkernel_cli.entry import skillpkg; skillpkg()"
    ran = subprocess.run(
        [sys.executable, "-c", code, "list", "--json"],
        env=skill.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ran.stdout)[0]["name"] == "notes"


def test_the_example_of_skillpkg_is_one_of_its_own_commands() -> None:
    code = "from skillkernel_cli.entry import skillpkg; skillpkg()"
    ran = subprocess.run([sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=True)
    assert "Example: skillpkg install" in ran.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_commands_help_has_an_example_on_a_line_of_its_own(bare: Command, name: str) -> None:
    ran = bare.here(name, "--help")
    assert ran.code == 0
    examples = [line for line in ran.out.splitlines() if "Example:" in line]
    assert examples
    assert all(line.startswith(f"  Example: skill {name}") and line.count("Example:") == 1 for line in examples)


def test_completion_offers_the_commands(bare: Command) -> None:
    completing = bare.with_environment(_SKILL_COMPLETE="complete_bash", COMP_WORDS="skill ins", COMP_CWORD="1")
    assert "install" in completing().out


def test_a_reader_that_goes_away_is_no_error(skill: Command) -> None:
    with skill.start("tools", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (0, "")


def test_a_bug_of_ours_is_one_line_and_a_file(skill: Command) -> None:
    (skill.home / "current").unlink()
    (skill.home / "current").mkdir()
    (skill.home / "current" / "catalogue.json").mkdir()
    ran = skill("tools")
    assert "Traceback" not in ran.err
    assert ran.code != 0
