"""Which walls a skill gets here: A where its canaries are held, else B where its are, else none and no skill runs.

Threat: a machine that is taken for another one than it is. What was found out is kept per boot, user, interpreter and
program, in a file of our own that nobody else can write; anything odd about it means to find out again. A tier that was
not tried does not hold.
"""

import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from skillkernel.errors import SandboxMissing
from skillkernel.worker.interpreter import this_interpreter
from skillkernel.worker.remedies import SWITCHES
from skillkernel.worker.sandbox_check import SandboxReport, Walled, check_sandbox
from skillkernel.worker.sandbox_config import SandboxConfig
from skillkernel.worker.seam import Tier
from skillkernel.worker.walls import find_program, need_linux

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAME = "sandbox.json"
_MOST_BYTES = 10_000
_IN_TURN: tuple[Walled, ...] = ("A", "B")


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether one tier holds; if not, why and what to do."""

    holds: bool
    reason: str = ""
    fix: str = ""


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    surroundings: str
    findings: dict[Walled, Finding]


def tier_of(skill: str, config: SandboxConfig, cache: Path) -> Tier:
    """The walls of that skill: none where a person's config.toml names it, else what `choose_tier` says."""
    return "none" if skill in config.unprotected else choose_tier(config, cache)


def choose_tier(config: SandboxConfig, cache: Path) -> Tier:
    """The tier that skills get, from what is kept in the folder `cache` or found out now; raise `SandboxMissing`."""
    need_linux()
    asked = _IN_TURN if config.tier is None else (config.tier,)
    surroundings = _surroundings()
    findings = _kept(cache / _NAME, surroundings)
    known = len(findings)
    chosen: Tier | None = next((tier for tier in asked if _holds(tier, findings)), None)
    if len(findings) > known:
        _keep(cache / _NAME, surroundings, findings)
    if chosen is None:
        raise _nothing_holds(asked, findings)
    return chosen


def check_all(cache: Path) -> dict[Walled, SandboxReport]:
    """Try every tier now, whatever is kept, and keep the answer; for `skill doctor`."""
    reports: dict[Walled, SandboxReport] = {tier: check_sandbox(tier) for tier in _IN_TURN}
    findings: dict[Walled, Finding] = {tier: _finding(report) for tier, report in reports.items()}
    if any(report.holds for report in reports.values()):
        _keep(cache / _NAME, _surroundings(), findings)
    return reports


def _holds(tier: Walled, findings: dict[Walled, Finding]) -> bool:
    found = findings.get(tier)
    if found is None:
        found = findings[tier] = _finding(check_sandbox(tier))
    return found.holds


def _finding(report: SandboxReport) -> Finding:
    return Finding(report.holds, "" if report.holds else "; ".join(report.reasons), report.fix)


def _nothing_holds(asked: Sequence[Walled], findings: dict[Walled, Finding]) -> SandboxMissing:
    reasons = "; ".join(f"Tier {tier}: {findings[tier].reason}" for tier in asked)
    other = "" if len(asked) > 1 else f", which config.toml [sandbox] asks for: tier = {asked[0]!r}"
    return SandboxMissing(f"no skill runs without its sandbox{other}: {reasons}", hint=findings[asked[0]].fix)


def _surroundings() -> str:
    """A digest of all that decides which walls hold here; another boot, user, program or switch is another digest."""
    facts = [
        _BOOT.read_text(encoding="ascii").strip(),
        os.geteuid(),
        os.getgroups(),
        sys.version,
        [_identity(path) for path in (this_interpreter().executable, find_program("bwrap"), find_program("setpriv"))],
        [_identity(path) for path in sorted(Path(__file__).parent.rglob("*.py"))],
        [_text(path) for path in SWITCHES],
        [_text(Path("/proc/self/status"), start) for start in ("Seccomp:", "CapEff:", "NoNewPrivs:")],
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _identity(path: Path | None) -> list[object] | None:
    if path is None:
        return None
    found = path.stat()
    return [str(path), found.st_ino, found.st_size, found.st_mtime_ns]


def _text(path: Path, start: str = "") -> str:
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line for line in lines if line.startswith(start)), "")


def _kept(path: Path, surroundings: str) -> dict[Walled, Finding]:
    """What was found out before in the same surroundings; nothing where the file is not certainly ours."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return {}
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) != 0o600:
            return {}
        kept = msgspec.json.decode(os.read(descriptor, _MOST_BYTES), type=_Kept)
    except (OSError, msgspec.DecodeError):
        return {}
    finally:
        os.close(descriptor)
    return dict(kept.findings) if kept.surroundings == surroundings else {}


def _keep(path: Path, surroundings: str, findings: dict[Walled, Finding]) -> None:
    """Write what holds, whole or not at all. A tier that does not is tried again next time: it may have been mended."""
    kept = _Kept(surroundings, {tier: found for tier, found in findings.items() if found.holds})
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{_NAME}-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(kept))
            os.replace(name, path)  # noqa: PTH105 # mkstemp gives a text
        except OSError:
            os.unlink(name)  # noqa: PTH108 # the same
