"""Asking a person on the terminal."""

import sys

import anyio

from skillkernel.calls.approve import Question
from skillkernel_cli.output import note


def can_ask() -> bool:
    """Whether there is a terminal to ask on, and one to show the question on."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def read_line(prompt: str) -> str:
    """Show a prompt on stderr and return the line typed, without its end; raise `EOFError` at the end of input.

    Waits on the descriptor, so that Ctrl-C ends the wait at once.
    """
    sys.stderr.write(prompt)
    sys.stderr.flush()
    await anyio.wait_readable(sys.stdin)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\n")


async def ask_yes_no(question: str) -> bool:
    """Ask until the answer is yes or no; the end of input is no."""
    while True:
        try:
            answer = (await read_line(f"{question} [y/N] ")).strip().casefold()
        except EOFError:
            return False
        if answer in ("y", "yes"):
            return True
        if answer in ("", "n", "no"):
            return False
        note("please answer y or n")


async def ask_approval(question: Question) -> bool:
    """Show a call exactly as it will run, and ask."""
    note(f"{question.tool} ({question.effect.value}): {question.summary.splitlines()[0]}")
    note(f"  {question.call}")
    return await ask_yes_no("run it?")
