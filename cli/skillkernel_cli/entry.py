"""Where the commands begin: light enough that Ctrl-C ends them without a traceback before anything is loaded."""

import io
import os
import signal


def skill() -> None:
    """Run `skill` and end the process with its exit code."""
    _start("skill")


def skillpkg() -> None:
    """Run `skillpkg`, the package manager's half of `skill`, and end the process with its exit code."""
    _start("skillpkg")


def _start(name: str) -> None:
    # While modules load there is nothing to tidy up: let the signal end the process, as it would any other program.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    import sys

    for descriptor, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        _be_open(descriptor, mode)
    sys.stdin = sys.stdin or open(0)  # noqa: SIM115 # it lives as long as the process
    sys.stdout = sys.stdout or open(1, "w")  # noqa: SIM115 # the same
    sys.stderr = sys.stderr or open(2, "w")  # noqa: SIM115 # the same
    for stream in (sys.stdout, sys.stderr):
        # What a terminal cannot show is escaped; a call that was made must not end in an error of printing it.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    from skillkernel_cli.app import run

    code = run(name)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(code)


def _be_open(descriptor: int, mode: int) -> None:
    """A program started with a descriptor closed (`<&-`) gets the null device there, before another file takes its place."""
    try:
        os.fstat(descriptor)
    except OSError:
        null = os.open(os.devnull, mode)
        if null != descriptor:
            os.dup2(null, descriptor)
            os.close(null)
