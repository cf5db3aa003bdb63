"""The command on a real terminal."""

import sys

import pexpect

from fakes.command import Command


def on_terminal(skill: Command, *arguments: str, columns: int = 200) -> "pexpect.spawn[str]":
    """Start the command on a terminal of its own."""
    return pexpect.spawn(
        sys.executable,
        ["-m", "skillkernel_cli", *arguments],
        env={**skill.environment(), "TERM": "xterm", "NO_COLOR": "1"},
        encoding="utf-8",
        timeout=60,
        dimensions=(50, columns),
    )


def ended(terminal: "pexpect.spawn[str]") -> int | None:
    """Wait for its end and return the exit code."""
    terminal.expect(pexpect.EOF)
    terminal.close()
    return terminal.exitstatus
