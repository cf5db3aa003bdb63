"""The same tests again behind the other walls: an ordinary user's, and those of Tier B; run by root, who can be either."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs these tests themselves")

USER = 1_850_000_000
TESTS = Path(__file__).resolve().parents[2]
AGAIN = (
    "test_walls.py",
    "test_pool.py",
    "test_misbehaving_skills.py",
    "test_kernel_death.py",
    "test_granted_files.py",
    "test_run_once.py",
    "test_network_attacks.py",
    "test_watching.py",
)
NEEDED = ("skillkernel", "pluggy", "msgspec", "anyio", "idna", "sniffio", "typing_extensions", "pytest", "_pytest")
NEEDED_BY_PYTEST = ("iniconfig", "packaging", "py", "pygments", "hypothesis", "_hypothesis_globals", "sortedcontainers")
SETTINGS = """
[pytest]
addopts = --import-mode=importlib -p no:cacheprovider -p anyio.pytest_plugin
anyio_mode = auto
pythonpath = tests
filterwarnings = error
"""


@pytest.fixture
def everybodys_folder() -> Iterator[Path]:
    """A folder that every user of this machine may enter."""
    folder = Path(tempfile.mkdtemp(prefix="ordinary-user-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def python_for(user: int) -> str:
    """An interpreter of this version that `user` may start; skip where there is none."""
    name = f"python3.{sys.version_info.minor}"
    own = str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())
    for candidate in (own, f"/usr/bin/{name}", f"/usr/local/bin/{name}"):
        try:
            subprocess.run([candidate, "-c", ""], user=user, group=user, extra_groups=[], check=True, cwd="/", env={})
        except (OSError, subprocess.SubprocessError):
            continue
        return candidate
    pytest.skip(f"no {name} on this machine can be started by an ordinary user (this one is {own})")


def copy_packages(folder: Path) -> None:
    for name in NEEDED + NEEDED_BY_PYTEST:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin)
        if origin.name == "__init__.py":
            shutil.copytree(origin.parent, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(origin, folder)


@pytest.mark.parametrize(
    ("user", "tier"),
    [
        pytest.param(USER, "A", id="an ordinary user"),
        pytest.param(USER, "B", id="an ordinary user without bubblewrap"),
        pytest.param(0, "B", id="root without bubblewrap"),
    ],
)
def test_the_other_walls_hold_too(everybodys_folder: Path, user: int, tier: str) -> None:
    python = python_for(USER)
    packages = everybodys_folder / "packages"
    packages.mkdir()
    copy_packages(packages)
    tests = everybodys_folder / "tests"
    (tests / "core").mkdir(parents=True)
    shutil.copytree(TESTS / "core" / "worker", tests / "core" / "worker")
    shutil.copytree(TESTS / "fakes", tests / "fakes")
    shutil.copy(TESTS / "conftest.py", tests)
    (everybodys_folder / "pytest.ini").write_text(SETTINGS)
    subprocess.run([python, "-m", "compileall", "-q", packages / "skillkernel", packages / "pluggy"], check=True)
    for path in everybodys_folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    work = everybodys_folder / "work"
    work.mkdir()
    work.chmod(0o711)
    os.chown(work, user, user)
    done = subprocess.run(
        [python, "-m", "pytest", "-q", f"--basetemp={work}/base", *(f"tests/core/worker/{name}" for name in AGAIN)],
        cwd=everybodys_folder,
        env={
            "PYTHONPATH": str(packages),
            "HOME": str(work),
            "PATH": "/usr/bin:/bin",
            "PYTHONDONTWRITEBYTECODE": "1",
            "SKILLKERNEL_TEST_TIER": tier,
        },
        user=user,
        group=user,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
