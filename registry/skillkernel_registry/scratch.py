"""Folders for work in progress under SKILL_HOME/cache/scratch, that a crash does not leave for ever."""

import fcntl
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from skillkernel.catalogue.types import Layout


@contextmanager
def scratch(layout: Layout, purpose: str) -> Generator[Path]:
    """A new folder, gone after the block; while its process lives, a lock on it says so."""
    folder, descriptor = _claimed(layout.cache / "scratch", purpose)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def sweep_scratch(layout: Layout) -> None:
    """Take away the folders of processes that are gone."""
    root = layout.cache / "scratch"
    for folder in root.iterdir() if root.is_dir() else ():
        with suppress(FileNotFoundError, NotADirectoryError, BlockingIOError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


def _claimed(root: Path, purpose: str) -> tuple[Path, int]:
    root.mkdir(parents=True, exist_ok=True)
    while True:
        folder = Path(mkdtemp(prefix=f"{purpose}-", dir=root))
        with suppress(FileNotFoundError):  # a sweep may take it before it is locked
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if folder.is_dir():
                return folder, descriptor
            os.close(descriptor)
