"""An index in a git working tree."""

from pathlib import Path

import pytest

from fakes.git_trees import git, git_alone, git_tree
from skillkernel.errors import UsageError
from skillkernel_registry.errors import IndexUnreachable
from skillkernel_registry.keeper.founding import refuse_keys_inside
from skillkernel_registry.publishing.destination import open_files


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working tree with one commit."""
    git_alone(monkeypatch)
    return git_tree(tmp_path / "tree")


def test_a_publication_is_one_commit_of_what_it_wrote(tree: Path) -> None:
    (tree / "index").mkdir()
    files = open_files(f"git+{tree / 'index'}")
    files.write("index.json", b"{}")
    files.write("skills/tiny.json", b"{}")
    files.commit("publish tiny 1.0")
    assert git(tree, "log", "--format=%s") == "publish tiny 1.0\nbegin"
    assert git(tree, "show", "--name-only", "--format=").splitlines() == ["index/index.json", "index/skills/tiny.json"]
    assert git(tree, "status", "--porcelain") == ""


def test_what_else_is_changed_or_staged_stays_as_it_is(tree: Path) -> None:
    (tree / "README").write_text("changed\n")
    (tree / "staged").write_text("by hand\n")
    git(tree, "add", "staged")
    files = open_files(str(tree), git=True)
    files.write("index.json", b"{}")
    files.commit("publish")
    assert git(tree, "show", "--name-only", "--format=") == "index.json"
    assert git(tree, "status", "--porcelain").splitlines() == [" M README", "A  staged"]


def test_a_file_is_removed_in_the_commit(tree: Path) -> None:
    for message in ("add", "remove"):
        files = open_files(f"git+{tree}")
        if message == "add":
            files.write("index.json", b"{}")
        else:
            files.remove("index.json")
        files.commit(message)
    assert git(tree, "show", "--name-status", "--format=") == "D\tindex.json"


def test_nothing_new_makes_no_commit(tree: Path) -> None:
    for _ in range(2):
        files = open_files(f"git+{tree}")
        files.write("index.json", b"{}")
        files.commit("publish")
    assert git(tree, "log", "--format=%s") == "publish\nbegin"


@pytest.mark.parametrize("new", [False, True])
def test_a_file_with_changes_that_nobody_committed_is_not_overwritten(tree: Path, new: bool) -> None:
    if not new:
        files = open_files(f"git+{tree}")
        files.write("skills/tiny.json", b"{}")
        files.commit("publish")
    (tree / "skills").mkdir(exist_ok=True)
    (tree / "skills/tiny.json").write_text("by hand")
    with pytest.raises(UsageError, match=r"skills/tiny\.json has changes that are not committed"):
        open_files(f"git+{tree}").write("skills/tiny.json", b"{}")
    assert (tree / "skills/tiny.json").read_text() == "by hand"


def test_a_name_that_git_would_take_for_a_pattern_is_a_name(tree: Path) -> None:
    files = open_files(f"git+{tree}")
    files.write("wheels/a[1]*.whl", b"")
    files.commit("publish")
    assert git(tree, "show", "--name-only", "--format=") == "wheels/a[1]*.whl"


def test_a_commit_is_pushed_when_it_is_asked_for(tree: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", "origin.git")
    git(tree, "remote", "add", "origin", str(tmp_path / "origin.git"))
    git(tree, "push", "--quiet", "--set-upstream", "origin", "main")
    files = open_files(f"git+{tree}", push=True)
    files.write("index.json", b"{}")
    files.commit("publish")
    assert git(tmp_path / "origin.git", "log", "--format=%s", "main") == "publish\nbegin"


def test_a_push_that_fails_leaves_the_commit_and_says_so(tree: Path) -> None:
    files = open_files(f"git+{tree}", push=True)
    files.write("index.json", b"{}")
    with pytest.raises(IndexUnreachable, match="the commit is there, and git cannot push it") as caught:
        files.commit("publish")
    assert "publish again" in caught.value.hint
    assert git(tree, "log", "-1", "--format=%s") == "publish"


def test_what_git_says_is_passed_on(tree: Path) -> None:
    hook = tree / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'error: not on a Friday' >&2\nexit 1\n")
    hook.chmod(0o755)
    files = open_files(f"git+{tree}")
    files.write("index.json", b"{}")
    with pytest.raises(UsageError, match="not on a Friday"):
        files.commit("publish")


def test_a_folder_without_git_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(UsageError, match="not in a git working tree"):
        open_files(f"git+{tmp_path / 'plain'}")


def test_keys_inside_an_index_in_git_are_refused(tree: Path) -> None:
    files = open_files(f"git+{tree}")
    refuse_keys_inside(files, [tree.parent / "keys"])
    with pytest.raises(UsageError, match="is inside the index"):
        refuse_keys_inside(files, [tree / "keys"])
