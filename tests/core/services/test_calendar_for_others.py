"""The calendar against its server again, as an ordinary user behind either wall, and as root without bubblewrap."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.ordinary_user import USER, everybodys_folder, open_to_all, python_for
from fakes.skill_environments import copy_distributions

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs these tests themselves")

ROOT = Path(__file__).resolve().parents[3]
OURS = ("core/skillkernel", "skills/calendar/skill_calendar")
NEEDED = (
    *("anyio", "google-re2", "idna", "jsonschema", "msgspec", "packaging", "platformdirs", "pluggy", "referencing"),
    *("rfc3986-validator", "sqlite-utils", "tzdata", "tzlocal", "hypothesis", "pytest", "radicale"),
    *("icalendar", "python-dateutil", "recurring-ical-events", "keyring", "tomlkit"),
)
SETTINGS = """
[pytest]
addopts = --import-mode=importlib -p no:cacheprovider -rs
anyio_mode = auto
pythonpath = tests
filterwarnings = error
"""


@pytest.fixture(scope="module")
def copy() -> Iterator[Path]:
    """A copy of what these tests need, that every user may read."""
    with everybodys_folder(Path("/var/tmp")) as folder:  # noqa: S108 # on disk, and open to every user
        copy_distributions(folder / "packages", *NEEDED)
        for name in OURS:
            target = folder / name
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("tests/fakes", "tests/core/services"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "tests/conftest.py", folder / "tests")
        (folder / "pytest.ini").write_text(SETTINGS)
        open_to_all(folder)
        yield folder


@pytest.mark.parametrize("user", [pytest.param(USER, id="an ordinary user"), pytest.param(0, id="root")])
def test_it_books_behind_every_wall(copy: Path, user: int) -> None:
    python = python_for(USER)
    if python is None:
        pytest.skip("no Python of this version can be started by an ordinary user")
    work = copy / f"work-{user}"
    work.mkdir()
    work.chmod(0o711)
    os.chown(work, user, user)
    path = os.pathsep.join(map(str, (copy / "core", copy / "skills/calendar", copy / "packages")))
    done = subprocess.run(
        [python, "-m", "pytest", "-q", f"--basetemp={work}/base", "tests/core/services/test_calendar_on_a_server.py"],
        cwd=copy,
        env={"PYTHONPATH": path, "HOME": str(work), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        user=user,
        group=user,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert "6 passed" in done.stdout, done.stdout[-2000:]
