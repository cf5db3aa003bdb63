"""A session told to a person: what is about to happen and what happened on stderr, the answer on stdout."""

import sys

from skillkernel.calls.types import Outcome
from skillkernel.calls.verdict import Ruling
from skillkernel.sessions.events import (
    Answered,
    CallEnded,
    CallPassed,
    ModelAsked,
    SessionEvent,
    Stopped,
    TextPiece,
    ToolProgress,
)
from skillkernel.text import visible
from skillkernel_cli.failures import say_error
from skillkernel_cli.output import json_line, note


class Narrator:
    """Prints the events of a session; streams the answer where stdout is a terminal."""

    def __init__(self) -> None:
        self._streams = sys.stdout.isatty()
        self._streamed = False

    def __call__(self, event: SessionEvent) -> None:
        match event:
            case TextPiece(text) if self._streams:
                sys.stdout.write(visible(text, lines=True))
                sys.stdout.flush()
                self._streamed = True
            case Answered(text):
                sys.stdout.write("\n" if self._streamed else visible(text, lines=True) + "\n")
                sys.stdout.flush()
                self._streamed = False
            case ModelAsked(_, notice) if notice:
                note(notice)
            case CallPassed():
                self._end_line()
                note(event.shown, ("→", "cyan"))
            case ToolProgress(tool, fraction, text):
                share = "" if fraction is None else f" {fraction:.0%}"
                note(f"  {tool}{share} {text}")
            case CallEnded(outcome):
                self._end_line()
                _call_ended(outcome)
            case Stopped(reason):
                say_error(f"stopped: {reason}", "")
            case _:
                pass

    def _end_line(self) -> None:
        if self._streamed:
            sys.stdout.write("\n")
            sys.stdout.flush()
            self._streamed = False


def _call_ended(outcome: Outcome) -> None:
    mark = ("✓", "green") if outcome.ok else ("✗", "red")
    stages = " · ".join(
        verdict.stage if verdict.verdict is Ruling.PASS else f"{verdict.stage} {verdict.verdict.value}"
        for verdict in outcome.verdicts
    )
    note(f"{outcome.tool}  {outcome.duration_ms:.0f} ms  {stages}", mark)
    for verdict in outcome.verdicts:
        if verdict.reason:
            note(f"    {verdict.stage}: {verdict.reason}")


class JsonLines:
    """Prints the events of a session as the JSON Lines that scripts rely on."""

    def __call__(self, event: SessionEvent) -> None:
        line = event.as_json()
        for item in line if isinstance(line, list) else [line]:
            if item is not None:
                json_line(item)
