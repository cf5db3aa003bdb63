"""The one place that turns an error into message, hint and exit code."""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from skillkernel.errors import SkillKernelError

INTERRUPTED = 130
TERMINATED = 143


class Terminated(BaseException):
    """SIGTERM came, and what was going on is tidied up."""


def exit_code_of(command: Callable[[], Any]) -> int:
    """Run a command and return its exit code; what goes wrong is said on stderr, never as a traceback."""
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        code = command()
        sys.stdout.flush()
        if code == INTERRUPTED:
            say_error("interrupted", "")
        return code if isinstance(code, int) else 0
    except SkillKernelError as error:
        say_error(error.message, error.hint, error.detail)
        return error.exit_code
    except typer.TyperException as error:
        return _usage(error)
    except (KeyboardInterrupt, typer.Abort):
        say_error("interrupted", "")
        return INTERRUPTED
    except Terminated:
        say_error("terminated", "")
        return TERMINATED
    except BrokenPipeError:
        return _reader_is_gone()
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # typer makes an exit of it
            return _reader_is_gone()
        raise
    except OSError as error:
        return _surroundings(error)
    except Exception as error:  # noqa: BLE001 # a bug of ours: kept in a file, told in one line
        return _bug(error)


def _reader_is_gone() -> int:
    """`skill tools | head`: nothing is wrong, and nothing more can be said there."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def say_error(message: str, hint: str, detail: str = "") -> None:
    """Print `error: …`, the detail indented, and `hint: …` on stderr, safe for a terminal."""
    from skillkernel.text import visible
    from skillkernel_cli.output import paint

    sys.stderr.write(f"{paint('error:', 'red', sys.stderr)} {visible(message, lines=True)}\n")
    for line in detail.splitlines():
        sys.stderr.write(f"  {visible(line)}\n")
    if hint:
        sys.stderr.write(f"{paint('hint:', 'cyan', sys.stderr)} {visible(hint, lines=True)}\n")


def _usage(error: typer.TyperException) -> int:
    message = error.format_message()
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(message + "\n")
        return error.exit_code
    path = context.command_path if context is not None else "skill"
    say_error(message, f"`{path} --help` shows how it is used")
    return error.exit_code


def _surroundings(error: OSError) -> int:
    """The disk is full, a file is not ours to read: no bug, and nothing to report."""
    where = f"{error.filename}: " if error.filename else ""
    if isinstance(error, FileNotFoundError | NotADirectoryError | FileExistsError | IsADirectoryError):
        hint = "check how that place is written, and that its folder is there"
    else:
        hint = "check the free space and the rights of that place, then try again"
    say_error(f"{where}{error.strerror or error}", hint)
    return 1


def _bug(error: Exception) -> int:
    log = _log_file()
    try:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as file:
            traceback.print_exception(error, file=file)
        where = f"the details are in {log}; please report them"
    except OSError:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"it happened in {frame.name}, line {frame.lineno} of {Path(frame.filename).name}; please report it"
    say_error(f"internal error: {type(error).__name__}: {error}", where)
    return 1


def _log_file() -> Path:
    from skillkernel.home import find_home

    return find_home(os.environ) / "logs" / "errors.log"
