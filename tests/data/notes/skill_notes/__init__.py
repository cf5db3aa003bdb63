"""Notes in one text file: a skill with a tool of every effect, and some that misbehave."""

import os
import time

from skillkernel import Context, ToolError, tool


@tool(effect="read", examples=("find my notes about milk", "was habe ich zu Milch notiert?"))
def find(text: str, context: Context) -> list[str]:
    """Find notes that hold a text.

    Args:
        text: What to look for.
    """
    return [note for note in _notes(context) if text.casefold() in note.casefold()]


@tool(effect="read")
def count(context: Context) -> int:
    """Count all notes."""
    return len(_notes(context))


@tool(effect="write", examples=("note that the milk is out", "notiere: Milch kaufen"))
def add(text: str, context: Context) -> str:
    """Write down a note.

    Args:
        text: The note.
    """
    with (context.data / "notes.txt").open("a", encoding="utf-8") as file:
        file.write(text.replace("\n", " ") + "\n")
    return f"noted: {text}"


@tool(effect="send")
def post(text: str) -> str:
    """Post a note for everybody to read.

    Args:
        text: The note.
    """
    return f"posted: {text}"


@tool(effect="destroy")
def erase(context: Context) -> int:
    """Delete all notes for good."""
    notes = _notes(context)
    (context.data / "notes.txt").unlink(missing_ok=True)
    return len(notes)


@tool(effect="read", timeout=1.0)
def sleep(seconds: float) -> str:
    """Wait.

    Args:
        seconds: How long.
    """
    time.sleep(seconds)
    return "awake"


@tool(effect="write", timeout=60.0)
def add_slowly(text: str, context: Context) -> str:
    """Write down a note, a minute later.

    Args:
        text: The note.
    """
    (context.data / "started").touch()
    for _ in range(600):
        context.check_cancelled()
        time.sleep(0.1)
    return add(text, context)


@tool(effect="read")
def die() -> str:
    """End the process, as a broken skill would."""
    os._exit(3)


@tool(effect="read")
def refuse() -> str:
    """Say no."""
    raise ToolError("there are no notes today")


@tool(effect="read")
def escape() -> str:
    """Give back text that would move a terminal's cursor."""
    return "before\x1b[2J\u202eafter"


def _notes(context: Context) -> list[str]:
    file = context.data / "notes.txt"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []
