"""The libraries that a program loads when it starts, as its own loader lists them, inside walls.

Threat: a program whose file makes the loader do more than list (`ldd` on the host has run such files). The loader runs
with the folders of the system's libraries and nothing of the person's, and what it prints is a list of paths that are
looked at again, each by itself. What a program loads later by its own decision (dlopen) is not found here.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from skillkernel.errors import ToolError
from skillkernel.worker.program_file import ProgramFile
from skillkernel.worker.program_run import Walled, run_walled
from skillkernel.worker.program_sandbox import Shown

_FOLDERS = ("/usr", "/opt", "/nix/store", "/gnu/store", "/lib", "/lib64")
_SECONDS, _MOST_OUTPUT = 20.0, 1_000_000
_LINE = re.compile(r"\s*(?:(?P<name>\S+) => )?(?P<path>/\S+) \(0x[0-9a-f]+\)")
_MISSING = re.compile(r"\s*(?P<name>\S+) => not found")
CACHE = "/etc/ld.so.cache"


def listed(text: str, loader: str) -> tuple[str, ...]:
    """The paths in what `loader --list` printed, without the loader; raise `ToolError` for a library that is missing."""
    paths: list[str] = []
    for line in text.splitlines():
        missing, found = _MISSING.fullmatch(line), _LINE.fullmatch(line)
        if missing:
            raise ToolError(f"the program needs the library {missing['name']}, which this machine does not have")
        if found and found["path"] != loader:
            paths.append(os.path.normpath(found["path"]))
    return tuple(dict.fromkeys(paths))


async def libraries_of(program: ProgramFile, bwrap: Path, uid: int | None) -> tuple[str, ...]:
    """The paths at which this program's loader finds its libraries; none for a static program."""
    if not program.loader:
        return ()
    walled = Walled(
        f"the loader of {program.real.name}",
        bwrap,
        (program.loader, "--list", str(program.real)),
        tuple(_surroundings(program)),
        uid,
        links=tuple(_links()),
        folder=PurePosixPath("/"),
    )
    ended = await run_walled(walled, seconds=_SECONDS, most_output=_MOST_OUTPUT)
    if ended.returncode:
        said = ended.stderr.decode(errors="replace").strip().splitlines()
        raise ToolError(f"{program.real} cannot be loaded: {said[-1][:300] if said else 'its loader gives no reason'}")
    return listed(ended.stdout.decode(errors="replace"), program.loader)


def _surroundings(program: ProgramFile) -> Iterable[Shown]:
    folders = [Path(name) for name in _FOLDERS if not Path(name).is_symlink()]
    beside = [program.real.parent.parent / name for name in ("lib", "lib64")]
    real = [path for path in (*folders, *beside) if path.is_dir() and path.resolve() == path]
    chosen = [
        path for path in dict.fromkeys(real) if not any(path != other and path.is_relative_to(other) for other in real)
    ]
    for path in chosen:
        yield _shown(path, str(path), folder=True)
    if not any(program.real.is_relative_to(path) for path in chosen):
        yield program.shown
    if Path(CACHE).exists():
        yield _shown(Path(os.path.realpath(CACHE)), CACHE, folder=False)


def _shown(path: Path, target: str, *, folder: bool) -> Shown:
    state = path.stat()
    return Shown(path, PurePosixPath(target), state.st_dev, state.st_ino, folder=folder, runs=folder)


def _links() -> Iterable[tuple[str, str]]:
    """Where distributions have /lib as a link to /usr/lib."""
    return [(name, os.readlink(name)) for name in ("/lib", "/lib64") if Path(name).is_symlink()]  # noqa: PTH115 # a text
