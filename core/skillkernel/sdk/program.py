"""What a program that a tool ran came to."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from skillkernel.errors import UsageError


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """A program's exit status (128 + the signal's number when a signal ended it) and what it printed."""

    returncode: int
    stdout: bytes
    stderr: bytes = b""

    @property
    def text(self) -> str:
        """What it printed as text, bytes that are no UTF-8 replaced."""
        return self.stdout.decode(errors="replace")


def program_request(argv: Sequence[str], stdin: bytes | str, timeout: float | None, cwd: str) -> dict[str, Any]:
    """The parameters of `program`."""
    if isinstance(argv, str | bytes):
        raise UsageError("a program is run with a list of arguments", hint='for example: ["ffmpeg", "-version"]')
    content = stdin.encode() if isinstance(stdin, str) else stdin
    asked: dict[str, Any] = {
        "argv": [str(each) for each in argv],
        "stdin": b64encode(content).decode(),
        "cwd": str(cwd),
    }
    return asked if timeout is None else asked | {"seconds": timeout}


def program_result(value: Any) -> ProgramResult:
    """The answer of `program`; a test's own kernel may answer with a `ProgramResult`."""
    if isinstance(value, ProgramResult):
        return value
    return ProgramResult(value["returncode"], b64decode(value["stdout"]), b64decode(value["stderr"]))
