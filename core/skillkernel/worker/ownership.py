"""Giving a folder to another host user, whatever a skill has put into it."""

import os
from pathlib import Path


def make_private(folder: Path, uid: int | None) -> None:
    """Make `folder` (and its parents) with mode 0700 and give it to `uid`, unless it is his already; None: to nobody."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if uid is not None and folder.stat().st_uid != uid:
        give(folder, uid)


def give(folder: Path, uid: int) -> None:
    """Make `uid` (and the group of that number) the owner of `folder` and all in it; no link is ever followed."""
    for _, folders, files, descriptor in os.fwalk(folder, follow_symlinks=False):
        for name in (*folders, *files):
            os.chown(name, uid, uid, dir_fd=descriptor, follow_symlinks=False)
    os.chown(folder, uid, uid, follow_symlinks=False)


def readable_by_all(folder: Path) -> bool:
    """Whether any host user may list and read `folder` itself."""
    return folder.stat().st_mode & 0o005 == 0o005


def closed_to_others(path: Path) -> Path | None:
    """The first folder on the way to `path` that other users may not pass through; None where they can get there."""
    return next((folder for folder in reversed(path.parents) if not _passable(folder)), None)


def _passable(folder: Path) -> bool:
    return not folder.exists() or folder.stat().st_mode & 0o001 != 0


def bytes_in(folder: Path, most_entries: int) -> int | None:
    """Bytes of disk that `folder` takes; None when that cannot be said: over `most_entries`, or parts unreadable."""
    total, entries, pending = 0, 0, [os.fspath(folder)]
    try:
        while pending:
            with os.scandir(pending.pop()) as listing:
                for entry in listing:
                    entries += 1
                    if entries > most_entries:
                        return None
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
    except FileNotFoundError:  # it changed while being measured: the next measurement sees it
        return total
    except OSError:
        return None
    return total
