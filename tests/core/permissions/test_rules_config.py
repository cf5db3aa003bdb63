"""[rules] in config.toml: what is a mistake there, what sleeps, and what adding a rule leaves alone."""

import stat
import threading
import tomllib
from pathlib import Path
from typing import Any

import pytest

from fakes.skills import NOTES, installed, schema, tool
from skillkernel.calls.resolve import ToolTable
from skillkernel.catalogue.types import Catalogue
from skillkernel.errors import RulesInvalid, UsageError
from skillkernel.manifest.types import Effect
from skillkernel.permissions.rules_book import add_allow, with_allow
from skillkernel.permissions.rules_check import matched
from skillkernel.permissions.rules_config import read_rules, written_rules
from skillkernel.permissions.rules_syntax import parse_rule
from skillkernel.permissions.rules_value import RuleKind

CALENDAR = installed(
    "calendar",
    tool(
        "delete_event",
        Effect.DESTROY,
        input_schema={
            "type": "object",
            "properties": {
                "event": {"type": "string"},
                "scope": {"type": ["string", "null"], "enum": ["this", "all", None]},
                "sure": {"type": "boolean"},
                "count": {"type": "integer"},
                "people": {"type": "array", "items": {"$ref": "#/$defs/person"}},
                "extra": {"type": "object"},
                "when": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
            },
            "required": ["event"],
            "$defs": {"person": {"type": "object", "properties": {"email": {"type": "string"}}}},
        },
    ),
    tool("list_events", input_schema=schema(date={"type": "string"})),
)
TARGETS = ToolTable(Catalogue(skills=(CALENDAR, NOTES))).targets()


def read(**lists: Any) -> Any:
    return read_rules({"rules": lists}, TARGETS)


def test_the_three_lists_are_read() -> None:
    found = read(allow=["calendar.list_*"], ask=["effect:write"], deny=["effect:destroy", "notes.post"])
    assert [(rule.place, rule.text) for rule in found] == [
        ("[rules] deny[1]", "effect:destroy"),
        ("[rules] deny[2]", "notes.post"),
        ("[rules] ask[1]", "effect:write"),
        ("[rules] allow[1]", "calendar.list_*"),
    ]


def test_no_rules_are_no_rules() -> None:
    assert not read_rules({}, TARGETS)
    assert not read_rules({"rules": {}}, TARGETS)


@pytest.mark.parametrize(
    ("table", "problem", "hint"),
    [
        ("all", "not a table", "[rules]"),
        ({"denny": []}, "denny", "did you mean deny?"),
        ({"xyz": []}, "xyz", "for example"),
        ({"deny": "effect:send"}, "deny is not text in a list", "deny = ["),
        ({"deny": ["effect:send", 3]}, "deny[2] is not text", "deny = ["),
        ({"deny": ["effect:send"] * 2000}, "more than 1,000", "wider"),
    ],
)
def test_a_table_of_another_form_is_refused(table: Any, problem: str, hint: str) -> None:
    with pytest.raises(RulesInvalid) as caught:
        read_rules({"rules": table}, TARGETS)
    assert "config.toml" in caught.value.message
    assert problem in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("effect:destory", "no effect 'destory'", "effect:destroy"),
        ("calender.delete_event", "called calender.delete_event", "calendar.delete_event"),
        ("calendr.*", "called calendr.*", "calendar.*"),
        ("calendar.delet_event", "calendar has no tool delet_event", "calendar.delete_event"),
        ("calendar.remove_*", "calendar has no tool remove_*", "delete_event, list_events"),
        ("*.delte_event", "called *.delte_event", "*.delete_event"),
        ("calendar.delete_event(evnt=x)", "no argument evnt", "did you mean event?"),
        ("calendar.delete_event(zz=x)", "no argument zz", "it has event, scope"),
        ("calendar.delete_event(event.x=1)", "no argument event.x", "it has none"),
        ("calendar.delete_event(people.emial=x)", "no argument people.emial", "did you mean email?"),
        ("calendar.delete_event(scope=al)", "scope of calendar.delete_event can never be al", '"this", "all", null'),
        ("calendar.delete_event(scope=all|thus)", "can never be thus", '"this"'),
        ("calendar.delete_event(sure=yes)", "can never be yes", "true or false"),
        ("calendar.delete_event(count=many)", "can never be many", "a whole number"),
        ("*.*(nothing_has_this=1)", "no argument nothing_has_this", "it has event"),
    ],
)
@pytest.mark.parametrize("kind", list(RuleKind))
def test_a_rule_that_can_match_nothing_is_a_mistake_with_what_was_meant(
    kind: RuleKind, text: str, problem: str, hint: str
) -> None:
    with pytest.raises(RulesInvalid) as caught:
        read(**{kind.value: ["effect:read", text]})
    assert caught.value.message.startswith(f"config.toml, [rules] {kind.value}[2]: '{text}': ")
    assert problem in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("calendar.delete_event(!evnt)", "no argument evnt"),
        ("calendar.delete_event(!event)", "always has event"),
        ("calendar.delete_event(scope=all,!*)", "no room for event"),
        ("calendar.delete_event(event=x,!event)", "named twice"),
    ],
)
def test_a_rule_that_shuts_out_too_much_is_a_mistake(text: str, problem: str) -> None:
    with pytest.raises(RulesInvalid, match=problem):
        read(allow=[text])


@pytest.mark.parametrize(
    "text",
    [
        "calendar.delete_event(scope=al*)",
        "calendar.delete_event(sure=t*)",
        "calendar.delete_event(count=1*)",
        "calendar.delete_event(count=5.0)",
        "calendar.delete_event(people.email=*@x)",
        "calendar.delete_event(people=*)",
        "calendar.delete_event(extra.anything=1)",
        "calendar.delete_event(when=2026-*)",
        "calendar.delete_event(when=null)",
        "*.*(event=x)",
        "not*.*",
    ],
)
def test_what_can_match_is_left_in_peace(text: str) -> None:
    assert read(deny=[text], allow=[text])


@pytest.mark.parametrize("text", ["shell.*", "shell*.x", "mail.send(to=*@example.org)", "*.frobnicate", "effect:send"])
def test_a_rule_for_what_is_not_installed_sleeps(text: str) -> None:
    (rule,) = read(deny=[text])
    assert rule.text == text
    (written,) = written_rules({"rules": {"deny": [text]}}, TARGETS)
    assert not written.is_wrong
    assert (written.trouble is None) is (text == "effect:send")


def test_a_rule_that_slept_is_checked_when_its_skill_comes() -> None:
    slept = {"rules": {"deny": ["shel.run"]}}
    assert read_rules(slept, TARGETS)
    with pytest.raises(RulesInvalid, match="shel"):
        read_rules(slept, ToolTable(Catalogue(skills=(installed("shell", tool("run")),))).targets())


def test_with_nothing_installed_every_rule_sleeps() -> None:
    assert read_rules({"rules": {"deny": ["calendar.*", "effect:send"]}}, ())


def test_what_a_rule_matches_now() -> None:
    rule = parse_rule(RuleKind.DENY, "*.*(text=*)")
    assert [str(target.id) for target in matched(rule, TARGETS)] == [
        "notes.find", "notes.add", "notes.post", "notes.erase",
    ]  # fmt: skip


DOCUMENTS = {
    "nothing": "",
    "another table": "# mine\n[model]\nname = 'x' # the small one\n",
    "a list over several lines": "[rules]\nallow = [\n  'a.b', # why\n  'c.d',\n]\ndeny = ['x.y']\n[model]\nx = 1\n",
    "an inline table": "rules = {allow = ['a.b']}\n",
    "dotted keys": "rules.deny = ['q.z']\n[model]\na = 1\n",
    "an empty list with a comment": "[rules]\nallow = [ # none yet\n]\n# the end",
    "no end of line": "drivers = []",
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
@pytest.mark.parametrize("text", ["mail.send(to=a@x,!*)", r"""a.bc(x="\" ' \\ \n é",!*)"""])
def test_a_rule_is_added_and_everything_else_stays(document: str, text: str) -> None:
    after = with_allow(document, text)
    before, now = tomllib.loads(document), tomllib.loads(after)
    allowed = before.get("rules", {}).get("allow", [])
    assert now == {**before, "rules": {**before.get("rules", {}), "allow": [*allowed, text]}}
    for line in document.splitlines():
        for comment in line.partition("#")[1:][1:]:
            assert comment in after
    assert with_allow(after, text) == after


def test_the_file_is_replaced_whole_for_its_owner_alone(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[budget]\ncalls = 9\n")
    config.chmod(0o644)
    assert add_allow(config, "notes.add") == 1
    assert add_allow(config, "notes.post") == 2
    assert add_allow(config, "notes.add") == 1
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


def test_a_file_that_is_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "config.toml").symlink_to("dotfiles/config.toml")
    add_allow(tmp_path / "config.toml", "notes.add")
    assert (tmp_path / "config.toml").is_symlink()
    assert tomllib.loads((tmp_path / "dotfiles" / "config.toml").read_text()) == {"rules": {"allow": ["notes.add"]}}


def test_rules_added_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    threads = [threading.Thread(target=add_allow, args=(tmp_path / "config.toml", f"notes.t{n}")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    allowed = tomllib.loads((tmp_path / "config.toml").read_text())["rules"]["allow"]
    assert sorted(allowed) == [f"notes.t{n}" for n in range(8)]


@pytest.mark.parametrize("document", ["[rules", "rules = 3\n", "[rules]\nallow = 'a.b'\n"])
def test_a_file_that_no_rule_fits_into_is_left_as_it_is(tmp_path: Path, document: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(document)
    with pytest.raises(UsageError, match=r"config\.toml") as caught:
        add_allow(config, "notes.add")
    assert "notes.add" in caught.value.hint
    assert config.read_text() == document
