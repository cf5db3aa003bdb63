"""Which sandbox works here, found out by doing: canaries try to get out of the very walls that skills run in.

Threat: a wall that is believed in since a version number promises it. Nothing but a canary's failure counts.
"""

import json
import os
import socket
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from skillkernel.errors import SkillKernelError
from skillkernel.text import visible
from skillkernel.worker.remedies import WALL_BUILDERS, remedy, remedy_alone
from skillkernel.worker.run_once import Completed, run_sandboxed
from skillkernel.worker.seam import Tier

Walled = Literal["A", "B"]

_SECONDS = 20.0
_OUTPUT_BYTES = 100_000
_REPORT_IT = "a wall does not hold on this machine: run no skill that you do not trust, and report this"


@dataclass(frozen=True, slots=True)
class SandboxReport:
    """How one tier stands: whether it holds, why, each canary's escape (empty text: it was held), and the fix."""

    tier: Walled
    holds: bool
    reasons: tuple[str, ...]
    escapes: dict[str, str]
    fix: str = ""


def check_sandbox(tier: Walled = "A") -> SandboxReport:
    """Build the walls once and let every canary try; takes about a tenth of a second, and never raises."""
    try:
        completed = _try_canaries(tier)
    except SkillKernelError as error:
        return SandboxReport(tier, False, (error.message,), {}, error.hint or "try again")
    except OSError as error:
        return SandboxReport(tier, False, (f"the canaries cannot be started: {error}",), {}, _fix(tier, str(error)))
    return read_report(completed, tier)


def read_report(completed: Completed, tier: Walled = "A") -> SandboxReport:
    """Judge what the canaries left behind."""
    try:
        escapes = msgspec.json.decode(completed.stdout, type=dict[str, str])
    except msgspec.DecodeError:
        return _no_walls(completed, tier)
    out = tuple(f"a canary could {name}: {visible(how)}" for name, how in escapes.items() if how)
    if out or not escapes:
        return SandboxReport(tier, False, out or ("no canary said anything",), escapes, _REPORT_IT)
    said = f"{len(escapes)} canaries tried to get out, none did"
    return SandboxReport(tier, True, (said,), escapes)


def _no_walls(completed: Completed, tier: Walled) -> SandboxReport:
    said = completed.stderr.decode(errors="backslashreplace").strip().split("\n")
    line = next((line for line in said if line.startswith(WALL_BUILDERS)), said[-1])
    line = line.removeprefix("skillkernel.worker.inside.confine.CannotConfine: ")
    return SandboxReport(tier, False, (f"the sandbox cannot be built: {visible(line)}",), {}, _fix(tier, line))


def _fix(tier: Tier, line: str) -> str:
    return remedy(line) if tier == "A" else remedy_alone(line)


def _try_canaries(tier: Walled) -> Completed:
    with _outside(tier) as outside:
        return run_sandboxed(
            ("-m", "skillkernel.worker.canaries", json.dumps(outside)),
            timeout=_SECONDS,
            max_output=_OUTPUT_BYTES,
            uid_key="canaries",
            tier=tier,
        )


@contextmanager
def _outside(tier: Walled) -> Generator[dict[str, object]]:
    """What canaries try to reach: all of it is open to whoever is not walled in."""
    with (
        tempfile.TemporaryDirectory(prefix="canary-") as folder,
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX) as by_path,
    ):
        secret, name = Path(folder, "secret"), f"skillkernel-canary-{os.getpid()}-{os.urandom(8).hex()}"
        secret.write_text("a private file", encoding="ascii")
        secret.chmod(0o600)
        abstract.bind("\0" + name)
        by_path.bind(os.path.join(folder, "socket"))  # noqa: PTH118 # a text
        for listener in (abstract, by_path):
            listener.listen()
        with _inheritable_descriptor(secret):
            yield {
                "secret": str(secret),
                "port": server.getsockname()[1],
                "abstract": name,
                "listening": str(by_path.getsockname()),
                "process": os.getpid(),
                "tier": tier,
            }


@contextmanager
def _inheritable_descriptor(path: Path) -> Generator[None]:
    descriptor = os.open(path, os.O_RDONLY)
    os.set_inheritable(descriptor, True)
    try:
        yield
    finally:
        os.close(descriptor)
