"""Asking a person on the terminal."""

import os
import select
import shutil
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress

import anyio

from skillkernel.calls.approve import Answer, Question
from skillkernel.errors import ApprovalRefused
from skillkernel.manifest.types import Effect
from skillkernel.text import visible
from skillkernel_cli.output import note


def can_ask() -> bool:
    """Whether there is a terminal to ask on, and one to show the question on."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def read_line(prompt: str) -> str:
    """Show a prompt on stderr and return the line typed, without its end; raise `EOFError` at the end of input.

    Waits on the descriptor, so that Ctrl-C ends the wait at once, and keeps what came after the line for the next call.
    """
    sys.stderr.write(prompt)
    sys.stderr.flush()
    descriptor = sys.stdin.fileno()
    while b"\n" not in _typed:
        with suppress(PermissionError):  # a file is always ready, and cannot be waited for
            await anyio.wait_readable(descriptor)
        piece = os.read(descriptor, 65_536)
        if not piece and not _typed:
            raise EOFError
        _typed.extend(piece or b"\n")
    line, _, rest = bytes(_typed).partition(b"\n")
    _typed[:] = rest
    return line.decode(errors="replace")


_typed = bytearray()
"""What was read of stdin and not yet asked for."""


async def ask_yes_no(question: str) -> bool:
    """Ask until the answer is yes or no; the end of input is no."""
    while True:
        try:
            answer = (await read_line(f"{question} [y/N] ")).strip().casefold()
        except EOFError:
            note("")  # what comes next begins a line of its own
            return False
        except anyio.get_cancelled_exc_class():
            note("")
            raise
        if answer in ("y", "yes"):
            return True
        if answer in ("", "n", "no"):
            return False
        note("please answer y or n")


async def ask_consent(who: str, may: Iterable[str], question: str, *, needs: str, yes: bool) -> bool:
    """Show what a skill may do from now on, and ask unless `yes`; raise `ApprovalRefused` with nobody to ask."""
    note(f"with this, {who} may")
    for line in may:
        note(f"    {line}")
    if yes:
        return True
    if not can_ask():
        raise ApprovalRefused(
            f"{needs} your consent, and there is no terminal to ask on",
            hint="run it on a terminal, or agree beforehand with --yes",
        )
    return await ask_yes_no(question)


async def ask_approval(question: Question) -> Answer:
    """Show a call exactly as it will run, and ask; what was typed before the question is no answer to it."""
    with nothing_typed_before():
        show_call(question)
        return await _approval(question)


def show_call(question: Question) -> None:
    """The tool, what it does, and the call exactly as it will run."""
    note(f"{question.tool} ({question.effect.value}): {question.summary.splitlines()[0]}")
    note(framed(question.call, shutil.get_terminal_size().columns))


async def _approval(question: Question) -> Answer:
    offered = "[o]nce / this [s]ession / [a]lways / [N]o" if question.rule else "[o]nce / this [s]ession / [N]o"
    if question.why.endswith(" asks"):
        note(f"{question.why} about it")
    while True:
        try:
            typed = (await read_line(f"run {question.tool} ({question.effect.value})? {offered} ")).strip().casefold()
        except EOFError:
            return Answer.NO
        answer = ANSWERS.get(typed)
        if answer is Answer.SESSION:
            note(f"until this session ends, {question.tool} runs without a question, whatever its arguments")
        if answer is Answer.ALWAYS and question.rule:
            if await _agrees_for_good(question):
                return answer
        elif answer is not None and answer is not Answer.ALWAYS:
            return answer
        else:
            note(f"please answer {'o, s, a or n' if question.rule else 'o, s or n'}")


ANSWERS = {
    **dict.fromkeys(("o", "once", "y", "yes"), Answer.ONCE),
    **dict.fromkeys(("s", "session"), Answer.SESSION),
    **dict.fromkeys(("a", "always"), Answer.ALWAYS),
    **dict.fromkeys(("", "n", "no"), Answer.NO),
}


async def _agrees_for_good(question: Question) -> bool:
    note("this rule would be added to config.toml, [rules] allow:")
    note(framed(question.rule, shutil.get_terminal_size().columns))
    if not await ask_yes_no("add it?"):
        return False
    if question.effect not in (Effect.SEND, Effect.DESTROY):
        return True
    return await ask_yes_no(f"{question.why} without a question, in every session from now on: are you sure?")


def framed(text: str, columns: int) -> str:
    """Text on lines of its own with a bar before each, so that no part of it can pass for a line of ours.

    A terminal breaks a long line by itself, and enough spaces in a call would put the rest of it where a question
    stands.
    """
    room = max(columns - len(_BAR) - 1, 10)
    lines: list[str] = [""]
    width = 0
    for char in visible(text):
        cells = 1 if char.isascii() else 2
        if width + cells > room:
            lines.append("")
            width = 0
        lines[-1] += char
        width += cells
    return "\n".join(_BAR + line for line in lines)


_BAR = "  | "


@contextmanager
def nothing_typed_before() -> Generator[None]:
    """Questions asked in the block are answered by what is typed from now on; the rest is for whoever asks next."""
    earlier = _typed_before()
    try:
        yield
    finally:
        _typed[:] = earlier + _typed


def _typed_before() -> bytes:
    """What was typed until now, kept for whoever asks next."""
    descriptor = sys.stdin.fileno()
    while sys.stdin.isatty() and select.select([descriptor], [], [], 0)[0]:
        piece = os.read(descriptor, 65_536)
        if not piece:
            break
        _typed.extend(piece)
    earlier = bytes(_typed)
    _typed.clear()
    return earlier
