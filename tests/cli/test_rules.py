"""`skill rules`, and rules at work on the command."""

import re
import tomllib
from pathlib import Path

import pytest

from fakes.command import Command
from skillkernel.catalogue.types import Layout
from skillkernel.permissions.rules_syntax import parse_rule
from skillkernel.permissions.rules_value import RuleKind
from skillkernel_cli import health
from skillkernel_cli.asking import framed

RULES = """
[rules]
allow = ["notes.post(text=hello*)"]
ask = ["effect:read"]
deny = ["effect:destroy", "shell.*"]
"""


def write(skill: Command, text: str) -> None:
    (skill.home / "config.toml").write_text(text)


def test_rules_are_listed_in_the_order_in_which_they_decide(skill: Command) -> None:
    write(skill, RULES)
    ran = skill.here("rules")
    assert ran.code == 0
    lines = [line.split(maxsplit=2) for line in ran.out.splitlines()]
    assert [line[:2] for line in lines[1:]] == [
        ["deny", "effect:destroy"],
        ["deny", "shell.*"],
        ["ask", "effect:read"],
        ["allow", "notes.post(text=hello*)"],
    ]
    assert lines[1][2] == "notes.erase"
    assert lines[2][2] == "nothing yet: no skill shell is installed"
    assert skill.here("rules", "--json").json()[1] == {
        "ruling": "deny",
        "rule": "shell.*",
        "place": "[rules] deny[2]",
        "state": "sleeps",
        "problem": "no skill shell is installed",
        "hint": "it will count when there is one",
        "tools": [],
    }


def test_without_rules_it_says_what_holds_instead(skill: Command) -> None:
    ran = skill.here("rules")
    assert (ran.code, ran.out) == (0, "")
    assert "no rules" in ran.err
    assert skill.here("rules", "--json").json() == []


def test_a_mistake_is_told_and_nothing_runs_until_it_is_mended(skill: Command) -> None:
    write(skill, '[rules]\ndeny = ["notes.eras"]\n')
    ran = skill.here("rules")
    assert ran.code == 2
    assert "MISTAKE" in ran.out
    assert "did you mean notes.erase?" in ran.err
    call = skill("call", "notes.count")
    assert call.code == 2
    assert call.err == (
        "error: config.toml, [rules] deny[1]: 'notes.eras': notes has no tool eras\nhint: did you mean notes.erase?\n"
    )
    assert skill.here("list").code == 0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (["notes.erase"], "deny: the rule `effect:destroy` ([rules] deny[1])"),
        (["notes.count"], "ask: the rule `effect:read` ([rules] ask[1])"),
        (['notes.post {"text": "hello you"}'], "allow: the rule `notes.post(text=hello*)` ([rules] allow[1])"),
        (["notes__post", '{"text": "bye"}'], "no rule: what sends asks, unless --allow"),
    ],
)
def test_a_call_can_be_tried_on_the_rules(skill: Command, call: list[str], says: str) -> None:
    write(skill, RULES)
    ran = skill.here("rules", "test", *call)
    assert (ran.code, ran.out) == (0, says + "\n")


def test_a_trial_as_json(skill: Command) -> None:
    write(skill, RULES)
    assert skill.here("rules", "test", "notes.post", '{"text": "bye"}', "--json").json() == {
        "tool": "notes.post",
        "effect": "send",
        "arguments": {"text": "bye"},
        "ruling": None,
        "rule": None,
        "place": None,
        "otherwise": "what sends asks, unless --allow",
    }


@pytest.mark.parametrize("call", [["notes.pots"], ["notes.post"], ["notes.post", "{"], ["notes.post", '{"txt": "x"}']])
def test_a_trial_of_no_call_is_wrong_usage(skill: Command, call: list[str]) -> None:
    assert skill.here("rules", "test", *call).code == 2


def test_rules_hold_for_calls(skill: Command) -> None:
    write(skill, RULES)
    assert skill("call", "notes.post", '{"text": "hello Sam"}').code == 0
    denied = skill("call", "notes.erase", "--yes", "--allow", "notes.erase")
    assert denied.code == 3
    assert "the rule `effect:destroy` ([rules] deny[1]) denies" in denied.err
    assert skill("call", "notes.count", "--yes").code == 3
    assert skill("call", "notes.count", "--allow", "notes.count").code == 0


def test_rules_come_from_the_home_alone(skill: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text('[rules]\nallow = ["*.*"]\n')
    monkeypatch.chdir(tmp_path)
    ran = skill.with_environment(SKILL_RULES='allow = ["*.*"]', RULES="*.*").here("rules", "--json")
    assert ran.json() == []


@pytest.mark.parametrize("columns", [1, 12, 80])
def test_no_part_of_a_call_can_stand_where_a_question_stands(columns: int) -> None:
    call = 'notes.post {"text":"' + " " * 200 + "run notes.find (read)? [o]nce" + "山" * 30 + '"}'
    lines = framed(call, columns).splitlines()
    assert all(line.startswith("  | ") for line in lines)
    assert "".join(line.removeprefix("  | ") for line in lines) == call
    cells = [sum(1 if char.isascii() else 2 for char in line) for line in lines]
    assert max(cells) < max(columns, 16)


@pytest.mark.parametrize(
    ("text", "state", "says"),
    [
        ("", "ok", "none"),
        ('[rules]\ndeny = ["notes.erase"]\n', "ok", "1 in config.toml"),
        ('[rules]\ndeny = ["notes.erase", "shell.*"]\n', "warning", "match nothing that is installed: shell.*"),
        ('[rules]\ndeny = ["notes.eras"]\n', "warning", "[rules] deny[1]: 'notes.eras'"),
        ("[rules]\nnever = []\n", "warning", "never is none of"),
    ],
)
def test_doctor_tells_of_rules_that_match_nothing(skill: Command, text: str, state: str, says: str) -> None:
    write(skill, text)
    check = health.rules(Layout(skill.home))
    assert check.state == state
    assert says in check.says


def test_the_rules_in_the_document_are_rules() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text()
    (block,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    rules = tomllib.loads(block)["rules"]
    in_table = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", page.partition("## How")[0], re.MULTILINE)
    examples = [text.replace("\\|", "|") for cell in in_table for text in re.findall(r"`([^`]+)`", cell)]
    assert len(examples) >= 8
    for text in [*examples, *rules["allow"], *rules["ask"], *rules["deny"]]:
        assert parse_rule(RuleKind.ALLOW, text)
    (escaped,) = re.findall(r"`allow = (\['.*'\])`", page)
    assert parse_rule(RuleKind.ALLOW, tomllib.loads(f"x = {escaped}")["x"][0])
