"""Secrets in files of SKILL_HOME/secrets, one an owner, mode 0600 in a folder of mode 0700.

Threat: another user of the machine. A folder or file that is open to others, belongs to somebody else or is a link is
refused and not mended: whoever could get at it may have read it, or put it there. A change replaces the whole file.
"""

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from skillkernel.errors import SecretStoreUnusable

_OTHERS = 0o077
_MOST_BYTES = 4_000_000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_decode = msgspec.json.Decoder(dict[str, str]).decode


class FileStore:
    """A `SecretStore` in a folder, which is made when the first secret is set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, owner: str, names: Collection[str]) -> dict[str, str]:
        """Those of `names` that are set."""
        try:
            with self._opened() as folder:
                found = self._load(folder, owner)
        except FileNotFoundError:
            return {}
        return {name: value for name, value in found.items() if name in names}

    def set(self, owner: str, name: str, value: str) -> str:
        """Keep a value; raise `SecretStoreUnusable` too when it cannot be written."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(self.folder, f"cannot be made: {error.strerror}") from None
        self._change(owner, lambda found: found.update({name: value}))
        return f"the file {self._path(owner)}"

    def remove(self, owner: str, name: str) -> bool:
        """Forget one."""
        removed: list[str] = []

        def take(found: dict[str, str]) -> None:
            if name in found:
                removed.append(name)
                del found[name]

        try:
            self._change(owner, take)
        except FileNotFoundError:
            return False
        return bool(removed)

    def purge(self, owner: str) -> bool:
        """Forget all of an owner's."""
        try:
            with self._opened() as folder:
                os.unlink(_file_name(owner), dir_fd=folder)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _unusable(self._path(owner), f"cannot be deleted: {error.strerror}") from None
        return True

    def _path(self, owner: str) -> Path:
        return self.folder / _file_name(owner)

    @contextmanager
    def _opened(self) -> Generator[int]:
        """The folder's descriptor, locked, so that of two changes at once none is lost."""
        try:
            descriptor = os.open(self.folder, _FOLDER)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise _unusable(self.folder, _why(error)) from None
        try:
            _refuse_open(self.folder, os.fstat(descriptor))
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)

    def _load(self, folder: int, owner: str) -> dict[str, str]:
        path = self._path(owner)
        try:
            descriptor = os.open(_file_name(owner), _READ, dir_fd=folder)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise _unusable(path, _why(error)) from None
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise _unusable(path, "is not a regular file")
            _refuse_open(path, found)
            content = file.read(_MOST_BYTES + 1)
        try:
            return _decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise _unusable(path, "does not hold what skill wrote into it") from None

    def _change(self, owner: str, change: Callable[[dict[str, str]], None]) -> None:
        with self._opened() as folder:
            found = self._load(folder, owner)
            before = dict(found)
            change(found)
            if found != before:
                try:
                    self._replace(folder, owner, found)
                except OSError as error:
                    raise _unusable(self._path(owner), f"cannot be written: {error.strerror}") from None

    def _replace(self, folder: int, owner: str, found: dict[str, str]) -> None:
        new = f"{_file_name(owner)}.{secrets.token_hex(6)}"
        descriptor = os.open(new, _NEW, 0o600, dir_fd=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(found))
                file.flush()
                os.fsync(descriptor)
            os.replace(new, _file_name(owner), src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            os.unlink(new, dir_fd=folder)
            raise
        os.fsync(folder)


def _file_name(owner: str) -> str:
    return f"{owner}.json"


def _refuse_open(path: Path, found: os.stat_result) -> None:
    if found.st_uid != os.geteuid():
        raise _unusable(path, f"belongs to another user (uid {found.st_uid})")
    if found.st_mode & _OTHERS:
        private = "700" if stat.S_ISDIR(found.st_mode) else "600"
        raise SecretStoreUnusable(
            f"{path} is open to others (mode {stat.S_IMODE(found.st_mode):o}), so the secrets in it may be known",
            hint=f"chmod {private} {path}, then change those secrets where they are used and set them again",
        )


def _why(error: OSError) -> str:
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return "is a link or no folder, and not followed"
    return f"cannot be opened: {error.strerror}"


def _unusable(path: Path, problem: str) -> SecretStoreUnusable:
    return SecretStoreUnusable(
        f"{path} {problem}", hint="look who put it there, move it away, and set the secrets again"
    )
