"""The same tests again behind the other walls: an ordinary user's, and those of Tier B; run by root, who can be either."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.ordinary_user import KERNEL, USER, copy_packages, everybodys_folder, open_to_all, python_for

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs these tests themselves")

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
PYTEST = (
    *("pytest", "_pytest", "iniconfig", "packaging", "py", "pygments"),
    *("hypothesis", "_hypothesis_globals", "sortedcontainers"),
)
SETTINGS = """
[pytest]
addopts = --import-mode=importlib -p no:cacheprovider -p anyio.pytest_plugin
anyio_mode = auto
pythonpath = tests
filterwarnings = error
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user of this machine may enter."""
    with everybodys_folder() as folder:
        yield folder


@pytest.mark.parametrize(
    ("user", "tier"),
    [
        pytest.param(USER, "A", id="an ordinary user"),
        pytest.param(USER, "B", id="an ordinary user without bubblewrap"),
        pytest.param(0, "B", id="root without bubblewrap"),
    ],
)
def test_the_other_walls_hold_too(folder: Path, user: int, tier: str) -> None:
    python = python_for(USER)
    if python is None:
        pytest.skip("no Python of this version can be started by an ordinary user")
    packages = folder / "packages"
    copy_packages((*KERNEL, *PYTEST), packages)
    tests = folder / "tests"
    (tests / "core").mkdir(parents=True)
    shutil.copytree(TESTS / "core" / "worker", tests / "core" / "worker")
    shutil.copytree(TESTS / "fakes", tests / "fakes")
    shutil.copy(TESTS / "conftest.py", tests)
    (folder / "pytest.ini").write_text(SETTINGS)
    subprocess.run([python, "-m", "compileall", "-q", packages / "skillkernel", packages / "pluggy"], check=True)
    open_to_all(folder)
    work = folder / "work"
    work.mkdir()
    work.chmod(0o711)
    os.chown(work, user, user)
    done = subprocess.run(
        [python, "-m", "pytest", "-q", f"--basetemp={work}/base", *(f"tests/core/worker/{name}" for name in AGAIN)],
        cwd=folder,
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
