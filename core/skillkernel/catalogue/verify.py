"""Whether the files of an installed skill are those that were installed.

A worker starts only after `verify_tree`: the store's tree.json is the one that the generation names, and the
environment holds exactly the files that it lists. Bytecode counts too: an unchecked .pyc runs without a look at its
source.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from skillkernel.catalogue.types import Installed, Layout
from skillkernel.errors import IntegrityError, SkillBroken
from skillkernel.names import Sha256

TREE_VERSION = 1
LOCAL = "local"
"""The index of a skill that came from a person's own folder or wheel."""


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """tree.json: the SHA-256 of every file of an environment by its path, `/` between the parts."""

    tree_version: int = TREE_VERSION
    files: dict[str, str]

    def encode(self) -> bytes:
        """The bytes of tree.json, the same for the same files."""
        return msgspec.json.encode(self, order="sorted")


def measure_tree(environment: Path) -> Tree:
    """Hash every file under `environment`; raise `IntegrityError` for anything that is neither file nor folder."""
    start = len(str(environment)) + 1
    files = {_as_text(entry.path[start:]): _hash_file(entry.path) for entry in _files(str(environment))}
    return Tree(files=dict(sorted(files.items())))


def digest(data: bytes) -> Sha256:
    """The SHA-256 of `data` in lower-case hexadecimal."""
    return Sha256(hashlib.sha256(data).hexdigest())


def verify_tree(layout: Layout, installed: Installed, *, quick: bool = True) -> None:
    """Return when the skill's files are those that were installed.

    With `quick`, files whose size, times and inode are those of the last full look are not read again. Raises
    `SkillBroken` when they are gone, `IntegrityError` when any of them was changed, added or taken away.
    """
    environment = layout.environment(installed.store)
    named = _tree_named_by(layout, installed)
    try:
        stamp = _stamp(installed, str(environment))
        remembered = layout.cache / "stamps" / installed.store
        if quick and _read(remembered) == stamp:
            return
        _compare(installed, named, measure_tree(environment))
    except FileNotFoundError as error:
        raise _gone(installed, Path(error.filename)) from error
    _remember(remembered, stamp)


def verify_store(layout: Layout, installed: Installed) -> None:
    """The part of `verify_tree` that reads one file: the environment is there, and its list is the one installed."""
    _tree_named_by(layout, installed)
    environment = layout.environment(installed.store)
    if not environment.is_dir():
        raise _gone(installed, environment)


def _tree_named_by(layout: Layout, installed: Installed) -> bytes:
    path = layout.tree(installed.store)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _gone(installed, path) from error
    if digest(data) != installed.tree:
        raise _changed(installed, f"{path} is not the list that was installed")
    return data


def differences(layout: Layout, installed: Installed) -> dict[str, str]:
    """Every file that is not as it was installed, and what happened to it: changed, added or gone; empty when none is.

    Reads every file. Raises `SkillBroken` when the environment or its list is not there, `IntegrityError` when the list
    is not the one that was installed, or when something is neither file nor folder.
    """
    named = _tree_named_by(layout, installed)
    try:
        return _differences(named, measure_tree(layout.environment(installed.store)))
    except FileNotFoundError as error:
        raise _gone(installed, Path(error.filename)) from error


def _differences(named: bytes, found: Tree) -> dict[str, str]:
    if found.encode() == named:
        return {}
    files = msgspec.json.decode(named, type=Tree).files
    return {
        path: "added" if path not in files else "gone" if path not in found.files else "changed"
        for path in sorted({path for path, _ in files.items() ^ found.files.items()})
    }


def _compare(installed: Installed, named: bytes, found: Tree) -> None:
    differing = _differences(named, found)
    if not differing:
        return
    first, how = next(iter(differing.items()))
    what = "is gone" if how == "gone" else f"was {how}"
    count = len(differing) - 1
    raise _changed(installed, f"its file {first} {what}" + (f", and {count} more" if count else ""))


def _changed(installed: Installed, problem: str) -> IntegrityError:
    return IntegrityError(
        f"{installed.name} {installed.version} is not as it was installed: {problem}",
        hint=f"`skill uninstall {installed.name}`, then install it again; its data stays",
    )


def _gone(installed: Installed, path: Path) -> SkillBroken:
    return SkillBroken(
        f"{installed.name} {installed.version} is broken: {path} is missing",
        hint=_back(installed),
    )


def _back(installed: Installed) -> str:
    if installed.index == LOCAL:
        return "install it again from the folder or wheel that it came from; its data stays"
    return f"`skill install {installed.name}` puts it back"


def _files(folder: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield entry
            else:
                raise IntegrityError(f"{entry.path} is a link or a device, which no skill may hold")


def _stamp(installed: Installed, environment: str) -> bytes:
    """One digest over what the file system says of every file; ctime cannot be set back by whoever edits a file."""
    rows: list[str] = []
    for entry in _files(environment):
        status = entry.stat(follow_symlinks=False)
        rows.append(f"{entry.path}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ctime_ns}\0{status.st_ino}")
    rows.sort()
    return digest("\n".join((installed.tree, *rows)).encode("utf-8", "surrogateescape")).encode()


def _as_text(path: str) -> str:
    """A path that JSON can hold; no file of a skill has one that changes here."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _hash_file(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _remember(path: Path, stamp: bytes) -> None:
    """Keep the stamp for the next quick look; without it that look is only slower."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        temporary.write_bytes(stamp)
        temporary.replace(path)
    except OSError:
        return
