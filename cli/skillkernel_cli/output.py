"""How the command prints: data on stdout, everything else on stderr, colour only where a terminal shows it."""

import os
import sys
from collections.abc import Iterable, Sequence
from typing import IO, Any

from skillkernel.text import visible

SUMMARY_SHOWN = 300
"""Characters of a summary that an index wrote."""


def paint(text: str, colour: str, stream: IO[str]) -> str:
    """The text in a colour where the stream is a terminal and nothing says NO_COLOR (no-color.org)."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return text
    import typer

    return typer.style(text, fg=colour)


def note(text: str, mark: tuple[str, str] | None = None) -> None:
    """One line for the person, on stderr, made safe to print; `mark` is a sign and its colour to stand before it."""
    sign = "" if mark is None else paint(mark[0], mark[1], sys.stderr) + " "
    sys.stderr.write(f"{sign}{visible(text, lines=True)}\n")
    sys.stderr.flush()


def print_table(rows: Iterable[Sequence[str]], head: Sequence[str]) -> None:
    """Rows on stdout in aligned columns, each cell made safe to print on one line; the last column is not padded."""
    cells = list(rows)
    # One look at everything instead of one a cell: thousands of plain cells are the ordinary case.
    plain = all(map(_is_plain, map("".join, cells)))
    lines = [tuple(head), *(cells if plain else (tuple(visible(cell) for cell in row) for row in cells))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)][:-1]
    form = "".join(f"{{:<{width}}}  " for width in widths) + "{}\n"
    sys.stdout.write("".join([form.format(*line) for line in lines]))
    sys.stdout.flush()


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def data(text: str) -> None:
    """Data on stdout, as it stands and made safe where it is for a person's eyes."""
    sys.stdout.write(visible(text, lines=True) + "\n")
    sys.stdout.flush()


def json_line(value: Any) -> None:
    """One JSON value on one line of stdout."""
    import msgspec

    sys.stdout.write(msgspec.json.encode(value, enc_hook=str).decode() + "\n")
    sys.stdout.flush()


def json_document(value: Any) -> None:
    """One JSON value on stdout, indented."""
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2).decode()
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
