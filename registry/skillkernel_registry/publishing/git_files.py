"""An index in a git working tree: each publication is one commit.

Only what was written goes into the commit; whatever else is changed or staged in the tree stays as it is.
"""

import os
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from skillkernel.errors import Missing, UsageError
from skillkernel_registry.errors import IndexUnreachable
from skillkernel_registry.index_files import IndexFiles

_SECONDS = 300


class GitFiles(IndexFiles):
    """The `files` of a folder that is (in) a git working tree; `push` sends each commit to where its branch comes from.

    Raises `UsageError` for a folder that no git tree holds, and on a write to a file with changes that nobody
    committed.
    """

    def __init__(self, files: IndexFiles, folder: Path, *, push: bool = False) -> None:
        self._files = files
        self._folder = folder
        self._push = push
        self._written: set[str] = set()
        if _git(folder, "rev-parse", "--is-inside-work-tree", check=False).stdout.strip() != "true":
            raise UsageError(f"{folder} is not in a git working tree", hint=f"git init {folder}")
        self._dirty = self._changed()

    def place(self, path: str) -> str:
        return self._files.place(path)

    def read(self, path: str) -> bytes | None:
        return self._files.read(path)

    def write(self, path: str, data: bytes) -> None:
        self._claim(path)
        self._files.write(path, data)

    def remove(self, path: str) -> None:
        self._claim(path)
        self._files.remove(path)

    def paths(self, under: str) -> Iterator[str]:
        return self._files.paths(under)

    @contextmanager
    def exclusive(self) -> Generator[None]:
        with self._files.exclusive():
            self._dirty = self._changed()
            yield

    def commit(self, message: str) -> None:
        """Commit what was written, if it differs; raise `UsageError` with what git said when it refuses."""
        if self._written:
            listed = "\0".join(sorted(self._written))
            named = ("--pathspec-from-file=-", "--pathspec-file-nul")
            _git(self._folder, "add", "--all", *named, given=listed)
            staged = _git(self._folder, "diff", "--cached", "--name-only", "--relative", "-z").stdout.split("\0")
            ours = sorted(self._written & set(staged))
            if ours:
                _git(self._folder, "commit", "--quiet", "--message", message, *named, given="\0".join(ours))
            self._written.clear()
        if self._push:
            _push(self._folder)

    def _claim(self, path: str) -> None:
        if path in self._dirty or any(path.startswith(folder) for folder in self._dirty if folder.endswith("/")):
            raise UsageError(
                f"{self.place(path)} has changes that are not committed",
                hint="commit them, or `git checkout` and `git clean` what an interrupted publication left",
            )
        self._written.add(path)

    def _changed(self) -> set[str]:
        """Paths in the folder that differ from the last commit; a folder that is new as a whole ends in `/`."""
        prefix = _git(self._folder, "rev-parse", "--show-prefix").stdout.rstrip("\n")
        status = _git(self._folder, "status", "--porcelain", "-z", "--no-renames", "--", ".").stdout
        return {line[3:].removeprefix(prefix) for line in status.split("\0") if line}


def _push(folder: Path) -> None:
    ran = _git(folder, "push", "--quiet", check=False)
    if ran.returncode != 0:
        raise IndexUnreachable(
            f"{folder}: the commit is there, and git cannot push it: {_said(ran)}",
            hint="push it yourself; if others published meanwhile, take theirs (git reset --hard @{upstream}) "
            "and publish again",
        )


def _git(folder: Path, *arguments: str, given: str = "", check: bool = True) -> "subprocess.CompletedProcess[str]":
    try:
        ran = subprocess.run(
            ["git", "-C", str(folder), "--literal-pathspecs", *arguments],
            input=given, capture_output=True, text=True, timeout=_SECONDS, check=False,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
        )  # fmt: skip
    except FileNotFoundError as error:
        raise Missing("git is not installed", hint="install git, or publish to a plain folder") from error
    except subprocess.TimeoutExpired as error:
        raise IndexUnreachable(f"{folder}: git {arguments[0]} takes longer than {_SECONDS} s") from error
    if check and ran.returncode != 0:
        raise UsageError(f"{folder}: git {arguments[0]} says: {_said(ran)}", hint="mend it in that folder with git")
    return ran


def _said(ran: "subprocess.CompletedProcess[str]") -> str:
    lines = [line for line in (ran.stderr or ran.stdout).splitlines() if line.strip()]
    return next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[0] if lines else "nothing")
