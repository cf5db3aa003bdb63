"""An index on a web server that takes PUT."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.put_server import PutServer, put_server
from skillkernel.errors import UsageError
from skillkernel_registry.errors import IndexBusy, IndexUnreachable
from skillkernel_registry.publishing.put_files import TOKEN, PutFiles
from skillkernel_registry.publishing.remote_files import LEASE

TIMESTAMP = "metadata/timestamp.json"


@pytest.fixture(autouse=True)
def no_login(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No token and no ~/.netrc."""
    monkeypatch.delenv(TOKEN, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NETRC", raising=False)


@pytest.fixture
def server() -> Iterator[PutServer]:
    """A server that keeps whatever is put there."""
    with put_server() as state:
        yield state


def opened(server: PutServer) -> PutFiles:
    """The index there, without waiting between tries."""
    return PutFiles(server.url, pause=lambda seconds: None)


def test_the_second_of_two_publishers_overwrites_nothing(server: PutServer) -> None:
    first, second = opened(server), opened(server)
    first.write(TIMESTAMP, b"1")
    for files in (first, second):
        assert files.read(TIMESTAMP) == b"1"
    first.write(TIMESTAMP, b"2 by the first")
    with pytest.raises(IndexBusy, match="somebody else wrote metadata/timestamp"):
        second.write(TIMESTAMP, b"2 by the second")
    assert server.files[f"/{TIMESTAMP}"].data == b"2 by the first"


def test_two_publishers_do_not_begin_the_same_index(server: PutServer) -> None:
    first, second = opened(server), opened(server)
    assert (first.read("index.json"), second.read("index.json")) == (None, None)
    first.write("index.json", b"first")
    with pytest.raises(IndexBusy):
        second.write("index.json", b"second")


def test_numbered_metadata_is_not_overwritten_though_it_was_never_read(server: PutServer) -> None:
    opened(server).write("metadata/7.snapshot.json", b"first")
    with pytest.raises(IndexBusy):
        opened(server).write("metadata/7.snapshot.json", b"second")


def test_the_same_bytes_may_be_written_twice(server: PutServer) -> None:
    for _ in range(2):
        opened(server).write("metadata/7.snapshot.json", b"same")


def test_numbered_metadata_that_somebody_left_behind_is_replaced(server: PutServer) -> None:
    opened(server).write("metadata/7.snapshot.json", b"left")
    server.files["/metadata/7.snapshot.json"].at = time.time() - LEASE - 10
    opened(server).write("metadata/7.snapshot.json", b"new")
    assert server.files["/metadata/7.snapshot.json"].data == b"new"


@pytest.mark.parametrize("tags", ["weak", "none"])
def test_without_a_tag_for_the_bytes_what_somebody_else_wrote_is_noticed(tags: str) -> None:
    with put_server(tags=tags) as server:
        first, second = opened(server), opened(server)
        first.write(TIMESTAMP, b"1")
        assert second.read(TIMESTAMP) == b"1"
        first.write(TIMESTAMP, b"2")
        with pytest.raises(IndexBusy):
            second.write(TIMESTAMP, b"3")


def test_a_passing_failure_is_tried_again(server: PutServer) -> None:
    server.failures = [503, 429]
    opened(server).write("index.json", b"x")
    assert server.methods() == ["PUT"] * 3


def test_a_write_whose_answer_was_lost_is_settled_by_what_is_there(server: PutServer) -> None:
    files = opened(server)
    files.write(TIMESTAMP, b"1")
    server.failures = [0, -1]
    files.write(TIMESTAMP, b"2")
    assert server.files[f"/{TIMESTAMP}"].data == b"2"
    files.write(TIMESTAMP, b"3")


def test_a_failure_that_does_not_pass_names_the_place_and_the_answer(server: PutServer) -> None:
    server.failures = [500] * 10
    with pytest.raises(IndexUnreachable, match=r"/index\.json cannot be written: the server answered 500"):
        opened(server).write("index.json", b"x")
    assert len(server.requests) == 4


def test_a_server_that_is_not_there_is_named() -> None:
    with put_server() as server:
        url = server.url
    with pytest.raises(IndexUnreachable, match=f"{url}index.json cannot be reached"):
        PutFiles(url, pause=lambda seconds: None).read("index.json")


def test_the_token_is_sent_and_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "a-secret-token")
    with put_server(token="a-secret-token") as server:  # noqa: S106 # nobody's token
        opened(server).write("index.json", b"x")
        assert server.requests[-1] == ("PUT", "/index.json", "Bearer a-secret-token")
        monkeypatch.setenv(TOKEN, "a-wrong-token")
        with pytest.raises(IndexUnreachable, match="401") as caught:
            opened(server).write("index.json", b"x")
    assert "a-wrong-token" not in repr(caught.value) + caught.value.hint
    assert TOKEN in caught.value.hint


def test_a_login_may_stand_in_netrc(server: PutServer, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ada password word\n")
    (tmp_path / ".netrc").chmod(0o600)
    opened(server).write("index.json", b"x")
    assert server.requests[-1][2].startswith("Basic ")


def test_the_token_does_not_follow_a_redirect(server: PutServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "a-secret-token")
    with put_server(redirect=server.url) as away:
        with pytest.raises(IndexUnreachable, match="302"):
            opened(away).write("index.json", b"x")
        with pytest.raises(IndexUnreachable, match="302"):
            opened(away).read("index.json")
    assert server.requests == []


def test_folders_are_made_where_the_server_wants_them_first() -> None:
    with put_server(dav=True) as server:
        opened(server).write("simple/skill-tiny/index.html", b"x")
        assert "/simple/skill-tiny/index.html" in server.files
        assert "/simple/skill-tiny/" in server.folders


def test_files_come_with_their_type_and_how_long_they_may_be_kept(server: PutServer) -> None:
    files = opened(server)
    files.write("simple/skill-tiny/index.json", b"{}")
    files.write("metadata/7.snapshot.json", b"{}")
    simple, snapshot = (
        server.files[f"/{path}"].headers for path in ("simple/skill-tiny/index.json", "metadata/7.snapshot.json")
    )
    assert (simple["Content-Type"], simple["Cache-Control"]) == ("application/vnd.pypi.simple.v1+json", "no-cache")
    assert (snapshot["Content-Type"], snapshot["Cache-Control"]) == (
        "application/json",
        "public, max-age=31536000, immutable",
    )


def test_files_cannot_be_listed(server: PutServer) -> None:
    with pytest.raises(UsageError, match="does not say which files"):
        list(opened(server).paths("skills/"))
