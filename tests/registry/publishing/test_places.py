"""What holds wherever an index is kept: in a folder, a git working tree, on a web server, in a bucket."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fakes.buckets import BUCKET, bucket_server
from fakes.git_trees import git_alone, git_tree
from fakes.put_server import put_server
from skillkernel.errors import IntegrityError, UsageError
from skillkernel_registry.index_files import IndexFiles
from skillkernel_registry.publishing.destination import open_files
from skillkernel_registry.publishing.put_files import PutFiles

Reopen = Callable[[], IndexFiles]


@pytest.fixture(params=["folder", "git", "put", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reopen]:
    """Opens the same index again, as another publisher would."""
    if request.param == "folder":
        yield lambda: open_files(str(tmp_path / "index"))
    elif request.param == "git":
        git_alone(monkeypatch)
        tree = git_tree(tmp_path / "tree")
        yield lambda: open_files(f"git+{tree}")
    elif request.param == "put":
        with put_server() as server:
            yield lambda: open_files(f"{server.url}skills/")
    else:
        with bucket_server(monkeypatch):
            yield lambda: open_files(f"s3://{BUCKET}/some/index/")


def test_what_is_written_is_read(place: Reopen) -> None:
    place().write("metadata/timestamp.json", b"one")
    assert place().read("metadata/timestamp.json") == b"one"


def test_what_is_not_there_is_none(place: Reopen) -> None:
    assert place().read("index.json") is None


def test_a_file_is_replaced_as_a_whole(place: Reopen) -> None:
    files = place()
    files.write("index.json", b"a long first text")
    files.write("index.json", b"short")
    assert files.read("index.json") == b"short"


def test_what_is_removed_is_gone_and_may_be_removed_again(place: Reopen) -> None:
    files = place()
    files.write("skills/tiny.json", b"{}")
    files.remove("skills/tiny.json")
    files.remove("skills/tiny.json")
    assert place().read("skills/tiny.json") is None


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "a/../../b", "a?b", "a%2e"])
def test_a_path_out_of_the_index_is_refused(place: Reopen, path: str) -> None:
    with pytest.raises(IntegrityError, match="out of the index"):
        place().write(path, b"")
    with pytest.raises(IntegrityError, match="out of the index"):
        place().read(path)


def test_the_files_of_a_folder_are_listed_where_the_place_can(place: Reopen) -> None:
    files = place()
    for path in ("skills/b.json", "skills/a.json", "index.json"):
        files.write(path, b"")
    if isinstance(files, PutFiles):
        with pytest.raises(UsageError, match="does not say which files"):
            list(files.paths("skills/"))
    else:
        assert sorted(files.paths("skills/")) == ["skills/a.json", "skills/b.json"]


def test_a_place_is_named_for_people(place: Reopen) -> None:
    assert place().place("skills/a.json").endswith("/skills/a.json")


@pytest.mark.parametrize(
    ("destination", "says"),
    [
        ("ftp://example.org/", "cannot be read"),
        ("http://example.org/", "not protected"),
        ("https://ada:pass1@example.org/", "user name or password"),
        ("https://example.org/?token=pass1", "query"),
        ("s3://", "cannot be read"),
        ("s3://key:pass1@bucket/", "holds a key"),
        ("s3://bucket/a?b=c", "cannot be read"),
        ("git+https://example.org/", "not a git working tree"),
        ("git+s3://bucket/", "not a git working tree"),
    ],
)
def test_what_is_no_destination_is_refused_without_showing_a_secret(destination: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        open_files(destination)
    assert "pass1" not in caught.value.message + caught.value.hint


def test_push_without_git_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a git working tree"):
        open_files(str(tmp_path), push=True)
