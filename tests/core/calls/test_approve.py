"""Who says yes: rules, what was said beforehand, a person's answers, and what they remember."""

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path

import anyio
import pytest

from fakes.desks import desk
from fakes.skills import CATALOGUE
from fakes.workers import FakeWorkers
from skillkernel.calls.approve import Answer, Policy, Question
from skillkernel.calls.desk import Desk
from skillkernel.calls.pipeline import run_call
from skillkernel.calls.resolve import ToolTable
from skillkernel.calls.types import CallRequest, Outcome
from skillkernel.permissions.rules_book import Rulebook
from skillkernel.permissions.rules_config import read_rules


class Person:
    """Answers each question with the next answer, and remembers what was asked."""

    def __init__(self, *answers: bool | Answer) -> None:
        self.answers = list(answers)
        self.asked: list[Question] = []
        self.at_once = 0

    async def __call__(self, question: Question) -> bool | Answer:
        self.asked.append(question)
        self.at_once += 1
        assert self.at_once == 1
        await anyio.lowlevel.checkpoint()
        self.at_once -= 1
        return self.answers.pop(0)


def under(
    home: Path,
    *,
    allow: Iterable[str] = (),
    ask: Iterable[str] = (),
    deny: Iterable[str] = (),
    person: Person | None = None,
    policy: Policy | None = None,
) -> Desk:
    rules = {"allow": list(allow), "ask": list(ask), "deny": list(deny)}
    book = Rulebook(home / "config.toml", read_rules({"rules": rules}, ToolTable(CATALOGUE).targets()))
    return desk(home, rulebook=book, ask=person, policy=policy or Policy())


async def made(on: Desk, name: str, text: str = "x") -> Outcome:
    return await run_call(CallRequest("c1", f"notes.{name}", json.dumps({"text": text})), on)


def verdict(outcome: Outcome) -> tuple[str, str]:
    (found,) = (each for each in outcome.verdicts if each.stage == "approve")
    return found.verdict.value, found.reason


async def test_a_rule_that_denies_refuses_whatever_else_was_said(tmp_path: Path) -> None:
    person = Person(Answer.SESSION)
    policy = Policy(yes=True, allow=frozenset({"notes.add", "notes.find"}))
    on = under(
        tmp_path, allow=["*.*"], ask=["*.*"], deny=["notes.add(text=x*)", "effect:read"], person=person, policy=policy
    )
    for name in ("add", "find"):
        outcome = await made(on, name)
        assert outcome.error is not None
        assert outcome.error.code == "rule-refused"
        assert outcome.error.exit_code == 3
    assert "the rule `effect:read` ([rules] deny[2])" in outcome.window
    assert verdict(await made(on, "add")) == (
        "refuse",
        "the rule `notes.add(text=x*)` ([rules] deny[1]) denies this call of notes.add",
    )
    assert (await made(on, "add", "y")).ok
    assert person.asked == []


async def test_a_rule_that_allows_lets_a_send_pass_without_a_question(tmp_path: Path) -> None:
    on = under(tmp_path, allow=["notes.post(text=hello *)"])
    outcome = await made(on, "post", "hello Sam")
    assert verdict(outcome) == ("pass", "the rule `notes.post(text=hello *)` ([rules] allow[1]) allows it")
    assert not (await made(on, "post", "bye")).ok


async def test_a_rule_that_asks_asks_even_about_a_read_and_even_with_yes(tmp_path: Path) -> None:
    person = Person(True, True)
    on = under(tmp_path, allow=["*.*"], ask=["effect:read", "notes.add"], person=person, policy=Policy(yes=True))
    assert verdict(await made(on, "find")) == ("ask", "a person said yes")
    assert (await made(on, "add")).ok
    assert [question.why for question in person.asked] == [
        "the rule `effect:read` ([rules] ask[1]) asks",
        "the rule `notes.add` ([rules] ask[2]) asks",
    ]


async def test_naming_the_tool_on_the_command_line_answers_a_rule_that_asks(tmp_path: Path) -> None:
    on = under(tmp_path, ask=["*.*"], policy=Policy(allow=frozenset({"notes.post"})))
    assert (await made(on, "post")).ok
    nobody = await made(on, "find")
    assert nobody.error is not None
    assert "the rule `*.*` ([rules] ask[1]) asks about it" in nobody.error.message
    assert "--allow notes.find" in nobody.error.hint


async def test_this_session_answers_for_the_tool_and_for_no_other(tmp_path: Path) -> None:
    person = Person(Answer.SESSION, Answer.NO)
    on = under(tmp_path, person=person)
    assert verdict(await made(on, "add")) == ("ask", "a person said yes, to notes.add for this session")
    assert verdict(await made(on, "add", "y")) == ("pass", "a person said yes to notes.add for this session")
    assert not (await made(on, "post")).ok
    assert len(person.asked) == 2
    assert not (await made(under(tmp_path, person=Person(False)), "add")).ok


async def test_always_writes_the_rule_that_was_shown_and_holds_from_then_on(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("# mine\n[budget]\ncalls = 9\n")
    person = Person(Answer.ALWAYS, Answer.NO)
    on = under(tmp_path, person=person)
    assert (await made(on, "post", "hello")).ok
    assert person.asked[0].rule == "notes.post(text=hello,!*)"
    written = (tmp_path / "config.toml").read_text()
    assert written.startswith("# mine\n")
    assert tomllib.loads(written)["rules"] == {"allow": ["notes.post(text=hello,!*)"]}
    assert verdict(await made(on, "post", "hello"))[0] == "pass"
    assert not (await made(on, "post", "other")).ok


async def test_always_is_not_offered_where_it_would_do_nothing(tmp_path: Path) -> None:
    person = Person(Answer.ALWAYS, Answer.NO)
    on = under(tmp_path, ask=["notes.add"], person=person)
    assert (await made(on, "add")).ok
    assert person.asked[0].rule == ""
    assert not (tmp_path / "config.toml").exists()
    assert not (await made(on, "add")).ok


async def test_a_rule_that_cannot_be_written_is_told_and_nothing_runs(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("rules = 3\n")
    on = under(tmp_path, person=Person(Answer.ALWAYS))
    outcome = await made(on, "add")
    assert outcome.error is not None
    assert "config.toml" in outcome.error.message
    assert "notes.add" in outcome.error.hint


async def test_a_call_that_was_refused_is_not_asked_about_again(tmp_path: Path) -> None:
    person = Person(False, True)
    on = under(tmp_path, person=person)
    assert not (await made(on, "post")).ok
    again = await made(on, "post")
    assert again.error is not None
    assert again.error.code == "approval-refused"
    assert "were not asked again" in again.window
    assert len(person.asked) == 1
    assert (await made(on, "post", "something else")).ok


async def test_questions_come_one_after_the_other(tmp_path: Path) -> None:
    person = Person(Answer.SESSION)
    on = under(tmp_path, ask=["notes.find"], person=person)
    ended: list[Outcome] = []

    async def find(text: str) -> None:
        ended.append(await made(on, "find", text))

    async with anyio.create_task_group() as tasks:
        for text in ("a", "b", "c"):
            tasks.start_soon(find, text)
    assert [outcome.ok for outcome in ended] == [True, True, True]
    assert len(person.asked) == 1


@pytest.mark.parametrize("answer", ["yes", 1, None, Answer.NO, False])
async def test_what_is_no_yes_is_a_no(tmp_path: Path, answer: bool) -> None:
    assert not (await made(under(tmp_path, person=Person(answer)), "add")).ok


FORGERIES = {
    "a line of its own": "x\nrun notes.find (read)? [o]nce / this [s]ession / [N]o o",
    "a carriage return": "harmless\rrm",
    "the cursor": "x\x1b[2J\x1b[1;1Hnotes.find (read): Does find.",
    "text turned round": "a\u202etxt.exe",
    "nothing to see": "pay\u200bpal\u2060\ufeff",
    "tags": "x\U000e0041\U000e0042",
    "markup": "[bold red]x[/] <b>x</b> `x`",
    "a line separator": "x\u2028y\u2029z",
    "half a prompt": "\x07\x9b2K",
}


@pytest.mark.parametrize("text", FORGERIES.values(), ids=FORGERIES)
async def test_what_is_shown_is_one_safe_line_that_says_byte_for_byte_what_runs(tmp_path: Path, text: str) -> None:
    person = Person(True)
    on = under(tmp_path, person=person)
    assert isinstance(on.workers, FakeWorkers)
    assert (await made(on, "post", text)).ok
    shown = person.asked[0].call
    assert len(shown.splitlines()) == 1
    assert shown.isprintable()
    tool, _, arguments = shown.partition(" ")
    assert tool == "notes.post"
    assert json.loads(arguments) == {"text": text} == on.workers.invocations[0].arguments
    (row,) = on.journal.calls(on.session)
    assert json.loads(row["arguments"]) == {"text": text}
