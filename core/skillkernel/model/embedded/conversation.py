"""What of a conversation a reply has to answer: the last request, filled up when it leans on the one before."""

import re
from collections.abc import Sequence
from datetime import datetime

from skillkernel.model.driver import Message, ToolCall
from skillkernel.model.embedded.evidence import gather
from skillkernel.model.embedded.spans import left_over
from skillkernel.model.embedded.verbs import Act, acts_of, opening

_LEANS = re.compile(
    r"^\W*(?:and|und|et|y|e|en|or|oder|ou|o|what about|how about|was ist mit|und was|et pour|qu'en est-il|y qué tal|¿?y|"
    r"e per|e quanto|hoe zit het met|make (?:it|that)|no,? |nein,? |non,? |rather|lieber|instead|stattdessen|plutôt)\b",
    re.IGNORECASE,
)
MOST_WORDS = 7


def request_of(messages: Sequence[Message], now: datetime) -> str:
    """The text to act on: the last of the user, or the one before it with the times and words that replace its own."""
    said = [message.text for message in messages if message.role == "user"]
    if not said:
        return ""
    last = said[-1]
    if len(said) < 2 or not leans(last):
        return last
    found, before = gather(last, now), gather(said[-2], now)
    replaced = [(each.start, each.end) for each in before.moments] if found.moments else []
    replaced += [(each.start, each.end) for each in before.durations] if found.durations else []
    kept = left_over(before.text, replaced) if replaced else said[-2]
    return f"{kept.rstrip(' ?.!')} {_LEANS.sub('', last).strip()}"


def leans(text: str) -> bool:
    """Whether a request is short and begins like the rest of one (`and on Friday?`), without a command of its own."""
    if len(text.split()) > MOST_WORDS or not _LEANS.match(text):
        return False
    return not acts_of(text) - {Act.LOOK} or opening(text)[0] in {"make", "no"}


def calls_since(messages: Sequence[Message]) -> list[tuple[ToolCall, Message]]:
    """The calls since the user spoke last, each with its result."""
    calls: dict[str, ToolCall] = {}
    done: list[tuple[ToolCall, Message]] = []
    for message in messages:
        if message.role == "user":
            calls, done = {}, []
        calls |= {call.id: call for call in message.calls}
        if message.role == "tool" and message.call_id in calls:
            done.append((calls[message.call_id], message))
    return done


def last_tool(messages: Sequence[Message]) -> str:
    """The wire name of the tool that was called last, or an empty text."""
    return next((message.calls[-1].name for message in reversed(messages) if message.calls), "")
