"""A rule's text: what is read from it, what is refused with which fix, and that writing and reading are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillkernel.manifest.types import Effect
from skillkernel.permissions.rules import ArgumentRule, Rule
from skillkernel.permissions.rules_glob import Glob, Wild
from skillkernel.permissions.rules_syntax import RuleSyntaxError, parse_rule, rule_text
from skillkernel.permissions.rules_value import RuleKind
from skillkernel.text import visible


def allow(text: str) -> Rule:
    return parse_rule(RuleKind.ALLOW, text)


def test_names_and_their_wildcards() -> None:
    rule = allow("calendar.list_*")
    assert rule.skill == Glob(("calendar",))
    assert rule.tool == Glob(("list_", Wild.RUN))
    assert allow("*.*") == Rule(RuleKind.ALLOW, "*.*", skill=Glob((Wild.RUN,)), tool=Glob((Wild.RUN,)))


def test_an_effect() -> None:
    assert allow("effect:destroy").effect is Effect.DESTROY


def test_arguments_their_alternatives_and_their_paths() -> None:
    rule = allow('mail.send( to = *@example.org | sam@x.org , options."a.b" = "one, two (three)" , !bcc, !* )')
    assert rule.arguments == (
        ArgumentRule(("to",), (Glob((Wild.RUN, "@example.org")), Glob(("sam@x.org",)))),
        ArgumentRule(("options", "a.b"), (Glob(("one, two (three)",)),)),
        ArgumentRule(("bcc",), absent=True),
    )
    assert rule.closed


def test_quotes_protect_commas_and_leave_wildcards_what_they_are() -> None:
    assert allow('a.bc(x="*, ?")').arguments[0].globs == (Glob((Wild.RUN, ", ", Wild.ONE)),)


@pytest.mark.parametrize(
    ("written", "text"),
    [(r"\*", "*"), (r"\\", "\\"), (r"a\ ", "a "), (r"\u202e", "\u202e"), (r"\U0001F600", "\U0001f600"), (r"\n", "\n")],
)
def test_a_backslash_takes_a_character_as_it_is(written: str, text: str) -> None:
    assert allow(f"a.bc(x={written})").arguments[0].globs[0].literal == text


def test_text_is_read_in_its_composed_form() -> None:
    assert allow("a.bc(x=cafe\u0301)").arguments[0].globs[0].literal == "caf\u00e9"


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("", "names no tool", "SKILL.TOOL"),
        ("*", "names no tool", "calendar.*"),
        ("calendar", "names no tool", "SKILL.TOOL"),
        ("calendar__list_events", "model's name", "calendar.list_events"),
        ("Mail.send", "lower case", "mail.send"),
        ("mail.send to", "SKILL.TOOL", "for example"),
        ("mail .send", "SKILL.TOOL", "for example"),
        ("effect:destory", "no effect 'destory'", "effect:destroy"),
        ("effect:", "no effect", "effect:read"),
        ("mail.send(", "argument is missing", "mail.send(to="),
        ("mail.send()", "argument is missing", "mail.send(to="),
        ("mail.send(to)", "no = behind it", "NAME=PATTERN"),
        ("mail.send(to=)", "pattern is empty", '""'),
        ("mail.send(to=a|)", "pattern is empty", '""'),
        ("mail.send(to=a", "closing bracket", "commas"),
        ("mail.send(to=a) x", "behind the closing bracket", "end the rule"),
        ("mail.send(to=a,to=b)", "named twice", "|"),
        ("mail.send(t*=a)", "has a wildcard", "name one argument"),
        ("mail.send(to=f(x))", "opening bracket", "quotes"),
        ('mail.send(to="a)', "never closed", '"'),
        (r"mail.send(to=\d)", r"\d means nothing", r"\\"),
        (r"mail.send(to=\ud800)", r"\u means nothing", r"\\"),
        ("mail.send(to=a\u202eb)", "hidden", r"a\u202eb"),
        ("mail.send(to=a\nb)", "hidden", r"a\nb"),
        ("mail.send(to=" + "a" * 3000 + ")", "2,000", "shorter"),
    ],
)
def test_what_is_no_rule_is_named_with_its_fix(text: str, problem: str, hint: str) -> None:
    with pytest.raises(RuleSyntaxError) as caught:
        allow(text)
    assert problem in caught.value.problem
    assert hint in caught.value.hint


@pytest.mark.parametrize("kind", [RuleKind.ASK, RuleKind.DENY])
@pytest.mark.parametrize("text", ["mail.send(!bcc)", "mail.send(to=x,!*)"])
def test_a_rule_that_refuses_cannot_be_got_round_by_one_more_argument(kind: RuleKind, text: str) -> None:
    with pytest.raises(RuleSyntaxError, match="does not allow"):
        parse_rule(kind, text)


names = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=6)
wilds = st.sampled_from([Wild.ONE, Wild.RUN])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
name_patterns = st.lists(st.one_of(names, st.sampled_from(["*", "?"])), min_size=1, max_size=4).map("".join)
escaped = texts.map(lambda text: "".join(f"\\U{ord(char):08x}" for char in text))
value_patterns = st.lists(st.one_of(escaped, st.sampled_from(["*", "?", "**"])), min_size=1, max_size=5).map(
    lambda pieces: f'"{"".join(pieces)}"'
)
paths = st.lists(texts.filter(bool).map(lambda text: "".join(f"\\U{ord(c):08x}" for c in text)), min_size=1, max_size=3)


@st.composite
def rule_texts(draw: st.DrawFn) -> str:
    """Any rule that allows, spelled with every character escaped."""
    found = {".".join(draw(paths)): "|".join(draw(st.lists(value_patterns, min_size=1, max_size=3))) for _ in range(2)}
    arguments = [f"{path}={pattern}" for path, pattern in found.items()][: draw(st.integers(0, 2))]
    arguments += draw(st.sampled_from([[], ["!*"], ["!zz"]]))
    names = f"{draw(name_patterns)}.{draw(name_patterns)}"
    return f"{names}({','.join(arguments)})" if arguments else names


@given(rule_texts())
def test_a_rule_that_is_written_is_read_as_the_same_rule(text: str) -> None:
    rule = allow(text)
    written = rule_text(rule)
    again = allow(written)
    assert again == Rule(
        rule.kind, written, skill=rule.skill, tool=rule.tool, arguments=rule.arguments, closed=rule.closed
    )
    assert rule_text(again) == written
    assert visible(written) == written


@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_is_refused_with_a_fix(text: str) -> None:
    try:
        rule = allow(f"a.bc({text})")
    except RuleSyntaxError as error:
        problem = error
    else:
        assert allow(rule_text(rule)).arguments == rule.arguments
        return
    assert problem.problem
    assert problem.hint
