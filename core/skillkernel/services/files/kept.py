"""What a session's skills replace of the person's files, kept until the session has ended well.

Threat: a skill, or a mistake, that overwrites or deletes what the person cannot get back. Before the first call that may
write, every file of the granted folders is copied (shared blocks where the file system can); after the session only what
changed since is left, and that goes too when the session ended well.
"""

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from skillkernel.errors import PermissionRefused
from skillkernel.permissions.granted_path import GrantedPath

MOST_BYTES = 500_000_000
MOST_FILES = 20_000
_FICLONE = 0x40049409


@dataclass(frozen=True, slots=True)
class _State:
    """What tells a file that was written from one that was not; a program can set back none of it together."""

    inode: int
    changed_ns: int
    size: int


@dataclass(slots=True)
class KeptFiles:
    """The copies of one session, under `folder`, each at its own absolute path there."""

    folder: Path
    _states: dict[Path, _State] = field(default_factory=dict[Path, _State])
    _folders: set[Path] = field(default_factory=set[Path])

    def keep_granted(self, paths: tuple[GrantedPath, ...]) -> None:
        """Keep what lies in the folders that may be written; raise `PermissionRefused` when that is too much."""
        denied = {grant.path for grant in paths if grant.access == "denied"}
        for folder in self._not_yet(paths):
            self._keep_folder(folder, denied)
            self._folders.add(folder)

    def has_all(self, paths: tuple[GrantedPath, ...]) -> bool:
        """Whether what lies in these folders is kept already."""
        return not self._not_yet(paths)

    def keep(self, path: Path) -> None:
        """Keep one file, once; raise `PermissionRefused` when it is too large."""
        if path in self._states:
            return
        try:
            status = path.lstat()
        except FileNotFoundError:
            return
        if stat.S_ISREG(status.st_mode):
            if status.st_size > MOST_BYTES:
                raise _too_much(path)
            self._copy(path, status)

    def changed(self) -> tuple[Path, ...]:
        """The files that are no longer what they were."""
        return tuple(path for path, state in self._states.items() if _state(path) != state)

    def end(self, *, well: bool) -> tuple[Path, ...]:
        """Drop the copies of what is unchanged, and all of them when the session ended well; return what is left."""
        changed = () if well else self.changed()
        if not changed:
            shutil.rmtree(self.folder, ignore_errors=True)
            return ()
        for path in set(self._states) - set(changed):
            self._place(path).unlink(missing_ok=True)
        return tuple(map(self._place, changed))

    def _not_yet(self, paths: tuple[GrantedPath, ...]) -> list[Path]:
        written = (grant.path for grant in paths if grant.access == "write" and grant.folder)
        return [folder for folder in written if folder not in self._folders]

    def _keep_folder(self, folder: Path, denied: set[Path]) -> None:
        size = 0
        for path, status in _regular_files(folder, denied):
            size += status.st_size
            if size > MOST_BYTES or len(self._states) >= MOST_FILES:
                raise _too_much(folder)
            if path not in self._states:
                self._copy(path, status)

    def _copy(self, path: Path, status: os.stat_result) -> None:
        place = self._place(path)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._states[path] = _State(status.st_ino, status.st_ctime_ns, status.st_size)
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with path.open("rb") as source, os.fdopen(descriptor, "wb") as copy:
            try:
                fcntl.ioctl(copy, _FICLONE, source.fileno())
            except OSError as error:
                if error.errno not in (errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY):
                    raise
                shutil.copyfileobj(source, copy)

    def _place(self, path: Path) -> Path:
        return self.folder / path.relative_to("/")


def _too_much(place: Path) -> PermissionRefused:
    limit = f"{MOST_BYTES // 10**6} MB or {MOST_FILES} files"
    return PermissionRefused(
        f"{place} holds more than {limit}: what a skill replaces there could not be kept",
        hint="grant a smaller folder, or set keep_replaced = false under [files] in config.toml",
    )


def _state(path: Path) -> _State | None:
    try:
        status = path.lstat()
    except OSError:
        return None
    return _State(status.st_ino, status.st_ctime_ns, status.st_size)


def _regular_files(folder: Path, denied: set[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    """The files below `folder` with their status; links are not followed, what cannot be read is left out."""
    pending = [folder]
    while pending:
        try:
            entries = list(os.scandir(pending.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if Path(entry.path) not in denied:
                    pending.append(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                yield Path(entry.path), entry.stat(follow_symlinks=False)
