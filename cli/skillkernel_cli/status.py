"""Progress of long work on one line of stderr, where that is a terminal."""

import sys

from skillkernel_cli.output import note

_BAR = 24


def clear_line() -> None:
    """Take away what any status line may be showing, before something else is said."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


class StatusLine:
    """One line on stderr that is written over while work goes on, where stderr is a terminal; nothing in a pipe."""

    def __init__(self) -> None:
        self._on = sys.stderr.isatty()
        self._shown = ""

    def show(self, text: str) -> None:
        """Replace what the line says."""
        if self._on and text != self._shown:
            from skillkernel.text import visible

            sys.stderr.write(f"\r\x1b[K{visible(text, limit=100)}")
            sys.stderr.flush()
            self._shown = text

    def clear(self) -> None:
        """Leave an empty line for what comes next."""
        if self._on and self._shown:
            clear_line()
            self._shown = ""


class FetchProgress(StatusLine):
    """Shows how a fetch goes: notes as lines of their own, the share as a bar that is written over."""

    def __call__(self, text: str, fraction: float | None) -> None:
        if fraction is None:
            self.clear()
            note(text)
        elif fraction >= 1:
            self.clear()
        else:
            filled = int(fraction * _BAR)
            self.show(f"{text} [{'#' * filled}{'.' * (_BAR - filled)}] {fraction:.0%}")
