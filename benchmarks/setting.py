"""Where benchmarks run: a SKILL_HOME of their own, and one line that says on what machine."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parent.parent
NOTES = ROOT / "tests/data/notes"
_CONFIG = "[budget]\ncalls = 1000000\ntokens = 1000000000\n"


def command(name: str = "skill") -> str:
    """The command that was installed beside this interpreter."""
    return str(Path(sys.executable).with_name(name))


@contextmanager
def home_with_notes() -> Generator[Path]:
    """A fresh home with the skill `notes` of the tests in it, and a budget that lets 2,000 steps pass."""
    with tempfile.TemporaryDirectory(prefix="skill-benchmark-") as folder:
        home = Path(folder)
        installing = subprocess.run(
            [command(), "install", str(NOTES), "--yes"],
            env={**os.environ, "SKILL_HOME": str(home), "UV_OFFLINE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if installing.returncode:
            raise SystemExit(installing.stderr)
        (home / "config.toml").write_text(_CONFIG, encoding="utf-8")
        yield home


def machine() -> str:
    """Date, processors, load and versions."""
    load = os.getloadavg()[0]
    return (
        f"{date.today():%Y-%m-%d}, {platform.system()} {platform.release().split('-')[0]}, {_processor()}, "
        f"{os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}, {_bubblewrap()}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _bubblewrap() -> str:
    if shutil.which("bwrap") is None:
        return "no bubblewrap"
    return subprocess.run(["bwrap", "--version"], capture_output=True, text=True, check=True).stdout.strip()
