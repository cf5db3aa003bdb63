"""Real git working trees, which no setting of the person reaches."""

import os
import subprocess
from pathlib import Path

import pytest


def git(folder: Path, *arguments: str) -> str:
    """What git printed; raise when it failed."""
    ran = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return ran.stdout.rstrip("\n")


def git_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let git see an author and none of this machine's settings."""
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        settings |= {f"GIT_{who}_NAME": "Ada", f"GIT_{who}_EMAIL": "ada@example.org"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def git_tree(folder: Path) -> Path:
    """A new working tree with one commit."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    (folder / "README").write_text("an index\n")
    git(folder, "add", "README")
    git(folder, "commit", "--quiet", "--message", "begin")
    return folder
