"""How a worker's process is started in each tier, and what it is told first.

Threat: a worker that starts with more than its tier says: another user, a variable, a folder of the kernel's own
packages on its path. What differs between the tiers is decided here, once, and nowhere else.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path, PurePath
from typing import Any

from skillkernel.errors import SkillBroken, WorkerStartFailed
from skillkernel.permissions.environment import granted_environment
from skillkernel.worker.bubblewrap import DATA, ENVIRONMENT, SDK, TRUST, Mount, Tools, bwrap_argv, python_command
from skillkernel.worker.confinement import alone, behind_bubblewrap
from skillkernel.worker.interpreter import this_interpreter
from skillkernel.worker.limits import limits_for, processes_count
from skillkernel.worker.ownership import closed_to_others, make_private, readable_by_all
from skillkernel.worker.seam import WorkerSpec
from skillkernel.worker.walls import host_uid, sdk_mounts

_OWN_TMP = "/tmp"  # noqa: S108 # Tier A: the sandbox's own, fresh
_MODULE = "skillkernel.worker.bootstrap"
_STAGING = "skillkernel.worker.staging"
_PREFIX = "skillkernel-"
_FIRST_PASSED = 5
"""Below are the standard descriptors, the wire and the door."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A worker's command line, the user to become before it is executed (None: nobody else), its first message's part."""

    argv: list[str]
    start: dict[str, Any]
    user: int | None = None
    temporary: Path | None = None
    passed: tuple[int, ...] = field(default=())
    """Descriptors of granted paths that the started program reads and then closes."""

    def tidy(self) -> None:
        """Remove what was made for this one process."""
        if self.temporary is not None:
            shutil.rmtree(self.temporary, ignore_errors=True)


def launch(
    spec: WorkerSpec, tools: Tools | None, wire: int, door: int, granted: Sequence[Mount], opened: Sequence[int]
) -> Launch:
    """How the worker of this spec is started, to be spoken to on `wire` and to ask on `door`.

    `granted` are mounts whose sources are the descriptors `opened`; `tools` are needed in Tier A. Raises `SkillBroken`,
    `WorkerStartFailed`, `SandboxMissing`.
    """
    if not spec.environment.is_dir():
        raise SkillBroken(f"{spec.skill}: its folder {spec.environment} is gone", hint=f"skill install {spec.skill}")
    passed = tuple(descriptor for descriptor in opened if descriptor >= 0)
    if spec.tier == "A" and tools is not None:
        return _in_bubblewrap(spec, tools, wire, door, granted, passed)
    return _plain(spec, wire, door, granted, passed)


def worker_argv(
    spec: WorkerSpec, tools: Tools, uid: int | None, wire: int, door: int, granted: Sequence[Mount] = ()
) -> list[str]:
    """The command line of a worker in Tier A."""
    mounts = [*sdk_mounts(), Mount(spec.environment, ENVIRONMENT), Mount(spec.data, DATA, writable=True), *granted]
    interpreter = this_interpreter()
    command = python_command(interpreter, boot([str(SDK)], _MODULE), str(wire), str(door))
    return bwrap_argv(tools, interpreter, mounts, command, uid=uid)


def boot(parents: Sequence[str], module: str) -> str:
    """Code that runs `main` of a module found in these folders, which are then not looked into for anything else."""
    return (
        f"import sys; sys.path[:0] = {list(parents)!r}; from {module} import main;"
        f" del sys.path[:{len(parents)}]; main()"
    )


def parents_of(packages: Sequence[Path]) -> list[str]:
    """The folders in which these packages are found."""
    return list(dict.fromkeys(str(package.parent) for package in packages))


@cache
def sweep_temporary_folders() -> None:
    """Remove, once, the folders of kernels that were killed before they could do it themselves."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        maker = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if maker.isdecimal() and not Path("/proc", maker).exists() and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)  # what belongs to somebody else stays


@contextmanager
def own_temporary_folder(uid: int | None) -> Generator[Path]:
    """A private folder for one process, removed with all that is in it."""
    folder = _temporary_folder(uid)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _temporary_folder(uid: int | None) -> Path:
    sweep_temporary_folders()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    if uid is not None:
        os.chown(folder, uid, uid)
    return folder


def _in_bubblewrap(
    spec: WorkerSpec, tools: Tools, wire: int, door: int, granted: Sequence[Mount], passed: tuple[int, ...]
) -> Launch:
    uid = host_uid(spec.uid_key)
    if uid is not None:
        _check_readable(spec)
    _make_data(spec, uid)
    stage = _temporary_folder(None) if passed else None
    granted = [*_staged(granted, stage), *_trusted(spec)]
    seen = [mount for mount in granted if mount.source is not None]
    read = [*this_interpreter().read_only, *(mount.target for mount in sdk_mounts()), ENVIRONMENT]
    walls = behind_bubblewrap(
        (*read, *(mount.target for mount in seen if not mount.writable)),
        (DATA, *(mount.target for mount in seen if mount.writable)),
    )
    start = {
        "data": str(DATA),
        "tmp": _OWN_TMP,
        "trust": str(TRUST) if spec.trust else None,
        "path": [str(ENVIRONMENT)],
        "limits": _limits(spec, processes=processes_count(own_uid=uid is not None, release=os.uname().release)),
        "walls": asdict(walls),
        "environment": granted_environment(spec.grants),
        "parent": None,
    }
    argv = worker_argv(spec, tools, uid, wire, door, granted)
    if stage is not None:
        argv = _staging_argv(spec, argv, stage, passed, uid)
    return Launch(argv, start, temporary=stage)


def _staged(granted: Sequence[Mount], stage: Path | None) -> list[Mount]:
    """The same mounts from where `staging` lays their sources out."""
    return [
        mount if mount.source is None or stage is None else replace(mount, source=stage / mount.source.name)
        for mount in granted
    ]


def _staging_argv(spec: WorkerSpec, argv: list[str], stage: Path, passed: Sequence[int], uid: int | None) -> list[str]:
    packages = [mount.source for mount in sdk_mounts() if mount.source is not None]
    paths = [granted.path for granted in spec.paths if granted.access != "denied"]
    shown: list[list[str | int]] = []
    for path, descriptor in zip(paths, passed, strict=True):
        found = os.fstat(descriptor)
        shown.append([str(descriptor), str(path), found.st_dev, found.st_ino, found.st_uid, found.st_gid])
    config = json.dumps({"uid": uid, "stage": str(stage), "shown": shown, "argv": argv})
    return python_command(this_interpreter(), boot(parents_of(packages), _STAGING), config)


def _plain(spec: WorkerSpec, wire: int, door: int, granted: Sequence[Mount], passed: tuple[int, ...]) -> Launch:
    """Tier B, and without walls: a process like any other, at the host's own paths."""
    walled = spec.tier != "none"
    uid = host_uid(spec.uid_key) if walled else None
    if uid is not None:
        _check_reachable(spec)
    _make_data(spec, uid if walled or os.geteuid() else os.geteuid())
    temporary = _temporary_folder(uid)
    packages = [mount.source for mount in sdk_mounts() if mount.source is not None]
    interpreter = this_interpreter()
    rules = [mount for mount in granted if _is_rule(mount, granted)]
    read: list[PurePath] = [*interpreter.read_only, *packages, spec.environment]
    if spec.trust is not None:
        read.append(spec.trust)
    walls = alone(
        (*read, *(mount.source for mount in rules if mount.source and not mount.writable)),
        (spec.data, temporary, *(mount.source for mount in rules if mount.source and mount.writable)),
    )
    start = {
        "data": str(spec.data),
        "tmp": str(temporary),
        "trust": str(spec.trust) if spec.trust else None,
        "path": [str(spec.environment)],
        "limits": _limits(spec, processes=uid is not None) if walled else None,
        "walls": asdict(walls) if walled else None,
        "environment": granted_environment(spec.grants),
        "parent": os.getpid(),
    }
    argv = python_command(interpreter, boot(parents_of(packages), _MODULE), str(wire), str(door))
    return Launch(argv, start, uid, temporary, passed)


def _trusted(spec: WorkerSpec) -> list[Mount]:
    return [] if spec.trust is None else [Mount(spec.trust, TRUST, folder=False)]


def _is_rule(mount: Mount, granted: Sequence[Mount]) -> bool:
    """Whether Landlock can say it: rules only add, so a folder with a denied part in it is not opened up at all."""
    denied = (each.target for each in granted if each.source is None)
    passed = mount.source is not None and int(mount.source.name) >= _FIRST_PASSED
    return passed and not any(part.is_relative_to(mount.target) for part in denied)


def _limits(spec: WorkerSpec, *, processes: bool) -> Any:
    return limits_for(spec.rss_mb, spec.storage_mb, processes_count=processes)


def _make_data(spec: WorkerSpec, uid: int | None) -> None:
    try:
        make_private(spec.data, uid)
    except OSError as error:
        raise WorkerStartFailed(
            f"{spec.skill}: its data folder {spec.data} cannot be made: {error.strerror}",
            hint="the folder has to belong to the user who runs skill",
        ) from error


def _check_readable(spec: WorkerSpec) -> None:
    """As root, the worker is another host user, who has to be able to read what it is shown."""
    for folder in (spec.environment, *(mount.source for mount in sdk_mounts() if mount.source)):
        if not readable_by_all(folder):
            raise WorkerStartFailed(
                f"{spec.skill}: {folder} is readable by root alone, and its worker is not root",
                hint=f"chmod -R a+rX {folder}",
            )


def _check_reachable(spec: WorkerSpec) -> None:
    """Without mounts, that other user needs a way to each of them from the root folder on."""
    _check_readable(spec)
    interpreter = this_interpreter()
    needed = (interpreter.executable, *(mount.source for mount in sdk_mounts() if mount.source), spec.environment)
    for path in (*needed, spec.data.parent):
        closed = closed_to_others(path)
        if closed is not None:
            raise WorkerStartFailed(
                f"{spec.skill}: {closed} is closed to all but root, and in Tier B its worker, who is not root, has to"
                f" pass through it to {path}",
                hint=f"`chmod o+x {closed}`, or run skill as an ordinary user, or make Tier A work: `skill doctor`",
            )
