"""What skills ask for, what a person grants and takes back, what is asked at first use, what a skill reached for."""

import shutil
from pathlib import Path

import pytest

from fakes.command import Command
from fakes.reaching_skill import reaching
from fakes.terminals import ended, on_terminal
from skillkernel import Kernel
from skillkernel.calls.types import Outcome

NOTHING_SET = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/dev/null"}
SERVER, FOLDER, KEY = "network:{server}:443", "files.read:{folder}", "secrets:password"


@pytest.fixture(scope="module")
def reaching_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the reaching skill, asking at first use."""
    folder = tmp_path_factory.mktemp("reaching")
    skill = Command(folder / "home", NOTHING_SET)
    ran = skill.here("install", str(reaching(folder)), "--yes", "--ask")
    assert ran.code == 0, ran.err
    assert "nothing of that is granted now: you are asked when it is needed" in ran.err
    assert skill.here("config", "mail", "server=dav.example.org", "--yes").code == 0
    return folder / "home"


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    (folder / "song").write_text("la la")
    return folder


@pytest.fixture
def mail(tmp_path: Path, reaching_home: Path, music: Path) -> Command:
    """The command over a copy of that home, `folder` being set to a real one."""
    shutil.copytree(reaching_home, tmp_path / "home", symlinks=True)
    (tmp_path / "home").chmod(0o700)
    skill = Command(tmp_path / "home", NOTHING_SET)
    assert skill.here("config", "mail", f"folder={music}", "--yes").code == 0
    return skill


def reached(skill: Command, way: str) -> str:
    ran = skill.here("call", "mail.reach", f'{{"way": "{way}"}}', "--json")
    return str(ran.json()["result"][1])


def test_permissions_in_plain_words_with_what_the_settings_make_of_them(mail: Command, music: Path) -> None:
    assert mail.here("grant", "mail", KEY, "--yes").code == 0
    assert mail.here("permissions", "mail").out.splitlines() == [
        "mail  1.0; asks you at first use",
        f"  not granted  {SERVER}  connect to {{server}}:443 (dav.example.org:443)",
        f"  not granted  {FOLDER}  read what your setting 'folder' says and everything in it ({music})",
        f"  granted      {KEY}  use the secret password that you store for it",
    ]
    (found,) = mail.here("permissions", "--json").json()
    assert list(found) == ["name", "version", "ask_at_use", "permissions", "refused"]
    assert found["permissions"][0] == {
        "row": SERVER,
        "words": "connect to {server}:443",
        "granted": [],
        "whole": False,
        "means": "dav.example.org:443",
        "problem": None,
    }


def test_a_grant_needs_a_yes_and_rollback_undoes_it(mail: Command) -> None:
    assert mail.here("grant", "mail", KEY).code == 3
    ran = mail.here("grant", "mail", KEY, "--yes", "--json")
    assert "with this, mail 1.0 may\n    use the secret password that you store for it\n" in ran.err
    assert ran.json() | {"generation": 0} == {
        "name": "mail", "generation": 0, "granted": [KEY], "added": [KEY], "removed": [],
    }  # fmt: skip
    assert mail.here("rollback").code == 0
    assert mail.here("permissions", "mail", "--json").json()[0]["permissions"][2]["granted"] == []


def test_what_is_not_asked_for_cannot_be_granted(mail: Command) -> None:
    ran = mail.here("grant", "mail", "network:{sever}:443", "--yes")
    assert (ran.code, f"did you mean {SERVER}?" in ran.err) == (2, True)
    assert mail.here("grant", "mail").code == 2
    assert mail.here("grant", "mail", KEY, "--all").code == 2
    assert mail.here("revoke", "mail", KEY).code == 2
    assert mail.here("grant", "nobody", "--all").code == 2


def test_no_file_of_the_folder_that_one_stands_in_grants_anything(
    mail: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in ("config.toml", "skill.toml", ".skillkernel.toml", "pyproject.toml"):
        (project / name).write_text('[grants]\nmail = ["secrets:password"]\n[sandbox]\noff = ["mail"]\n')
    monkeypatch.chdir(project)
    with mail.start("permissions", "mail", "--json", cwd=project) as process:
        out, _ = process.communicate(timeout=60)
    assert '"whole": true' not in out


def test_at_first_use_with_nobody_to_ask_the_command_that_grants_is_named(mail: Command) -> None:
    ran = mail.here("call", "mail.reach", '{"way": "nothing"}')
    assert ran.code == 3
    assert f"hint: `skill grant mail '{SERVER}' '{FOLDER}' {KEY}`" in ran.err


def question(skill: Command, *answers: str) -> int | None:
    """The call that reads the song, on a terminal, with these answers; its exit code."""
    terminal = on_terminal(skill, "call", "mail.reach", '{"way": "read"}')
    terminal.expect_exact("mail.reach (read): Reach for something.")
    terminal.expect_exact('  | mail.reach {"way":"read"}')
    terminal.expect_exact("for this, mail would be allowed to")
    terminal.expect_exact("read what your setting 'folder' says and everything in it")
    for answer in answers:
        terminal.expect_exact("allow mail that? [o]nce / this [s]ession / [a]lways / [N]o")
        terminal.sendline(answer)
        if answer == "a":
            terminal.expect_exact(f"  | skill grant mail '{FOLDER}'")
            terminal.expect_exact("grant it? [y/N]")
            terminal.sendline("y")
    terminal.expect_exact("la la" if answers[-1] != "n" else "error: you refused")
    return ended(terminal)


@pytest.mark.parametrize(("answers", "code"), [(("o",), 0), (("what", "s"), 0), (("n",), 3)])
def test_a_person_is_asked_at_first_use(mail: Command, answers: tuple[str, ...], code: int) -> None:
    assert mail.here("grant", "mail", SERVER, KEY, "--yes").code == 0
    assert question(mail, *answers) == code
    assert mail.here("permissions", "mail", "--json").json()[0]["permissions"][1]["granted"] == []


def test_always_grants_after_showing_what(mail: Command) -> None:
    assert mail.here("grant", "mail", SERVER, KEY, "--yes").code == 0
    assert question(mail, "a") == 0
    assert mail.here("permissions", "mail", "--json").json()[0]["permissions"][1]["granted"] == [FOLDER]
    assert reached(mail, "read") == "la la"


def test_the_consent_prompt_takes_ask_for_an_answer(bare: Command, tmp_path: Path) -> None:
    terminal = on_terminal(bare, "install", str(reaching(tmp_path)))
    terminal.expect_exact("install? [y]es / [a]sk me at first use instead / [N]o")
    terminal.sendline("a")
    assert ended(terminal) == 0
    (found,) = bare("permissions", "--json").json()
    assert (found["ask_at_use"], {row["whole"] for row in found["permissions"]}) == (True, {False})


async def test_a_running_kernel_notices_what_another_process_grants_and_revokes(mail: Command) -> None:
    def told(outcome: Outcome) -> tuple[str, str]:
        assert outcome.error is None, outcome.error
        born, said = outcome.result
        return born, said

    assert mail("install", str(reaching(mail.home.parent)), "--no-ask").code == 0
    async with Kernel(mail.home) as kernel:
        first, refused = told(await kernel.call("mail.reach", {"way": "read"}))
        assert "FileNotFoundError" in refused or "PermissionError" in refused
        assert mail("grant", "mail", FOLDER, "--yes").code == 0
        second, read = told(await kernel.call("mail.reach", {"way": "read"}))
        assert (read, second != first) == ("la la", True)
        assert told(await kernel.call("mail.reach", {"way": "read"})) == (second, "la la")
        assert mail("revoke", "mail", "--all").code == 0
        third, refused = told(await kernel.call("mail.reach", {"way": "read"}))
        assert "la la" not in refused
        assert third not in (first, second)
        assert mail("uninstall", "mail").code == 0
        assert (await kernel.call("mail.reach", {"way": "read"})).error is not None


WANTED = [
    ("files.read:/etc/at-import", None),
    ("network:example.org:443", None),
    ("network:dav.example.org:443", SERVER),
    ("files.write:/srv/\x1b[2Jout", None),
    ("programs:ffmpeg", None),
    (KEY, KEY),
]


def learnt(skill: Command, *more: str) -> list[tuple[str, str | None]]:
    ran = skill.here("learn", "mail", "reach", '{"way": "all"}', "--json", *more)
    assert ran.code == 0, ran.err
    found = ran.json()
    assert list(found) == ["ok", "tool", "arguments", "error", "wanted"]
    return [(one["row"], one["asked"]) for one in found["wanted"]]


def test_learning_shows_what_a_call_wanted_and_grants_nothing(mail: Command, music: Path) -> None:
    assert mail.here("grant", "mail", FOLDER, KEY, "--yes").code == 0
    song = (f"files.read:{music}/song", FOLDER)
    assert sorted(learnt(mail)) == sorted([*WANTED, song])
    assert sorted(learnt(mail, "--granted")) == sorted(row for row in WANTED if row[1] != KEY)
    before = mail.here("permissions", "mail", "--json").json()[0]["permissions"]
    assert [row["whole"] for row in before] == [False, True, True]


def test_learning_tells_the_grant_or_the_author_s_line_and_nothing_moves_the_cursor(mail: Command) -> None:
    ran = mail.here("learn", "mail", "reach", '{"way": "all"}')
    assert f"its manifest asks for it: skill grant mail '{SERVER}'" in ran.out
    assert 'its manifest does not ask for it: [tool.skill.permissions] programs = ["ffmpeg"]' in ran.out
    assert "\x1b" not in ran.out + ran.err
    assert 'mail.reach {"way":"all"}' in ran.err
    assert "nothing was granted" in ran.err


def test_what_a_skill_has_of_its_own_is_not_wanted(mail: Command) -> None:
    ran = mail.here("learn", "mail", "reach", '{"way": "own"}', "--json")
    assert {one["row"] for one in ran.json()["wanted"]} == {"files.read:/etc/at-import"}


def test_a_call_that_wanted_nothing_says_so(skill: Command) -> None:
    assert skill.here("learn", "notes", "count").out == "notes.count wanted nothing that it did not have\n"


def test_learning_asks_as_ever_before_anything_is_changed(skill: Command) -> None:
    for json in ((), ("--json",)):
        ran = skill.here("learn", "notes", "erase", "{}", *json)
        assert (ran.code, "nobody to ask" in ran.err + ran.out) == (3, True)
    assert skill.here("trace", "notes").err == "notes has reached for nothing\n"


def test_a_trace_shows_what_a_skill_s_calls_reached_for(mail: Command) -> None:
    assert mail.here("trace", "mail").err == "mail has reached for nothing\n"
    assert mail.here("learn", "mail", "reach", '{"way": "all"}').code == 0
    ran = mail.here("trace", "mail")
    assert "\x1b" not in ran.out
    assert "       refused  program ffmpeg  programs was not granted" in ran.out.splitlines()
    (session,) = mail.here("trace", "mail", "--json").json()
    assert list(session) == ["id", "kind", "state", "started", "calls"]
    (call,) = session["calls"]
    assert list(call) == ["n", "tool", "arguments", "state", "accesses"]
    assert (call["n"], call["tool"], call["arguments"], call["state"]) == (1, "mail.reach", '{"way":"all"}', "done")
    assert list(call["accesses"][0]) == ["at", "kind", "target", "ruling", "reason", "sent", "received", "seconds"]
    assert {access["ruling"] for access in call["accesses"]} == {"refused"}
    (latest,) = mail.here("trace", "mail", "--session", session["id"][:6], "--limit", "1", "--json").json()
    assert latest["calls"][0]["accesses"] == call["accesses"][-1:]
    assert mail.here("trace", "mial").code == 2
    assert mail.here("trace", "mail", "--session", "none").code == 2


def test_what_was_refused_is_in_permissions_and_under_its_call_in_the_log(mail: Command) -> None:
    assert mail.here("learn", "mail", "reach", '{"way": "program"}').code == 0
    (found,) = mail.here("permissions", "mail", "--json").json()
    latest = found["refused"][0]
    assert list(latest) == ["session", "n", "tool", "at", "kind", "target", "reason"]
    assert (latest["kind"], latest["target"], latest["tool"]) == ("program", "ffmpeg", "reach")
    assert "program ffmpeg  in reach" in mail.here("permissions", "mail").out
    log = mail.here("log", latest["session"])
    assert "       refused  program ffmpeg" in log.out
    refused = mail.here("log", latest["session"], "--json").json()["calls"][0]["refused"]
    assert refused[-1] == {"kind": "program", "target": "ffmpeg", "reason": "programs was not granted"}


def test_the_trace_of_a_skill_that_is_gone_is_still_there(mail: Command) -> None:
    assert mail.here("learn", "mail", "reach", '{"way": "program"}').code == 0
    assert mail.here("uninstall", "mail").code == 0
    assert "program ffmpeg" in mail.here("trace", "mail").out
