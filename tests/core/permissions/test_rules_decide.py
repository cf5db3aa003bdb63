"""What rules say of a call."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.skills import schema
from skillkernel.manifest.types import Effect
from skillkernel.names import ToolId, tool_id
from skillkernel.permissions.rules import Decision, Rule, RuleSet, covers, decide
from skillkernel.permissions.rules_glob import Glob, Wild, matches
from skillkernel.permissions.rules_narrow import narrow_rule
from skillkernel.permissions.rules_syntax import parse_rule
from skillkernel.permissions.rules_value import RuleKind

SEND = tool_id("mail.send")


def rules(**texts: list[str]) -> RuleSet:
    """A set from `allow=[…], ask=[…], deny=[…]`."""
    return RuleSet(
        **{
            kind: tuple(
                parse_rule(RuleKind(kind), text, f"[rules] {kind}[{number}]") for number, text in enumerate(found, 1)
            )
            for kind, found in texts.items()
        }
    )


def ruling(found: RuleSet, arguments: dict[str, Any], **more: Any) -> str | None:
    decision = decide(found, SEND, Effect.SEND, arguments, **more)
    return decision.ruling and decision.ruling.value


def test_with_no_rule_nothing_is_decided() -> None:
    assert decide(RuleSet(), SEND, Effect.SEND, {}) == Decision(None)
    assert not RuleSet()


def test_deny_goes_before_ask_before_allow_whatever_their_order() -> None:
    every = rules(allow=["mail.send"], ask=["mail.*"], deny=["effect:send"])
    assert ruling(every, {}) == "deny"
    assert ruling(rules(allow=["mail.send"], ask=["mail.*"]), {}) == "ask"
    assert ruling(rules(allow=["mail.send"], deny=["effect:destroy"]), {}) == "allow"


def test_the_rule_that_decided_is_named_with_its_place() -> None:
    decision = decide(rules(deny=["calendar.*", "mail.*"]), SEND, Effect.SEND, {})
    assert str(decision.rule) == "the rule `mail.*` ([rules] deny[2])"


@pytest.mark.parametrize(
    ("text", "tool", "covered"),
    [
        ("calendar.list_*", "calendar.list_events", True),
        ("calendar.list_*", "calendar.lists", False),
        ("calendar.*", "calendar.list_events", True),
        ("cal*.list", "calendar.list", True),
        ("*.list", "calendar.list_events", False),
        ("calendar.lis?", "calendar.list", True),
        ("calendar.lis?", "calendar.lis", False),
        ("mail.*", "mail-archive.send", False),
        ("*.*", "mail-archive.send", True),
    ],
)
def test_a_wildcard_stays_within_its_half_of_the_name(text: str, tool: str, covered: bool) -> None:
    for kind in RuleKind:
        assert covers(parse_rule(kind, text), tool_id(tool), Effect.READ, {}) is covered


@pytest.mark.parametrize(
    ("to", "allowed", "denied"),
    [
        ("a@example.org", True, True),
        (["a@example.org", "b@example.org"], True, True),
        (["a@example.org", "evil@x"], False, True),
        (["evil@x"], False, False),
        ("evil@x,a@example.org", False, True),
        ("evil@x\na@example.org", False, True),
        ("evil@x a@example.org", False, True),
        ("<evil@x>;a@example.org", False, True),
        ("evil@x\u2028a@example.org", False, True),
        ("a@EXAMPLE.org", False, False),
        ("a@example.org.evil", False, False),
        ([], False, False),
        (None, False, False),
        ("", False, False),
    ],
)
def test_a_recipient_slips_through_neither_way(to: Any, allowed: bool, denied: bool) -> None:
    assert (ruling(rules(allow=["mail.send(to=*@example.org)"]), {"to": to}) == "allow") is allowed
    assert (ruling(rules(deny=["mail.send(to=*@example.org)"]), {"to": to}) == "deny") is denied


@pytest.mark.parametrize(
    ("pattern", "value", "allowed"),
    [
        ("/home/sam/notes/*", "/home/sam/notes/a b.txt", True),
        ("/home/sam/notes/*", "/home/sam/notes/x/a.txt", False),
        ("/home/sam/notes/**", "/home/sam/notes/x/a.txt", True),
        ("/home/sam/notes/**", "/home/sam/notes/../.ssh/id", False),
        ("/home/sam/*/a", "/home/sam/../a", False),
        ("/home/sam/**", "/home/sam/a..b/c", True),
        ("https://*.example.org/**", "https://www.example.org/x?y=z", True),
        ("https://*.example.org/**", "https://evil.org/.example.org/x", False),
        ("https://*.example.org/**", "https://evil.org#.example.org/x", False),
        ("https://*.example.org/**", "https://sam@evil.org\\.example.org/", False),
        ("git log*", "git log --oneline", True),
        ("git log*", "git log; rm -r x", False),
        ("git log*", "git log && rm -r x", False),
        ("git log*", "git log `rm x`", False),
        ("2026-12-*", "2026-12-24T12:30:00+01:00", True),
        ("Lunch*", "Lunch with Sam's sister", True),
        ("Essen*", "Essen mit Jürgen und 山田", True),
        (r"a\*", "a*", True),
        (r"a\*", "ab", False),
        ("*", "anything; at/all", True),
    ],
)
def test_how_far_a_wildcard_that_allows_reaches(pattern: str, value: str, allowed: bool) -> None:
    assert (ruling(rules(allow=[f'mail.send(x="{pattern}")']), {"x": value}) == "allow") is allowed


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ("5", 5),
        ("5", 5.0),
        ("5.0", 5),
        ("5e0", 5),
        ("true", True),
        ("null", None),
        ("0.5", 0.5),
        ("café", "cafe\u0301"),
    ],
)
def test_values_are_compared_as_what_they_are(pattern: str, value: Any) -> None:
    for kind in RuleKind:
        assert covers(parse_rule(kind, f"mail.send(x={pattern})"), SEND, Effect.SEND, {"x": value})


@pytest.mark.parametrize(("pattern", "value"), [("1", True), ("True", True), ("5", "5.0"), ("a", {"b": "a"})])
def test_values_that_only_look_alike_allow_nothing(pattern: str, value: Any) -> None:
    assert ruling(rules(allow=[f"mail.send(x={pattern})"]), {"x": value}) is None


@pytest.mark.parametrize(
    ("pattern", "value", "other"),
    [(r"\*", "*", "evil@x"), (r"?\*?", "a*b", "axxb"), (r"*\?", "a?", "ab"), (r"\*\*", "**", "x")],
)
def test_a_star_that_was_escaped_is_a_star_and_never_a_wildcard(pattern: str, value: str, other: str) -> None:
    wild = pattern.replace("\\", "")
    assert ruling(rules(allow=[f"mail.send(x={wild})"]), {"x": other}) == "allow"
    assert ruling(rules(allow=[f"mail.send(x={pattern})"]), {"x": other}) is None
    assert ruling(rules(deny=[f"mail.send(x={pattern})"]), {"x": value}) == "deny"


def test_a_path_leads_into_objects_and_through_lists() -> None:
    people = {"attendees": [{"email": "a@example.org"}, {"email": "evil@x"}]}
    assert ruling(rules(allow=["mail.send(attendees.email=*@example.org)"]), people) is None
    assert ruling(rules(deny=["mail.send(attendees.email=evil@*)"]), people) == "deny"
    assert ruling(rules(allow=["mail.send(attendees.email=*@example.org|evil@x)"]), people) == "allow"
    nameless = {"attendees": [{"email": "a@example.org"}, {}]}
    assert ruling(rules(allow=["mail.send(attendees.email=*)"]), nameless) is None
    assert ruling(rules(deny=["mail.send(attendees=evil@*)"]), people) == "deny"


def test_an_argument_that_is_left_out_allows_nothing_and_counts_as_its_default() -> None:
    defaulted = schema(scope={"type": "string", "default": "all"})
    assert ruling(rules(allow=["mail.send(scope=*)"]), {}, schema=defaulted) is None
    assert ruling(rules(allow=["mail.send(scope=all)"]), {}, schema=defaulted) is None
    assert ruling(rules(deny=["mail.send(scope=all)"]), {}, schema=defaulted) == "deny"
    assert ruling(rules(deny=["mail.send(scope=this)"]), {}, schema=defaulted) is None
    nested = schema(options={"type": "object", "default": {"deep": ["x", "y"]}})
    assert ruling(rules(ask=["mail.send(options.deep=y)"]), {}, schema=nested) == "ask"


def test_any_value_is_a_value_and_none_is_none() -> None:
    assert ruling(rules(deny=["mail.send(bcc=*)"]), {"to": "x"}) is None
    assert ruling(rules(deny=["mail.send(bcc=*)"]), {"bcc": []}) == "deny"
    assert ruling(rules(allow=["mail.send(bcc=*)"]), {"bcc": []}) is None


def test_an_allow_rule_can_shut_out_what_it_does_not_name() -> None:
    shut = rules(allow=["mail.send(to=a,!*)"])
    assert ruling(shut, {"to": "a"}) == "allow"
    assert ruling(shut, {"to": "a", "bcc": "evil@x"}) is None
    assert ruling(rules(allow=["mail.send(to=a,!bcc)"]), {"to": "a", "subject": "x"}) == "allow"
    assert ruling(rules(allow=["mail.send(to=a,!bcc)"]), {"to": "a", "bcc": "evil@x"}) is None
    assert ruling(rules(allow=["mail.send(opts.a=1,!*)"]), {"opts": {"a": 1, "b": 2}}) is None
    assert ruling(rules(allow=["mail.send(!*)"]), {}) == "allow"


# A small world, in which rules and calls meet often.
words = st.sampled_from(["a", "b", "ab", "a@b", "a,b", "a/b", "", "1"])
scalars = st.one_of(words, st.integers(0, 2), st.booleans(), st.none())
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xy"), inner, max_size=2)
)
arguments_of_calls = st.dictionaries(st.sampled_from(["p", "q", "r"]), values, max_size=3)
tools = st.sampled_from([SEND, tool_id("mail.read_all"), tool_id("calendar.list_events")])
effects = st.sampled_from(list(Effect))
patterns = st.sampled_from(["a", "*", "a*", "*b", "**b", "?", "a?b", '""', "1", "true", "null", "a|b", "*|b"])
named = st.builds("{}={}".format, st.sampled_from(["p", "q", "p.x", "q.y"]), patterns)
heads = st.sampled_from(["mail.send", "mail.*", "*.*", "calendar.list_*", "*.send", "ma?l.s*"])


@st.composite
def some_rule(draw: st.DrawFn, kind: RuleKind) -> Rule:
    if draw(st.integers(0, 4)) == 0:
        return parse_rule(kind, f"effect:{draw(effects).value}")
    found = draw(st.lists(named, max_size=2, unique_by=lambda text: text.partition("=")[0]))
    return parse_rule(kind, draw(heads) + (f"({','.join(found)})" if found else ""))


rule_sets = st.builds(
    RuleSet,
    *(st.lists(some_rule(kind), max_size=3).map(tuple) for kind in (RuleKind.DENY, RuleKind.ASK, RuleKind.ALLOW)),
)
calls = st.tuples(tools, effects, arguments_of_calls)
Call = tuple[ToolId, Effect, dict[str, Any]]


@given(rule_sets, calls)
def test_a_deny_that_covers_a_call_always_decides(found: RuleSet, call: Call) -> None:
    denied = any(covers(rule, *call) for rule in found.deny)
    asked = any(covers(rule, *call) for rule in found.ask)
    decision = decide(found, *call).ruling
    assert (decision is RuleKind.DENY) is denied
    assert (decision is RuleKind.ASK) is (asked and not denied)


@given(rule_sets, some_rule(RuleKind.DENY), some_rule(RuleKind.ASK), calls)
def test_one_more_rule_that_refuses_or_asks_never_lets_more_pass(
    found: RuleSet, deny: Rule, ask: Rule, call: Call
) -> None:
    before = decide(found, *call).ruling
    asking = decide(RuleSet(found.deny, (*found.ask, ask), found.allow), *call).ruling
    denying = decide(RuleSet((deny, *found.deny), found.ask, found.allow), *call).ruling
    assert asking in (before, RuleKind.ASK)
    assert denying in (before, RuleKind.DENY)


@given(some_rule(RuleKind.ALLOW), some_rule(RuleKind.DENY), calls, values, st.data())
def test_more_in_a_call_never_makes_it_safer(
    allow: Rule, deny: Rule, call: Call, value: Any, data: st.DataObject
) -> None:
    """An element more in a list that has one, an argument more that no rule names."""
    tool, effect, arguments = call
    lists = [name for name, held in arguments.items() if isinstance(held, list) and held]
    more = dict(arguments)
    if lists:
        name = data.draw(st.sampled_from(lists))
        at = data.draw(st.integers(0, len(more[name])))
        more[name] = [*more[name][:at], value, *more[name][at:]]
    else:
        more["unnamed"] = value
    if covers(allow, tool, effect, more):
        assert covers(allow, tool, effect, arguments)
    if covers(deny, tool, effect, arguments):
        assert covers(deny, tool, effect, more)


@given(
    st.lists(st.sampled_from(["a", "b", "@", Wild.ONE, Wild.RUN, Wild.ANYTHING]), max_size=6),
    st.text("ab@/", max_size=8),
)
def test_what_fits_narrowly_fits_widely(parts: list[str], text: str) -> None:
    glob = Glob(tuple(parts))
    if matches(glob, text, narrow=True):
        assert matches(glob, text, narrow=False)


def test_a_hostile_text_takes_no_longer_than_it_is_long() -> None:
    """Backtracking engines need longer than the universe has for this one."""
    glob = Glob((Wild.RUN, "a") * 40 + (Wild.RUN, "b"))
    for narrow in (True, False):
        assert not matches(glob, "a" * 250_000, narrow=narrow)


free_text = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=100), st.text('*?\\"|,() ', max_size=6)
)
true_values = st.recursive(
    st.one_of(free_text, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(free_text, inner, max_size=2),
)


@given(st.dictionaries(free_text, true_values, max_size=4), effects)
def test_what_always_writes_covers_the_call_and_nothing_with_one_more_argument(
    arguments: dict[str, Any], effect: Effect
) -> None:
    text = narrow_rule(SEND, effect, arguments)
    if not text:
        return
    rule = parse_rule(RuleKind.ALLOW, text)
    assert covers(rule, SEND, effect, arguments)
    assert not covers(rule, SEND, effect, {**arguments, "one more": "x"}) or "one more" in arguments
    assert not covers(rule, tool_id("mail.sent"), effect, arguments)
    for name, value in arguments.items():
        if isinstance(value, str):
            free = any(wanted.path == (name,) and wanted.globs[0].is_anything for wanted in rule.arguments)
            assert covers(rule, SEND, effect, {**arguments, name: value + "x"}) is free


@pytest.mark.parametrize(
    ("effect", "arguments", "text"),
    [
        (Effect.SEND, {"to": "sam@example.org"}, "mail.send(to=sam@example.org,!*)"),
        (Effect.SEND, {}, "mail.send(!*)"),
        (Effect.SEND, {"to": ["a@x", "b@x", "a@x"], "n": 2}, "mail.send(to=a@x|b@x,n=2,!*)"),
        (Effect.SEND, {"to": "a@x", "body": "word " * 30}, "mail.send(to=a@x,body=*,!*)"),
        (Effect.WRITE, {"text": "word " * 30}, f'mail.send(text="{"word " * 30}",!*)'),
        (Effect.DESTROY, {"to": "a@x", "body": "word " * 30}, f'mail.send(to=a@x,body="{"word " * 30}",!*)'),
        (Effect.WRITE, {"text": "* or\n\u202e?"}, r'mail.send(text="\* or\n\u202e\?",!*)'),
        (Effect.WRITE, {"a": {"b": [{"c": 1}, {"c": 2}]}}, "mail.send(a.b.c=1|2,!*)"),
        (Effect.WRITE, {"names": []}, ""),
        (Effect.WRITE, {"text": "x" * 3000}, ""),
    ],
)
def test_what_always_writes(effect: Effect, arguments: dict[str, Any], text: str) -> None:
    assert narrow_rule(SEND, effect, arguments) == text
