"""Changing config.toml for its person: what they wrote stays, and a crash leaves the old file or the new one.

The file is the person's: comments and layout stay, and it is for its owner's eyes alone.
"""

import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path


def rewrite_config(config: Path, change: Callable[[str], str]) -> str:
    """Put what `change` makes of the file's text in its place, while nobody else changes it; return the new text.

    An absent file is an empty text. Raises `OSError` or `ValueError` when it cannot be read or written.
    """
    target = config.resolve()  # a link into a folder of dotfiles stays one
    with _alone(config.parent):
        before = target.read_text(encoding="utf-8") if target.exists() else ""
        after = change(before)
        if after != before:
            _replace(target, after)
    return after


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Nobody else changes it meanwhile; the lock is the folder itself, so that no file is left behind."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(target: Path, text: str) -> None:
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
