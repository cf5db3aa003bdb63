"""Where the commands begin: light enough that Ctrl-C ends them without a traceback before anything is loaded."""

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

    from skillkernel_cli.app import run

    code = run(name)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(code)
