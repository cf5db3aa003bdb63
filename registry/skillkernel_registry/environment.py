"""A skill's own environment: its dependencies by uv from the lock, its files, bytecode, and nothing that acts by itself.

No code of the skill or of a dependency runs here: wheels alone, with hashes, without resolving. Files are copied, not
linked, so that nobody who edits one elsewhere changes this one.
"""

import base64
import csv
import os
import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import anyio
from anyio import to_thread

from skillkernel.catalogue.verify import Tree
from skillkernel.errors import IntegrityError, Missing
from skillkernel.package_indexes import UV_WORKING_FOLDER, uv_environment, uv_executable, uv_index_arguments
from skillkernel_registry import compile_job
from skillkernel_registry.lock import Lock

_NOT_KEPT = (".pth", ".pyc", ".egg-link")
_OURS = (".pyc", ".dist-info/RECORD", ".dist-info/RECORD.jws", ".dist-info/RECORD.p7s")
_OUTPUT_SHOWN = 400


async def add_dependencies(lock: Lock, environment: Path, *, offline: bool = False, links: Sequence[str] = ()) -> None:
    """Put the locked packages into the folder `environment`, from uv's cache if they are there or if `offline`.

    `links` are further places of wheels: folders, or addresses of pages. Raises `IntegrityError` when a package is not what the lock says, `Missing` when it cannot be had.
    """
    if not lock.here():
        return
    requirements = environment.with_name("requirements.txt")
    await anyio.Path(requirements).write_text(lock.text(), encoding="utf-8")
    arguments = ["pip", "install", "--quiet", "--target", str(environment), "--python", sys.executable]
    arguments += ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--link-mode", "copy", "--no-progress"]
    arguments += ["-r", str(requirements)]
    try:
        status, output = await run_uv([*arguments, "--offline"], links)
        if status != 0 and not offline:
            status, output = await run_uv([*arguments, *uv_index_arguments()], links)
        if status != 0:
            raise _failed(output)
    finally:
        await anyio.Path(requirements).unlink(missing_ok=True)
    await to_thread.run_sync(_strip, environment)


async def run_uv(arguments: list[str], links: Sequence[str] = ()) -> tuple[int, str]:
    """Run uv with this machine's index settings and these links; its exit status and what it printed on stderr."""
    variables = uv_environment()
    if links:
        variables["UV_FIND_LINKS"] = ",".join((*filter(None, [variables.get("UV_FIND_LINKS", "")]), *links))
    completed = await anyio.run_process(
        [uv_executable(), *arguments], check=False, env=variables, cwd=UV_WORKING_FOLDER
    )
    return completed.returncode, completed.stderr.decode("utf-8", "replace")


async def add_bytecode(environment: Path, cache: Path) -> None:
    """Compile every source of `environment`; what does not compile, or crashes the compiler, stays source."""
    cache = cache / (sys.implementation.cache_tag or "none")
    if await to_thread.run_sync(compile_job.reuse, environment, cache):
        return
    shares = min(os.cpu_count() or 1, 4)
    async with anyio.create_task_group() as tasks:
        for share in range(shares):
            tasks.start_soon(_compile_share, environment, cache, share, shares)


async def _compile_share(environment: Path, cache: Path, share: int, shares: int) -> None:
    program = [sys.executable, "-I", "-S", compile_job.__file__, str(environment), str(cache), f"{share}/{shares}"]
    await anyio.run_process(program, check=False, env={})


def settle_modes(environment: Path) -> None:
    """Let every user read it: as root, a worker runs as a user of its own."""
    environment.chmod(0o755)
    for folder, folders, files in os.walk(environment):
        for names, mode in ((folders, 0o755), (files, 0o644)):
            for path in (Path(folder, name) for name in names):
                if stat.S_IMODE(path.lstat().st_mode) != mode and not path.is_symlink():
                    path.chmod(mode)


def check_records(environment: Path, tree: Tree) -> None:
    """Compare every file with the RECORDs of the packages; raise `IntegrityError` for one that none of them promises.

    uv does not hash again what it unpacked before, and its cache may share files with other environments.
    """
    promised: dict[str, set[str]] = {}
    for record in environment.glob("*.dist-info/RECORD"):
        for path, hashed in _promises(record):
            promised.setdefault(path, set()).add(hashed)
    for path, hashed in tree.files.items():
        if not path.endswith(_OURS) and not promised.get(path, set()) & {hashed, ""}:
            raise IntegrityError(
                f"{path} is not what the package that brings it says in its RECORD",
                hint="if uv's cache was changed, `uv cache clean` mends it; else the package is damaged",
            )


def _promises(record: Path) -> Iterator[tuple[str, str]]:
    """Each path of a RECORD with its SHA-256, empty where the RECORD has none."""
    try:
        with record.open(encoding="utf-8", newline="") as file:
            for path, hashed, _ in csv.reader(file):
                encoded = hashed.removeprefix("sha256=") if hashed.startswith("sha256=") else ""
                yield path, base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).hex()
    except (ValueError, csv.Error) as error:
        raise IntegrityError(f"{record.parent.name}/RECORD of a dependency cannot be read: {error}") from error


def _strip(environment: Path) -> None:
    """Take out what would act without being imported, and bytecode that came without a look at its source."""
    for folder in (*environment.glob("*.data"), *environment.rglob("__pycache__"), environment / "bin"):
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
    for file in environment.rglob("*"):
        if file.suffix in _NOT_KEPT and not file.is_dir():
            file.unlink()
    (environment / ".lock").unlink(missing_ok=True)


def _failed(output: str) -> IntegrityError | Missing:
    said = " ".join(output.replace("error:", " ").split())
    if "Hash mismatch" in said:
        return IntegrityError(
            f"a dependency is not what the skill's lock says: {said[:_OUTPUT_SHOWN]}",
            hint="the package was changed after the skill was built; do not install it",
        )
    return Missing(
        f"the skill's dependencies cannot be had: {said[:_OUTPUT_SHOWN]}",
        hint="look at the network and at pip's index settings, which are used here",
    )
