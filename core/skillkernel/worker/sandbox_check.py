"""Which sandbox works here, found out by doing: canaries try to get out of the very walls that skills run in."""

import contextlib
import os
import socket
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from skillkernel.errors import SkillKernelError
from skillkernel.text import visible
from skillkernel.worker.remedies import WALL_BUILDERS, remedy
from skillkernel.worker.run_once import Completed, run_sandboxed

_SECONDS = 20.0
_OUTPUT_BYTES = 100_000
_REPORT_IT = "a wall does not hold on this machine: run no skill that you do not trust, and report this"


@dataclass(frozen=True, slots=True)
class SandboxReport:
    """What `skill doctor` prints: the tier, why, each canary's escape (empty text: it was held), and the fix."""

    tier: Literal["A", "none"]
    reasons: tuple[str, ...]
    escapes: dict[str, str]
    fix: str = ""


def check_sandbox() -> SandboxReport:
    """Build the walls once and let every canary try; takes about a tenth of a second, and never raises."""
    try:
        completed = _try_canaries()
    except SkillKernelError as error:
        return SandboxReport("none", (error.message,), {}, error.hint or "try again")
    except OSError as error:
        return SandboxReport("none", (f"the canaries cannot be started: {error}",), {}, "try again")
    return read_report(completed)


def read_report(completed: Completed) -> SandboxReport:
    """Judge what the canaries left behind."""
    try:
        escapes = msgspec.json.decode(completed.stdout, type=dict[str, str])
    except msgspec.DecodeError:
        return _no_walls(completed)
    out = tuple(f"a canary could {name}: {how}" for name, how in escapes.items() if how)
    if out or not escapes:
        return SandboxReport("none", out, escapes, _REPORT_IT)
    return SandboxReport("A", (f"bubblewrap holds: {len(escapes)} canaries tried to get out, none did",), escapes)


def _no_walls(completed: Completed) -> SandboxReport:
    said = completed.stderr.decode(errors="backslashreplace").strip().split("\n")
    line = next((line for line in said if line.startswith(WALL_BUILDERS)), said[-1])
    return SandboxReport("none", (f"the sandbox cannot be built: {visible(line)}",), {}, remedy(line))


def _try_canaries() -> Completed:
    with tempfile.NamedTemporaryFile("w", prefix="canary-") as secret, socket.socket() as server:
        secret.write("a private file")
        secret.flush()
        server.bind(("127.0.0.1", 0))
        server.listen()
        with _inheritable_descriptor(Path(secret.name)):
            command = ("-m", "skillkernel.worker.canaries", secret.name, str(server.getsockname()[1]))
            return run_sandboxed(command, timeout=_SECONDS, max_output=_OUTPUT_BYTES, uid_key="canaries")


@contextlib.contextmanager
def _inheritable_descriptor(path: Path) -> Generator[None]:
    descriptor = os.open(path, os.O_RDONLY)
    os.set_inheritable(descriptor, True)
    try:
        yield
    finally:
        os.close(descriptor)
