"""Where attacks are made: each kind of user in each tier, in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from pathlib import Path

from attacks.attack import Family
from attacks.run import NO_WALLS, Result
from fakes.ordinary_user import KERNEL, USER, copy_packages, everybodys_folder, open_to_all, python_for
from skillkernel.worker.seam import Tier

TESTS = Path(__file__).resolve().parent.parent
_OUTSIDE = Path("/var/tmp")  # noqa: S108 # not /tmp, which a sandbox has one of its own of
_SECONDS = 120
_AT_ONCE = 3
Found = dict[str, Result]


@dataclass(frozen=True, slots=True)
class Place:
    """One column of the table: a tier, as root or as an ordinary user."""

    title: str
    tier: Tier
    root: bool


OFF = (Place("no wall, root", "none", True), Place("no wall, user", "none", False))
WALLS = (
    Place("A, root", "A", True),
    Place("A, user", "A", False),
    Place("B, root", "B", True),
    Place("B, user", "B", False),
)


def places_here() -> tuple[Place, ...]:
    """All of them as root, who can be either; an ordinary user is one already."""
    return tuple(place for place in (*OFF, *WALLS) if os.geteuid() == 0 or not place.root)


def run_everywhere(families: tuple[Family, ...]) -> dict[Place, Found]:
    """Make every attack of these families in every place that can be had here; others are left out."""
    return {place: found for place, found in _try_everywhere(places_here(), families).items() if found is not None}


def _try_everywhere(places: tuple[Place, ...], families: tuple[Family, ...]) -> dict[Place, Found | None]:
    if os.geteuid() != 0:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(places, pool.map(_run_here, places, repeat(families)), strict=True))
    python = python_for(USER)
    if python is None:
        places = tuple(place for place in places if place.root and place.tier != "B")
        return {place: _run_here(place, families) for place in places}
    with everybodys_folder(_OUTSIDE) as folder, ThreadPoolExecutor(_AT_ONCE) as pool:
        _prepare(folder, python)
        return dict(zip(places, pool.map(partial(_run_in, folder, python), places, repeat(families)), strict=True))


def _prepare(folder: Path, python: str) -> None:
    copy_packages(KERNEL, folder / "packages")
    for name in ("attacks", "fakes"):
        shutil.copytree(TESTS / name, folder / "packages" / name, ignore=shutil.ignore_patterns("__pycache__"))
    packages = [folder / "packages" / name for name in ("skillkernel", "pluggy")]
    subprocess.run([python, "-m", "compileall", "-q", *packages], check=True)
    open_to_all(folder)


def _run_here(place: Place, families: tuple[Family, ...]) -> Found | None:
    """As whoever this is."""
    folder = Path(tempfile.mkdtemp(prefix="attacks-", dir=_OUTSIDE))
    folder.chmod(0o755)
    try:
        return _run([sys.executable], place, folder, families, {"PYTHONPATH": str(TESTS)}, None)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run_in(everybodys: Path, python: str, place: Place, families: tuple[Family, ...]) -> Found | None:
    """As root or the ordinary user, with copies that both can read."""
    folder = Path(tempfile.mkdtemp(prefix="attacks-", dir=everybodys))
    folder.chmod(0o755)
    user = 0 if place.root else USER
    os.chown(folder, user, user)
    return _run([python], place, folder, families, {"PYTHONPATH": str(everybodys / "packages")}, user)


def _run(
    python: list[str],
    place: Place,
    folder: Path,
    families: tuple[Family, ...],
    environ: dict[str, str],
    user: int | None,
) -> Found | None:
    done = subprocess.run(
        [*python, "-m", "attacks.run", place.tier, str(folder), *families],
        cwd=folder,
        env={**environ, "HOME": str(folder), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    if done.returncode == NO_WALLS:
        return None
    if done.returncode:
        raise RuntimeError(f"attacks in {place.title} cannot be made: {done.stdout[-2000:]}{done.stderr[-3000:]}")
    return {name: Result(*result) for name, result in json.loads(done.stdout.splitlines()[-1]).items()}
