"""Stage 6: who has to say yes before a call runs.

In this order, the first that speaks decides:
 1 a rule that denies: refused, whatever else was said
 2 `--allow SKILL.TOOL`: the person is speaking now, so it answers for a rule that asks, too
 3 "this session", said of the tool at an earlier question
 4 a rule that asks: asked, even of a read and even with `--yes`
 5 a rule that allows
 6 by effect: reads pass, writes ask unless `--yes`, sends and destroys ask
With nobody to ask, the answer is no. A call that was refused is not asked about again until the user makes another
request: nobody should be worn down.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import anyio

from skillkernel.catalogue.types import Target
from skillkernel.errors import ApprovalRefused, RuleRefused
from skillkernel.manifest.types import Effect
from skillkernel.permissions.rules import Rule, decide
from skillkernel.permissions.rules_book import Rulebook
from skillkernel.permissions.rules_value import RuleKind

PERSON_SAID_YES = "a person said yes"


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked: `call` is exactly what will run, safe to print.

    `rule` is what "always" would write to config.toml; empty where that cannot be offered. `why` says what made it a
    question.
    """

    tool: str
    effect: Effect
    summary: str
    call: str
    rule: str = ""
    why: str = ""


class Answer(StrEnum):
    """What a person says: for this call, for every call of this tool in this session, for good by a rule, or no."""

    NO = "no"
    ONCE = "once"
    SESSION = "session"
    ALWAYS = "always"


Ask = Callable[[Question], Awaitable[bool | Answer]]
"""Somebody to ask; True is once, False is no."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the person said beforehand: `yes` answers for writes, `allow` names tools (`mail.send`) of any effect."""

    yes: bool = False
    allow: frozenset[str] = frozenset()


@dataclass(slots=True)
class Answers:
    """What a person answered in one session: tools that may run, calls (as shown) that may not; one question at a time.

    `rows` are the permissions that they gave for the session, by the owner key of the skill, each with what it stood for.
    """

    tools: set[str] = field(default_factory=set[str])
    rows: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    refused: set[str] = field(default_factory=set[str])
    turn: anyio.Lock = field(default_factory=anyio.Lock)


class Approver(NamedTuple):
    """Whoever decides in one session: the person beforehand, by rules, by earlier answers, and now."""

    policy: Policy
    rulebook: Rulebook | None
    answers: Answers
    ask: Ask | None


class Approval(NamedTuple):
    """Why a call may run, and whether somebody was asked."""

    reason: str
    asked: bool = False


class _Standing(NamedTuple):
    """What can be said without asking: an approval, or why it has to be asked."""

    approval: Approval | None
    rule: Rule | None = None


async def approve(target: Target, arguments: dict[str, Any], call: str, by: Approver) -> Approval:
    """Return why the call may run; raise `RuleRefused` or `ApprovalRefused` when a rule, a person, or nobody says no."""
    standing = _standing(target, arguments, by)
    if standing.approval is not None:
        return standing.approval
    if by.ask is None:
        raise _nobody(target, standing.rule)
    # Reads run side by side, and an answer to one may settle the next.
    async with by.answers.turn:
        standing = _standing(target, arguments, by)
        if standing.approval is not None:
            return standing.approval
        if call in by.answers.refused:
            raise ApprovalRefused(
                f"you refused this very call of {target.id} before, and were not asked again",
                hint="it stays refused until the user asks for it again; do something else, or say in your answer what was refused",
            )
        question = _question(target, arguments, call, standing.rule, by)
        return _answered(question, await by.ask(question), by)


def _standing(target: Target, arguments: dict[str, Any], by: Approver) -> _Standing:
    tool, effect = str(target.id), target.tool.effect
    rule = None
    if by.rulebook is not None and by.rulebook.rules:
        rule = decide(by.rulebook.rules, target.id, effect, arguments, target.tool.input_schema).rule
    if rule is not None and rule.kind is RuleKind.DENY:
        raise RuleRefused(
            f"{rule} denies this call of {tool}",
            hint="the rule stands in the user's config.toml and no option overrides it; do something else, or say so",
        )
    if tool in by.policy.allow:
        return _Standing(Approval(f"allowed by name: {tool}"))
    if tool in by.answers.tools:
        return _Standing(Approval(f"a person said yes to {tool} for this session"))
    if rule is not None:
        return _Standing(Approval(f"{rule} allows it") if rule.kind is RuleKind.ALLOW else None, rule)
    if effect is Effect.READ:
        return _Standing(Approval(""))
    if effect is Effect.WRITE and by.policy.yes:
        return _Standing(Approval("writes were agreed to beforehand"))
    return _Standing(None)


def _nobody(target: Target, rule: Rule | None) -> ApprovalRefused:
    tool, effect = str(target.id), target.tool.effect
    pre_approval = "--yes" if effect is Effect.WRITE and rule is None else f"--allow {tool}"
    asks = f", {rule} asks about it," if rule is not None else ","
    return ApprovalRefused(
        f"{tool} would {_DOES[effect]}{asks} and there is nobody to ask",
        hint=f"run it on a terminal, or agree beforehand with {pre_approval}",
    )


def _question(target: Target, arguments: dict[str, Any], call: str, rule: Rule | None, by: Approver) -> Question:
    effect = target.tool.effect
    always = ""
    # A rule that asks goes before one that allows: what "always" wrote would do nothing.
    if rule is None and by.rulebook is not None:
        from skillkernel.permissions.rules_narrow import narrow_rule

        always = narrow_rule(target.id, effect, arguments)
    why = f"{rule} asks" if rule is not None else f"it would {_DOES[effect]}"
    return Question(str(target.id), effect, target.tool.description, call, always, why)


def _answered(question: Question, answer: bool | Answer, by: Approver) -> Approval:
    tool = question.tool
    match answer:
        case True | Answer.ONCE:
            return Approval(PERSON_SAID_YES, asked=True)
        case Answer.SESSION:
            by.answers.tools.add(tool)
            return Approval(f"{PERSON_SAID_YES}, to {tool} for this session", asked=True)
        case Answer.ALWAYS if question.rule and by.rulebook is not None:
            by.rulebook.always(question.rule)
            return Approval(f"{PERSON_SAID_YES}, and always to {question.rule}", asked=True)
        case Answer.ALWAYS:  # it was not offered
            return Approval(PERSON_SAID_YES, asked=True)
        case _:
            by.answers.refused.add(question.call)
            raise ApprovalRefused(
                f"you refused {tool}", hint="ask the user what to do instead; do not call it again unchanged"
            )


_DOES = {
    Effect.READ: "look something up",
    Effect.WRITE: "change your data",
    Effect.SEND: "send something out",
    Effect.DESTROY: "delete something for good",
}
