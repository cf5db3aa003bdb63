"""Everything that one program's sandbox has: itself, what it loads at its start, and what its skill has.

Threat: a file too many, or one that is not what was checked. The skill's data and granted files are held open from here
to the start, so that their numbers stay theirs.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from skillkernel.errors import SandboxMissing, ToolError
from skillkernel.permissions.environment import granted_environment
from skillkernel.worker.bubblewrap import DATA, TRUST
from skillkernel.worker.program_file import ProgramFile, shown_at
from skillkernel.worker.program_libraries import CACHE, libraries_of
from skillkernel.worker.program_run import ServeNetwork, Walled
from skillkernel.worker.program_sandbox import Shown
from skillkernel.worker.program_start import PORT
from skillkernel.worker.real_path import open_real
from skillkernel.worker.remedies import INSTALL_BUBBLEWRAP
from skillkernel.worker.seam import WorkerSpec
from skillkernel.worker.walls import find_tools, host_uid

_MOST_KNOWN = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """One run: the arguments behind the program's name, the working folder (empty: the data folder), the network."""

    arguments: Sequence[str]
    folder: str = ""
    serve_network: ServeNetwork | None = None


@dataclass(slots=True)
class ProgramWalls:
    """Builds the walls of programs; remembers which libraries a version of a program loads."""

    _libraries: dict[tuple[int, ...], tuple[str, ...]] = field(default_factory=dict[tuple[int, ...], tuple[str, ...]])

    async def around(
        self, program: ProgramFile, asked: Asked, spec: WorkerSpec, writable: Sequence[Path], stack: ExitStack
    ) -> Walled:
        """The program in its walls, what is held for it on `stack`.

        `writable` are places that skills may write. Raises `NoProgram`, `ToolError`, `SandboxMissing`.
        """
        if spec.tier == "B":
            raise SandboxMissing(
                f"{spec.skill} runs in Tier B, where programs cannot be run: they need bubblewrap's walls",
                hint="make Tier A work, `skill doctor` says how: " + INSTALL_BUBBLEWRAP,
            )
        bwrap, uid = find_tools().bwrap, host_uid(spec.uid_key)
        libraries = [shown_at(path, writable, uid) for path in await self._loaded(program, bwrap, uid)]
        place = DATA if spec.tier == "A" else PurePosixPath(spec.data)
        granted = list(_granted(spec, stack))
        return Walled(
            name=program.found.name,
            bwrap=bwrap,
            command=(str(program.found), *asked.arguments),
            shown=(*granted, program.shown, *libraries, *_cache(), *_trust(spec), _data(spec, place, stack)),
            uid=uid,
            links=tuple(_link(program, granted)),
            folder=_folder(asked.folder, place, spec),
            environment=_environment(program, place, spec, network=asked.serve_network is not None),
            serve_network=asked.serve_network,
            rss_mb=spec.rss_mb,
            storage_mb=spec.storage_mb,
        )

    async def _loaded(self, program: ProgramFile, bwrap: Path, uid: int | None) -> tuple[str, ...]:
        """The loader and the libraries, by the paths at which the program looks for them."""
        known = self._libraries.get(program.stamp)
        if known is None or not all(map(os.path.exists, known)):
            if len(self._libraries) >= _MOST_KNOWN:
                self._libraries.clear()
            own = (program.loader,) if program.loader else ()
            known = self._libraries[program.stamp] = (*own, *await libraries_of(program, bwrap, uid))
        return known


def _granted(spec: WorkerSpec, stack: ExitStack) -> Iterable[Shown]:
    """What the skill was granted, as its worker has it: a single file is there to be read."""
    for granted in spec.paths:
        at = PurePosixPath(granted.at)
        if granted.access == "denied":
            yield Shown(None, at, folder=granted.folder)
        else:
            yield _held(granted.path, at, stack, writable=granted.access == "write" and granted.folder)


def _data(spec: WorkerSpec, place: PurePosixPath, stack: ExitStack) -> Shown:
    return _held(Path(os.path.realpath(spec.data)), place, stack, writable=True)


def _held(path: Path, target: PurePosixPath, stack: ExitStack, *, writable: bool) -> Shown:
    try:
        descriptor = open_real(path)
    except OSError as error:
        raise ToolError(f"the granted {path} cannot be opened: {error.strerror}") from error
    stack.callback(os.close, descriptor)
    found = os.fstat(descriptor)
    folder = os.path.isdir(f"/proc/self/fd/{descriptor}")  # noqa: PTH112 # a magic link
    return Shown(path, target, found.st_dev, found.st_ino, writable=writable, folder=folder)


def _cache() -> Iterable[Shown]:
    if os.path.exists(CACHE):  # noqa: PTH110 # a text
        yield shown_at(CACHE, (), None, runs=False)


def _trust(spec: WorkerSpec) -> Iterable[Shown]:
    if spec.trust is not None:
        state = spec.trust.stat()
        yield Shown(Path(os.path.realpath(spec.trust)), TRUST, state.st_dev, state.st_ino)


def _link(program: ProgramFile, granted: Iterable[Shown]) -> Iterable[tuple[str, str]]:
    """A program that was found as a link is started as one: what it is may hang on its name."""
    there = any(PurePosixPath(program.found).is_relative_to(each.target) for each in granted if each.folder)
    if program.found != program.real and not there:
        yield str(program.found), str(program.real)


def _folder(asked: str, place: PurePosixPath, spec: WorkerSpec) -> PurePosixPath:
    if not asked:
        return place
    folder = PurePosixPath(asked)
    own = (place, PurePosixPath("/tmp"), *(PurePosixPath(each.at) for each in spec.paths if each.folder))  # noqa: S108
    if "\0" in asked or ".." in folder.parts or not any(folder.is_relative_to(each) for each in own):
        raise ToolError(
            f"{asked!r} is no working folder for a program", hint="use the skill's data folder or a granted one"
        )
    return folder


def _environment(program: ProgramFile, place: PurePosixPath, spec: WorkerSpec, *, network: bool) -> Mapping[str, str]:
    own = {"PATH": str(program.found.parent), "HOME": str(place), "LANG": "C.UTF-8"}
    if network:
        proxy = f"http://127.0.0.1:{PORT}"
        own |= dict.fromkeys(("HTTPS_PROXY", "https_proxy", "http_proxy"), proxy)
    if spec.trust is not None:
        own |= dict.fromkeys(("SSL_CERT_FILE", "CURL_CA_BUNDLE"), str(TRUST))
    return own | granted_environment(spec.grants)
