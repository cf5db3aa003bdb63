"""upgrade and outdated, as a person and as a script uses them."""

from pathlib import Path

import pytest

from fakes.command import Command
from fakes.release_indexes import write_releases, yank
from fakes.wheels import HELLO_TOOL, SkillWheelFake


@pytest.fixture
def where(tmp_path: Path, bare: Command) -> Path:
    """An index whose first releases are installed, and that has newer ones since."""
    folder = write_releases(tmp_path / "index", SkillWheelFake("mail", "1.0"), SkillWheelFake("geo", "1.0"))
    ran = bare("install", "mail", "geo", "--index", str(folder), "--unsigned", "--yes")
    assert ran.code == 0, ran.err
    more = {"network": ["mail.example.org:993"]}
    changed = [HELLO_TOOL | {"effect": "send"}]
    return write_releases(
        folder, SkillWheelFake("mail", "2.0", permissions=more, tools=changed), SkillWheelFake("geo", "1.1")
    )


def test_what_asks_for_nothing_new_is_upgraded_without_a_question(bare: Command, where: Path) -> None:
    ran = bare("upgrade", "geo", "--index", str(where), "--unsigned")
    assert (ran.code, ran.out) == (0, "")
    assert "upgraded geo 1.0 -> 1.1" in ran.err


def test_what_asks_for_more_is_shown_as_a_diff_and_needs_a_yes(bare: Command, where: Path) -> None:
    ran = bare("upgrade", "--index", str(where), "--unsigned")
    assert ran.code == 3
    assert "geo 1.0 -> 1.1: asks for nothing new" in ran.err
    assert "mail 1.0 -> 2.0, from " in ran.err
    assert "  + new permission: connect to mail.example.org:993" in ran.err
    assert "  ~ tool changed: hello (read is now send)" in ran.err
    assert "it can" not in ran.err
    assert "--yes" in ran.err
    assert [skill["version"] for skill in bare("list", "--json").json()] == ["1.0", "1.0"]
    agreed = bare("upgrade", "--all", "--index", str(where), "--unsigned", "--yes")
    assert agreed.code == 0
    assert [skill["version"] for skill in bare("list", "--json").json()] == ["1.1", "2.0"]


def test_nothing_to_do_is_said(bare: Command, where: Path) -> None:
    bare("upgrade", "--index", str(where), "--unsigned", "--yes")
    ran = bare("upgrade", "--index", str(where), "--unsigned")
    assert (ran.code, ran.out, ran.err) == (0, "", "everything is up to date\n")


def test_a_dry_run_prints_the_diff_and_changes_nothing(bare: Command, where: Path) -> None:
    ran = bare("upgrade", "--dry-run", "--index", str(where), "--unsigned")
    assert ran.code == 0
    assert "+ new permission: connect to mail.example.org:993" in ran.out
    assert "nothing was changed" in ran.err
    assert [skill["version"] for skill in bare("list", "--json").json()] == ["1.0", "1.0"]


def test_wrong_usage_of_upgrade_has_a_way_out(bare: Command, where: Path) -> None:
    unknown = bare("upgrade", "mial", "--index", str(where), "--unsigned")
    assert (unknown.code, "did you mean mail?" in unknown.err) == (2, True)
    assert bare("upgrade", "mail", "--all", "--index", str(where), "--unsigned").code == 2


def test_outdated_shows_what_there_is(bare: Command, where: Path) -> None:
    yank(where, "geo", "1.0", "wrong by a mile")
    ran = bare("outdated", "--index", str(where), "--unsigned")
    assert ran.code == 0
    assert [line.split()[:4] for line in ran.out.splitlines()] == [
        ["NAME", "INSTALLED", "FITS", "NEWEST"],
        ["geo", "1.0", "1.1", "1.1"],
        ["mail", "1.0", "2.0", "2.0"],
    ]
    assert "withdrawn by its publisher: wrong by a mile" in ran.out
    assert "skill upgrade" in ran.err


def test_outdated_json_has_the_documented_fields(bare: Command, where: Path) -> None:
    write_releases(where, SkillWheelFake("mail", "3.0", requires_kernel=">=99"))
    found = bare("outdated", "--index", str(where), "--unsigned", "--json").json()
    assert [list(one) for one in found] == [["name", "installed", "fits", "newest", "why", "withdrawn", "problem"]] * 2
    assert found[0] == {
        "name": "geo", "installed": "1.0", "fits": "1.1", "newest": "1.1", "why": None, "withdrawn": None, "problem": None
    }  # fmt: skip
    assert "needs skillkernel >=99" in found[1]["why"]


def test_outdated_with_nothing_to_say_says_so(bare: Command, where: Path) -> None:
    bare("upgrade", "--index", str(where), "--unsigned", "--yes")
    ran = bare("outdated", "--index", str(where), "--unsigned")
    assert (ran.code, ran.out) == (0, "")
    assert "up to date" in ran.err
    assert bare("outdated", "--index", str(where), "--unsigned", "--json").json() == []


def test_a_conflict_is_told_as_a_chain_with_a_way_out(bare: Command, tmp_path: Path) -> None:
    folder = write_releases(
        tmp_path / "conflict",
        SkillWheelFake("weather", "2.0", requires_skills=["geo>=3"]),
        SkillWheelFake("mail", "1.2", requires_skills=["geo<2"]),
        SkillWheelFake("mail", "1.4", requires_skills=["geo>=3"]),
        SkillWheelFake("geo", "1.0"),
        SkillWheelFake("geo", "3.1"),
    )
    ran = bare("install", "weather", "mail==1.2", "--index", str(folder), "--unsigned", "--yes")
    assert ran.code == 2
    assert ran.err == (
        "error: mail 1.2, which you asked for, requires geo<2, but weather 2.0, which you asked for, requires geo>=3\n"
        "  there are: geo 1.0, 3.1\n"
        "hint: ask for mail==1.4, which takes geo>=3\n"
    )


@pytest.mark.parametrize("name", ["upgrade", "outdated"])
def test_every_commands_help_has_an_example(bare: Command, name: str) -> None:
    ran = bare(name, "--help")
    assert ran.code == 0
    assert f"Example: skill {name}" in ran.out
