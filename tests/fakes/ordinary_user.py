"""An ordinary user, for tests that root runs: what that user may start, and copies of what it has to be able to read."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

USER = 1_850_000_000
KERNEL = ("skillkernel", "pluggy", "msgspec", "anyio", "idna", "sniffio", "typing_extensions")
"""What a kernel and its workers import."""


@contextmanager
def everybodys_folder(within: Path | None = None) -> Generator[Path]:
    """A folder that every user of this machine may enter."""
    folder = Path(tempfile.mkdtemp(prefix="ordinary-user-", dir=within))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def python_for(user: int) -> str | None:
    """An interpreter of this version that `user` may start; None where there is none."""
    name = f"python3.{sys.version_info.minor}"
    own = str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())
    for candidate in (own, f"/usr/bin/{name}", f"/usr/local/bin/{name}"):
        try:
            subprocess.run([candidate, "-c", ""], user=user, group=user, extra_groups=[], check=True, cwd="/", env={})
        except (OSError, subprocess.SubprocessError):
            continue
        return candidate
    return None


def copy_packages(names: Iterable[str], folder: Path) -> None:
    """Copy these packages into `folder`, readable by all, as far as they are installed."""
    folder.mkdir(exist_ok=True)
    for name in names:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin)
        if origin.name == "__init__.py":
            shutil.copytree(origin.parent, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(origin, folder)


def open_to_all(folder: Path) -> None:
    """Let every user read what is below `folder`."""
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
