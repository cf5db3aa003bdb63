"""Asking a person on the terminal."""

import os
import sys
from contextlib import suppress

import anyio

from skillkernel.calls.approve import Question
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
