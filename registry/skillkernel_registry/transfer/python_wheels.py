"""The Python wheels that skills' locks name, in a folder that uv finds them in.

uv cannot fetch wheels without installing them, so pip does, with this machine's own settings: hashes are required, no
code is run and nothing is resolved. The markers of a lock are judged here for the machine that the wheels are for.
"""

import html
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import anyio
from packaging.markers import default_environment

from skillkernel.errors import IntegrityError, Missing, UsageError
from skillkernel.package_indexes import UV_WORKING_FOLDER, uv_environment, uv_index_arguments
from skillkernel_registry.lock import Lock, Pin
from skillkernel_registry.transfer.destination import Destination
from skillkernel_registry.transfer.mirror_file import PYTHON
from skillkernel_registry.wheel_cache import hash_file

_SHOWN = 400
_SYSTEMS = {
    "linux": ("linux", "Linux", "posix"),
    "macosx": ("darwin", "Darwin", "posix"),
    "win": ("win32", "Windows", "nt"),
}
_FROM_UV = {"UV_DEFAULT_INDEX": "PIP_INDEX_URL", "UV_INDEX": "PIP_EXTRA_INDEX_URL", "UV_FIND_LINKS": "PIP_FIND_LINKS"}


@dataclass(frozen=True, slots=True)
class Target:
    """The machine that wheels are for: `platforms` as wheels name them (manylinux_2_28_x86_64), `python` as 3.12.

    Empty stands for this machine's.
    """

    platforms: tuple[str, ...] = ()
    python: str = ""


THIS_MACHINE = Target()


async def fetch_python_wheels(locks: Sequence[Lock], target: Target, to: Destination) -> tuple[str, ...]:
    """Have the wheels of all pins that hold for `target` in the folder; return their file names.

    Raises `Missing` when one cannot be had or pip is not here, `IntegrityError` for one that is not what a lock says,
    `UsageError` for a target that nobody knows.
    """
    environment = marker_environment(target)
    pins = {pin_line(pin): pin for lock in locks for pin in lock.pins if _applies(pin, environment)}
    if not pins:
        return ()
    made = to.workshop()
    await anyio.Path(made).mkdir()
    there = to.folder / PYTHON
    await _pip_download(list(pins), target, made, there if await anyio.Path(there).is_dir() else None)
    allowed = {digest.removeprefix("--hash=sha256:") for pin in pins.values() for digest in pin.hashes}
    names: list[str] = []
    for wheel in sorted(made.glob("*.whl")):
        digest = hash_file(wheel)
        if digest not in allowed:
            raise IntegrityError(f"{wheel.name} is not what a skill's lock says", hint="the package was changed")
        to.take(wheel, PYTHON + wheel.name, digest)
        names.append(wheel.name)
    to.write(f"{PYTHON}index.html", link_page(sorted(path.name for path in (to.folder / PYTHON).glob("*.whl"))))
    return tuple(names)


def marker_environment(target: Target) -> dict[str, str]:
    """What markers are judged against; raise `UsageError` for a platform or Python of no known form."""
    found = {name: str(value) for name, value in default_environment().items()}
    for platform in target.platforms[:1]:
        known = next(
            (_SYSTEMS[name] for name in _SYSTEMS if platform.replace("many", "").replace("musl", "").startswith(name)),
            None,
        )
        if known is None:
            raise UsageError(
                f"{platform!r} is no platform", hint="for example manylinux_2_28_x86_64, macosx_11_0_arm64"
            )
        machine = "arm64" if platform.endswith("arm64") else "aarch64" if platform.endswith("aarch64") else "x86_64"
        found |= {"sys_platform": known[0], "platform_system": known[1], "os_name": known[2]}
        found["platform_machine"] = "AMD64" if platform == "win_amd64" else machine
    if target.python:
        parts = target.python.split(".")
        if len(parts) not in {2, 3} or not all(part.isdecimal() for part in parts):
            raise UsageError(f"{target.python!r} is no version of Python", hint="for example 3.12")
        found["python_version"] = ".".join(parts[:2])
        found["python_full_version"] = target.python if len(parts) == 3 else f"{target.python}.0"
    return found


def pin_line(pin: Pin) -> str:
    """A line of requirements without its marker."""
    return " ".join((f"{pin.requirement.name}=={pin.version}", *pin.hashes))


def link_page(names: Sequence[str]) -> bytes:
    """The page by which uv and pip find the wheels on a web server."""
    links = "".join(f'<a href="{html.escape(name)}">{html.escape(name)}</a><br>\n' for name in names)
    return f"<!DOCTYPE html>\n<title>Python wheels</title>\n{links}".encode()


def _applies(pin: Pin, environment: Mapping[str, str]) -> bool:
    return pin.requirement.marker is None or pin.requirement.marker.evaluate(dict(environment))


async def _pip_download(lines: Sequence[str], target: Target, to: Path, there: Path | None) -> None:
    if find_spec("pip") is None:
        raise Missing("pip, which fetches the Python wheels, is not here", hint="python -m ensurepip, or say --no-deps")
    wanted = anyio.Path(to / "requirements.txt")
    await wanted.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--quiet"]
    command += ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", str(to), "-r", str(wanted)]
    command += [f"--platform={platform}" for platform in target.platforms]
    command += [f"--python-version={target.python}"] if target.python else []
    command += ["--find-links", str(there)] if there is not None else []
    done = await anyio.run_process(
        command, stdin=subprocess.DEVNULL, check=False, cwd=UV_WORKING_FOLDER, env=_pip_environment()
    )
    await wanted.unlink()
    if done.returncode != 0:
        raise _failed(done.stderr.decode("utf-8", "replace"))


def _pip_environment() -> dict[str, str]:
    """pip has its own settings; those that only uv was told are passed on."""
    environment = uv_environment()
    for uv, pip in _FROM_UV.items():
        if environment.get(uv):
            environment[pip] = environment[uv].replace(",", " ")
    if environment.get("UV_OFFLINE") or uv_index_arguments():
        environment["PIP_NO_INDEX"] = "1"
    return environment


def _failed(output: str) -> IntegrityError | Missing:
    said = " ".join(output.replace("ERROR:", " ").split())[:_SHOWN]
    if "DO NOT MATCH THE HASHES" in said:
        return IntegrityError(f"a dependency is not what a skill's lock says: {said}", hint="the package was changed")
    return Missing(
        f"the skills' Python wheels cannot be had: {said}",
        hint="look at the network and at pip's settings; a lock may have no wheel for that machine",
    )
